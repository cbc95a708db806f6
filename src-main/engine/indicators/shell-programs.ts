// Names of programs, by how much they say: some are never a word of a sentence, others are words first. Used to read command lines.

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/** Nobody writes these but to run them. */
export const unmistakable = words(`
  whoami ifconfig ipconfig systeminfo uname netstat nslookup wget chmod chown mkfifo netcat ncat powershell pwsh certutil bitsadmin
  tasklist schtasks wmic rundll32 regsvr32 mshta cscript wscript lsof tcpdump traceroute tracert printenv xxd useradd usermod passwd
  chpasswd pkill killall mknod busybox getent lsb_release vssadmin nltest qwinsta tftp ssh-keygen iptables insmod crontab sendmail
`);
/** Programs of Unix and Windows whose names are words, or stand in lists of other things as well. */
export const ordinary = words(`
  id ls dir cat tac head tail more less nl sort uniq od strings base64 echo printf touch rm cp mv mkdir rmdir ln ps pwd env set w who
  last date time sleep ping ping6 curl nc sh bash zsh dash ksh csh tcsh fish python python2 python3 perl ruby php node lua awk gawk
  sed grep egrep find xargs tee tar zip unzip gzip kill host dig ssh scp sftp ftp telnet mail hostname ip route arp mount df du free
  top history export eval exec source test type copy move del erase ren net netsh sc reg start cmd ver vol tree find findstr attrib
  timeout hexdump rev paste cut tr wc shutdown reboot halt init service systemctl su sudo docker kubectl nohup socat gcc cc make java
  javac expr let read at batch cd gdb strace vi vim nano ed openssl nmap awk2 rpm apt apt-get yum dpkg mysql psql sqlite3 redis-cli
`);
/** Told with a program's name that is a word, these make the line one: what attackers look at or leave behind. */
export const tools = words(`
  git npm npx yarn pnpm pip pip3 cargo go brew dnf apk pacman conda poetry terraform ansible ansible-playbook helm vagrant composer bundle rake gem
  mvn gradle cmake ctest ninja dotnet nuget tsc eslint prettier jest pytest tox journalctl loginctl timedatectl ufw htop tmux screen
  rsync jq yq aws az gcloud gh code man alias unset umask pushd popd true false wait trap chsh adduser groupadd localectl mysqldump
  pg_dump ffmpeg convert identify rustc clang javap kubectx k9s minikube nginx apachectl certbot
`);

/** The program that a word names: without its folder, quotes that a shell takes out, and `.exe`. */
export function programOf(word: string): string {
  let name = /^(?:[a-z]:[\\/]|\\\\|%\w+%)/i.test(word) ? word.replace(/^.*[\\/]/, '') : unquoted(word);
  if (/^[~.]{0,2}\//.test(name)) name = name.replace(/^.*\//, '');
  return name.replace(/\.(?:exe|com|bat|cmd)$/i, '').toLowerCase();
}

/** What a shell makes of `w'h'o\am^i`, `who$@ami`, `who``ami`. */
export function unquoted(word: string): string {
  if (!/['"\\^`$]/.test(word)) return word;
  return word
    .replace(/''|""|``|\$[@*]|\$\{[@*x]\}|\$\d/g, '')
    .replace(/(['"])([\w/.-]*)\1/g, '$2')
    .replace(/[\\^](?=[a-z])/gi, '');
}

export function isProgram(name: string): boolean {
  return unmistakable.has(name) || ordinary.has(name);
}

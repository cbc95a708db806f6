// Commands that programs run by options or code of their own: `awk 'BEGIN{system("…")}'`, `vim -c '!…'`, `tar --checkpoint-action=exec=…`.
// Each becomes a line for a shell, which shell-line.ts reads like any other. What a program does with files is not looked at.

/** Code of interpreters is looked at for calls with texts in them; what it puts together is not seen. */
const longestCode = 16_384;
const mostLines = 32;

type Words = readonly string[];
/** The lines that a program runs, of its arguments. */
type Escape = (words: Words) => string[];

const quoted = String.raw`"(?:[^"\\]|\\.){0,2000}"|'(?:[^'\\]|\\.){0,2000}'`;

/** Calls that run what they are given, with their texts. Names that mean something harmless in a language are not among its own. */
function callsOf(names: string): RegExp {
  return new RegExp(
    String.raw`(?<![\w.$])(?:${names})\s*\(?\s*\[?\s*((?:${quoted})(?:[\s,[\]]{1,8}(?:${quoted})){0,63})`,
    'g',
  );
}

const python = callsOf(
  String.raw`(?:os\.|__import__\(.os.\)\.)?(?:system|popen[234]?)|os\.(?:exec[lv]p?e?|posix_spawnp?|spawn[lv]p?e?\(os\.P_\w+,)|(?:subprocess\.)?(?:Popen|check_call|check_output|getoutput|getstatusoutput)|subprocess\.(?:run|call)|pty\.spawn`,
);
const perl = callsOf('system|exec');
const ruby = callsOf(String.raw`(?:Kernel\.|IO\.|Open3\.)?(?:system|exec|spawn|popen\w*|capture\w*)`);
const php = callsOf('system|exec|shell_exec|passthru|popen|proc_open|pcntl_exec');
const node = callsOf(String.raw`(?:[\w$]+\.|require\([^)]{1,40}\)\.)?(?:exec|spawn|execFile)(?:Sync)?`);
const lua = callsOf(String.raw`os\.execute|io\.popen`);
const awk = callsOf('system');
const ticks =
  /`([^`]{1,2000})`|(?:\bqx|%x)\s*(?:\(([^)]{1,2000})\)|\{([^}]{1,2000})\}|\/([^/]{1,2000})\/|!([^!]{1,2000})!)/g;
const texts = new RegExp(quoted, 'g');

function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/g, '$1');
}

/** One text is a line; several are the words of a command. */
function lineOf(literals: Words): string {
  const [first = '', second, ...rest] = literals;
  if (second === undefined) return first;
  // execl("/bin/sh", "sh", "-c", …) names the program twice.
  const words = /(?:^|\/)([^/]+)$/.exec(first)?.[1] === second ? [first, ...rest] : literals;
  return words.map(asWord).join(' ');
}

function asWord(word: string): string {
  return /^[\w@%+=:,./~*?-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function called(text: string, calls: RegExp): string[] {
  return [...text.slice(0, longestCode).matchAll(calls)].map(([, literals = '']) =>
    lineOf([...literals.matchAll(texts)].map(([one]) => unquoted(one))),
  );
}

function ticked(text: string): string[] {
  return [...text.slice(0, longestCode).matchAll(ticks)].map(
    (match) => match.slice(1).find((part) => part !== undefined) ?? '',
  );
}

/** The words after options that match, or what is attached to them. */
function valuesOf(words: Words, option: RegExp): string[] {
  return words.flatMap((word, at) => {
    const found = option.exec(word);
    if (found === null) return [];
    const attached = found.slice(1).find((part) => part !== undefined && part !== '');
    const value = attached ?? words[at + 1];
    return value === undefined ? [] : [value];
  });
}

function code(option: RegExp, calls: RegExp, hasTicks: boolean): Escape {
  return (words) =>
    valuesOf(words, option).flatMap((text) => [...called(text, calls), ...(hasTicks ? ticked(text) : [])]);
}

/** `exec` is a method of regular expressions too. */
function ofNode(words: Words): string[] {
  return valuesOf(words, /^(?:-[a-z]*[ep]|--eval|--print|eval)$/).flatMap((text) =>
    text.includes('child_process') ? called(text, node) : [],
  );
}

function options(option: RegExp): Escape {
  return (words) => valuesOf(words, option);
}

/** `system("…")`, `print | "…"`, `"…" | getline` in the program of awk, which is its first operand. */
function ofAwk(words: Words): string[] {
  const operand = words.findIndex((word, at) => !word.startsWith('-') && !/^-[fvF]$/.test(words[at - 1] ?? ''));
  const programs = [...valuesOf(words, /^(?:-e|--source(?:=(.*))?)$/s), ...(operand < 0 ? [] : [words[operand] ?? ''])];
  return programs.flatMap((program) => {
    const text = program.slice(0, longestCode);
    const piped = new RegExp(String.raw`\|&?\s*(${quoted})|(${quoted})\s*\|&?\s*getline`, 'g');
    const lines = [...text.matchAll(piped)].map(([, to, from]) => unquoted(to ?? from ?? ''));
    return [...called(text, awk), ...lines];
  });
}

/** `!sh`, `:!sh`, `:shell`, `:py3 import os; os.system("sh")` */
function ofEditor(command: string): string[] {
  return command.split(/(?<!\\)\|/, 8).flatMap((part) => {
    const text = part.replace(/^[\s:%\d,$.]*(?:silent!? )?/, '');
    if (/^(?:r|read|w|write)? ?!/.test(text)) return [text.slice(text.indexOf('!') + 1)];
    if (/^(?:sh|shell|te|term|terminal)$/.test(text)) return ['sh'];
    return [...called(text, python), ...called(text, lua)];
  });
}

const editors: Escape = (words) =>
  [...valuesOf(words, /^(?:-c|--cmd)$/), ...words.flatMap((word) => /^\+(.+)$/s.exec(word)?.[1] ?? [])].flatMap(
    ofEditor,
  );

/** `1e id`, `s/x/id/e` of GNU sed. */
function ofSed(words: Words): string[] {
  const scripts = [
    ...valuesOf(words, /^(?:-[nEr]*e|--expression(?:=(.*))?)$/s),
    ...words.filter((word) => !word.startsWith('-')).slice(0, 1),
  ];
  return scripts.flatMap((script) => {
    const parts = script.slice(0, longestCode).split(/[;\n]/, mostLines);
    return parts.flatMap((part) => {
      const own = /^\s*(?:\d+|\$|\/[^/]{0,200}\/)?\s*e\s+(.+)$/.exec(part)?.[1];
      const replaced =
        /^\s*(?:\d+|\$)?\s*s([/|#,])(?:\\.|(?!\1)[^\\]){0,500}\1((?:\\.|(?!\1)[^\\]){1,500})\1[gpI\d]*e[gpI\d]*$/.exec(
          part,
        )?.[2];
      return [own, replaced?.replace(/\\(.)/g, '$1')].filter((line) => line !== undefined);
    });
  });
}

const database: Escape = (words) =>
  words.flatMap((word) => /(?:^|\s)(?:\\!|\.shell|\.system)\s*(\S.*)$/.exec(word)?.[1] ?? []);

const gitSettings =
  /^(?:core\.(?:pager|editor|sshcommand|fsmonitor|gitproxy)|sequence\.editor|diff\.external|credential\.helper|gpg\.program|pager\.\w+)=(.*)$/is;

function ofGit(words: Words): string[] {
  const set = valuesOf(words, /^-c$/).flatMap((value) => {
    const own = /^alias\.[^=]+=!(.*)$/s.exec(value)?.[1];
    return own ?? gitSettings.exec(value)?.[1]?.replace(/^!/, '') ?? [];
  });
  const at = words.findIndex((word) => word === 'foreach' || word === 'run');
  const rest =
    at > 0 && /^(?:submodule|bisect)$/.test(words[at - 1] ?? '')
      ? [
          words
            .slice(at + 1)
            .filter((word) => word !== '--recursive')
            .join(' '),
        ]
      : [];
  return [
    ...set,
    ...rest,
    ...valuesOf(
      words,
      /^(?:-x|--exec(?:=(.*))?|--(?:tree|index|msg|env)-filter(?:=(.*))?|--open-files-in-pager=(.*))$/s,
    ),
  ];
}

function ofSsh(words: Words): string[] {
  return valuesOf(words, /^-o(.*)$/s).flatMap(
    (value) => /^(?:Proxy|Local|KnownHosts)Command[= ](.*)$/is.exec(value)?.[1] ?? [],
  );
}

function ofDebugger(words: Words): string[] {
  return valuesOf(words, /^(?:-ex|-iex|--eval-command(?:=(.*))?)$/s).flatMap((text) => {
    const line = /^\s*(?:!|shell\s+|make\s+)(.*)$/s.exec(text)?.[1];
    return line === undefined ? called(text, python) : [line];
  });
}

const programs: readonly (readonly [name: RegExp, escape: Escape])[] = [
  [/^[gmn]?awk$/, ofAwk],
  [/^python[\d.]*$/, code(/^-[a-zA-Z]*c$/, python, false)],
  [/^perl[\d.]*$/, code(/^-[a-zA-Z\d]*[eE]$/, perl, true)],
  [/^ruby[\d.]*$/, code(/^-[a-z]*e$/, ruby, true)],
  [/^(?:node|nodejs|bun|deno)$/, ofNode],
  [/^php[\d.]*$/, code(/^-r$/, php, true)],
  [/^lua[\d.]*(?:jit)?$/, code(/^-e$/, lua, false)],
  [/^(?:vi|vim|nvim|view|gvim|rvim|rview|vimdiff|vim\.\w+|ex)$/, editors],
  [
    /^[gb]?tar$/,
    options(
      /^(?:--checkpoint-action=exec=(.*)|--(?:use-compress-program|to-command|info-script|new-volume-script|rsh-command)(?:=(.*))?|-I|-F)$/s,
    ),
  ],
  [/^zip$/, options(/^(?:-TT|--unzip-command(?:=(.*))?)$/s)],
  [/^rsync$/, options(/^(?:-[a-zA-Z]*e|--rsh(?:=(.*))?)$/s)],
  [/^man$/, options(/^(?:-P|--pager(?:=(.*))?)$/s)],
  [/^(?:ssh|scp|sftp)$/, ofSsh],
  [/^[g]?sed$/, ofSed],
  [/^git$/, ofGit],
  [/^gdb$/, ofDebugger],
  [/^(?:mysql|mariadb|psql|sqlite3)$/, database],
  [
    /^(?:apt|apt-get)$/,
    (words) => valuesOf(words, /^-o(.*)$/s).flatMap((value) => /Invoke(?:::)?=(.*)$/s.exec(value)?.[1] ?? []),
  ],
  [/^(?:npm|npx)$/, options(/^(?:-c|--call(?:=(.*))?)$/s)],
  [/^expect$/, (words) => valuesOf(words, /^-c$/).flatMap((text) => /\bspawn\s+([^;\n]+)/.exec(text)?.[1] ?? [])],
];

/** @param words its arguments, without its name. */
export function escapesOf(program: string, words: Words): readonly string[] {
  const found = programs.find(([name]) => name.test(program));
  return found === undefined
    ? []
    : found[1](words)
        .filter((line) => line.trim() !== '')
        .slice(0, mostLines);
}

/** Of a line as sudo logs it, with the program's path in front and its arguments joined without their quotes: code goes on to the end. */
export function escapesOfLogged(line: string): readonly string[] {
  const [, program = '', rest = ''] = /^\/(?:[^\s/]+\/)*([^\s/]+) (.*)$/s.exec(line) ?? [];
  if (/^[gmn]?awk$/.test(program)) return escapesOf(program, [rest]);
  const [, option = '', text = ''] = /(?:^| )(-[a-zA-Z\d]*[cepEr]) (.*)$/s.exec(rest) ?? [];
  return option === '' ? [] : escapesOf(program, [option, text]);
}

// Path traversal: a value is walked as the path it would become. It is an attack when it climbs out of where it may be: above the root,
// up to a file of the system, or with parent folders written so that a filter doesn't see them. Relative paths in code and prose
// climb as well, but neither that far nor in disguise, and not to such files.
import { decodings, wordCount } from './decodings.ts';

export type PathTraversal =
  | 'climbs above the root'
  | 'climbs to a system file'
  | 'hidden parent folder'
  | 'null byte'
  | 'system file'
  | 'stream wrapper';

/** More than this many words are prose or a program, which speak of paths without being one. */
const mostWords = 3;
const mostPieces = 400;
const manyClimbs = 4;
const hint =
  /\.\.|\.%|%2e|%c0|%c1|%e0%8|%u(?:00|22|ff)|%00|%25|%%|\0|[\uFF0E\uFF0F\u2024\u2215\u2216]|(?:etc|proc|windows|winnt|boot|inf|\.ssh|secrets|log)[\\/.]|(?:php|file|expect|phar|zip|glob|netdoc|jar|data|compress\.\w{2,5}):/i;

/** What a path that leaves its folder is after. */
const system =
  /(?:^|\/)(?:etc\/(?:passwd|shadow|group|gshadow|hosts|hostname|issue|motd|fstab|crontab|sudoers|environment|resolv\.conf|master\.passwd|my\.cnf|(?:ssh|apache2?|nginx|httpd|mysql|php\d?|security|cron\.\w+|ssl|postfix|ldap|samba|kubernetes)\/)|proc\/(?:self|version|cmdline|cpuinfo|mounts|sched_debug|net|\d+)(?:\/|$)|var\/(?:log|run\/secrets|lib\/mysql|spool)\/|dev\/(?:fd|stdin|random|zero)|root\/|home\/[^/]+\/\.|users\/[^/]+\/(?:\.|ntuser|desktop)|\.(?:ssh|aws|kube|docker|git|svn|gnupg)\/|\.(?:env|bash_history|htaccess|htpasswd|netrc|npmrc|pgpass|my\.cnf)$|id_(?:rsa|dsa|ecdsa|ed25519)$|(?:web|meta)-inf(?:\/|$)|(?:web|machine|app)\.config$|wp-config\.php|config(?:uration)?\.(?:php|inc)|local_settings\.py|settings\.py$|database\.yml|secrets\.yml|appsettings\.json|application\.(?:properties|ya?ml)|boot\.ini|autoexec\.bat|global\.asax?$|(?:windows|winnt)\/|win\.ini|system32\/|inetpub\/|sam$|passwd$|shadow$|kcore$)/i;
/** As a whole value, without climbing: nobody asks a program for these by name. */
const systemFile =
  /^(?:file:\/{0,3})?(?:\/{1,3}[\w.-]+\/[a-z]\$\/|[a-z]:)?\/*(?:etc\/(?:passwd|shadow|gshadow|sudoers|master\.passwd|security\/passwd|ssh\/ssh_host_\w+)|proc\/(?:self|\d+)\/(?:environ|cmdline|maps|fd\/\d+|status|mem)|root\/\.(?:ssh\/|bash_history|aws\/)[\w./]*|home\/[\w.-]+\/\.(?:ssh\/|bash_history|aws\/)[\w./]*|boot\.ini|(?:windows|winnt)\/(?:win\.ini|system\.ini|repair\/sam|system32\/(?:config\/sam|drivers\/etc\/hosts|license\.rtf))|var\/log\/(?:auth\.log|apache2?\/(?:access|error)\.log|nginx\/(?:access|error)\.log|httpd\/access_log)|var\/run\/secrets\/kubernetes\.io\/[\w./]*)$/i;
const wrapper =
  /^(?:php:\/\/(?:filter|input|fd|stdin|memory|temp)|expect:\/\/\w|phar:\/\/|zip:\/\/[^\s]*(?:#|%23)|compress\.(?:zlib|bzip2):\/\/|glob:\/\/\/|netdoc:\/|jar:file:|data:\/\/(?:text|application)\/|file:(?:\/{0,3})(?:etc|proc|root|var|home|[a-z]:)\b)/i;

/** What kind of traversal `text` (one value, a path or a query) is, if any. */
export function detectPathTraversal(text: string): PathTraversal | undefined {
  if (!hint.test(text)) return undefined;
  const variants = decodings(text);
  const plainClimbs = parents(text);
  for (const [round, variant] of variants.entries()) {
    const words = wordCount(variant, mostWords + 1);
    if (words > mostWords) continue;
    // Browsers encode a slash in a parameter, but never a dot, and nothing twice: whoever does hides it.
    const isHidden =
      round > 0 && parents(variant) > plainClimbs && (/%2e|%c0|%c1|%e0%80|%u|%25|%%/i.test(text) || round > 1);
    const found = inPieces(variant, isHidden || isWide(text, variant));
    if (found !== undefined) return found;
  }
  return undefined;
}

function parents(text: string): number {
  return text.match(/\.\.[\\/]/g)?.length ?? 0;
}

function isWide(text: string, variant: string): boolean {
  return /[\uFF0E\uFF0F\uFF3C\u2024\u2215\u2044\u2216]/.test(text) && parents(variant) > parents(text);
}

/** A query is several values; so is a list. */
function inPieces(text: string, isHidden: boolean): PathTraversal | undefined {
  const whole = text.trim();
  const found = judge(whole, true, isHidden);
  if (found !== undefined) return found;
  const isCode = /["'`()]/.test(whole);
  let left = mostPieces;
  for (const piece of whole.split(/[?&=\s"'`<>{}[\],|()]+/)) {
    if (piece.length < 4 || piece === whole) continue;
    if (left-- === 0) return undefined;
    const inner = judge(piece, !isCode, isHidden);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** @param isValue the piece is a whole value, not a part of code. */
function judge(piece: string, isValue: boolean, isHidden: boolean): PathTraversal | undefined {
  if (piece.length > 4096) return undefined;
  const evaded = piece.replaceAll('\\', '/');
  const ended = evaded.indexOf('\0');
  const path = unfiltered(evaded.replaceAll('\0', ''));
  const isDisguised = isHidden || path !== evaded.replaceAll('\0', '');
  const { climbs, lowest, rest } = walk(path);
  if (climbs > 0 && system.test(rest) && (climbs > 1 || isDisguised || lowest < 0 || systemFile.test(`/${rest}`)))
    return 'climbs to a system file';
  if (isValue && ended >= 0 && /[./]/.test(path)) return 'null byte';
  if (isValue && climbs > 0 && isDisguised) return 'hidden parent folder';
  if (isValue && wrapper.test(path)) return 'stream wrapper';
  if (isValue && systemFile.test(path)) return 'system file';
  if (isValue && climbs > 0 && lowest < 0 && isAbsolute(path) && rest !== '') return 'climbs above the root';
  return isValue && climbs >= manyClimbs && lowest <= -manyClimbs && rest !== '' ? 'climbs above the root' : undefined;
}

function isAbsolute(path: string): boolean {
  return /^(?:\/|[a-z]:\/|https?:\/\/)/i.test(path);
}

/** Undoes what survives a filter that takes `../` out once, and the path parameters that some servers cut off. */
function unfiltered(path: string): string {
  return path
    .replace(/\.\.\.\.\/\//g, '../')
    .replace(/\.\.\.\/\.\//g, '../')
    .replace(/\.\.;[^/]{0,40}\//g, '../')
    .replace(/(^|\/)\.{2}(?:\/){2,}(?=\.\.)/g, '$1../');
}

/** The path's parent steps, how far below its start it gets at the lowest, and where it ends up. */
function walk(path: string): { climbs: number; lowest: number; rest: string } {
  const from = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i.exec(path)?.[0].length ?? (/^[a-z]:/i.test(path) ? 2 : 0);
  const stack: string[] = [];
  let climbs = 0;
  let depth = 0;
  let lowest = 0;
  for (const segment of path.slice(from).split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') {
      stack.push(segment);
      depth++;
      continue;
    }
    climbs++;
    depth--;
    stack.pop();
    lowest = Math.min(lowest, depth);
  }
  return { climbs, lowest, rest: stack.join('/') };
}

// Command injection: a value is an attack when it ends the argument it was meant to be (by `;`, `|`, `&`, a line end, `$(…)`, backquotes)
// and a command line follows. A command line is a program we know with arguments that look like arguments. Sentences use the same
// marks and words, but not in that order; whole scripts begin with a command and end no value.
import { codeHint, holdsCodeExpression } from './code-expressions.ts';
import { decodings, wordCount } from './decodings.ts';
import { isProgram, programOf, tools, unmistakable } from './shell-programs.ts';

export type CommandInjection =
  | 'chained command'
  | 'command substitution'
  | 'shell function'
  | 'lookup expression'
  | 'code expression';

const hint = /[;|&\n\r`]|\$[({@]|[<>]\(|%(?:25)*(?:0[ad]|26|3b|7c|60|24)|%u|\(\)\s*\{|[\uFF04\uFF06\uFF1B\uFF5C]/i;
const shellFunction = /\(\s*\)\s*\{\s*:?\s*[^}]{0,40};?\s*\}\s*;/;
const lookup = /\$\{(?:[^{}]{0,60}\$\{[^{}]{0,60}\}){0,20}[^{}]{0,60}\}?/;
const mostPlaces = 64;
const longestCommand = 400;
const mostWords = 12;
/** So many words before the first separator are a sentence. */
const sentence = 4;

/** What kind of command injection `text` (one value) is, if any. */
export function detectCommandInjection(text: string): CommandInjection | undefined {
  if (!hint.test(text) && !codeHint.test(text)) return undefined;
  for (const [round, variant] of decodings(text).entries()) {
    const found = inText(variant, round);
    if (found !== undefined) return found;
  }
  return undefined;
}

function inText(text: string, round: number): CommandInjection | undefined {
  if (shellFunction.test(text.slice(0, 2000)) && /\(\s*\)\s*\{\s*(?::|_|ignored|foo)/.test(text))
    return 'shell function';
  if (/\(\s*\)\s*\{[^}]{0,40}\}\s*>_\[\$\(/.test(text.slice(0, 2000))) return 'shell function';
  if (isLookup(text)) return 'lookup expression';
  if (codeHint.test(text) && holdsCodeExpression(text)) return 'code expression';
  const line = /[$`{]/.test(text) ? spaced(text) : text;
  const value = valueBefore(line);
  if (value.isScript) return undefined;
  return substitutions(line, value) ?? chained(line, value, round);
}

/** Log4j's `${jndi:ldap://…}`, also with its letters looked up one by one. */
function isLookup(text: string): boolean {
  const start = text.indexOf('${');
  if (start < 0) return false;
  const piece = text.slice(start, start + 400);
  if (/\$\{\s*jndi\s*:\s*(?:\$|\w+:)/i.test(piece)) return true;
  if (!lookup.test(piece)) return false;
  // `${lower:j}`, `${::-j}`, `${env:NOTHING:-j}` each stand for their last letters.
  const flat = piece
    .replace(/\$\{[^{}$]{0,60}?:-([^{}$]{0,12})\}/g, '$1')
    .replace(/\$\{[^{}$]{0,60}?:([^{}:$]{0,12})\}/g, '$1');
  return flat !== piece && /\$\{\s*jndi\s*:/i.test(flat);
}

/** `$IFS`, `{cat,/etc/passwd}` and their like are blanks to a shell. */
function spaced(text: string): string {
  return text
    .replace(/\$\{?IFS(?:[%:][^}]{0,12})?\}?(?:\$\d)?/g, ' ')
    .replace(/(?<=\w)``(?=\w)/g, '')
    .replace(/\{([\w./-]{1,40}(?:,[\w./:*?-]{0,60}){1,6})\}/g, (_, list: string) => ` ${list.replaceAll(',', ' ')} `);
}

interface Value {
  /** Where the first separator stands. */
  readonly end: number;
  readonly words: number;
  /** Letters alone: a name as likely as a value. */
  readonly isName: boolean;
  /** The text is a command line or script itself. */
  readonly isScript: boolean;
  /** Braces, parentheses or an assignment: a program of another kind. */
  readonly isCode: boolean;
}

function valueBefore(text: string): Value {
  const found = text.search(/[;|&\n\r`]|\$\(|[<>]\(/);
  const end = found < 0 ? text.length : found;
  const head = text.slice(0, Math.min(end, 400)).trim();
  const words = wordCount(head, sentence + 1);
  return {
    end,
    words,
    isName: /^[a-z_ -]*[a-z][a-z_ -]*$/i.test(head),
    isScript: isScript(head),
    isCode: /[=]|\{.|.\}|\w\(|^[<#*]|\/\/ |:$/.test(head) && !/^[\w.&=%-]*=[\w.%+-]*$/.test(head),
  };
}

/** Begins with a prompt, `#!`, or a program with arguments (or one that is no ordinary word). */
function isScript(head: string): boolean {
  if (/^(?:#!|[$#>%] \S|PS [A-Z]:|[A-Z]:\\[^>]*>)/.test(head)) return true;
  const [first = '', second = '', third = ''] = head.replace(/^(?:sudo|env|time|exec|nohup)\s+/, '').split(/\s+/, 3);
  if (/^[A-Z_][A-Z0-9_]*=\S*$/.test(first)) return true;
  if (/^(?:while|until|for|if)\s+\S+(?:\s+in\b|$)|^if\s+\[/.test(head)) return true;
  const name = programOf(first);
  if (name === 'cd' || name === 'export' || name === 'set' || name === 'echo' || name === 'source')
    return second !== '';
  if (tools.has(name) && /^[\w./:@$"'-]+$/.test(first)) return true;
  if (!isProgram(name)) return false;
  return (
    second !== '' && (kindOf(second) !== 'word' || (third !== '' && kindOf(third) !== 'word') || unmistakable.has(name))
  );
}

/** `$(…)`, backquotes, `<(…)` with a command in them. */
function substitutions(text: string, value: Value): CommandInjection | undefined {
  let left = mostPlaces;
  const pattern = /\$\(|`|[<>]\(/g;
  for (let found = pattern.exec(text); found !== null && left > 0; found = pattern.exec(text), left--) {
    const start = found.index + found[0].length;
    const closing = found[0] === '`' ? text.indexOf('`', start) : matching(text, start);
    const inner = text.slice(start, closing < 0 ? start + longestCommand : Math.min(closing, start + longestCommand));
    const command = readCommand(inner, 0);
    if (command === undefined) continue;
    const around = wordCount(text, 12) - wordCount(inner, 12);
    // Markdown sets commands in backquotes, in the middle of sentences; so do manuals with `$(…)`.
    const isAlone = around <= (found[0] === '`' ? 1 : 2) && !value.isCode;
    const strong = command.grade === 'certain' || command.grade === 'likely';
    if (found[0] === '`' && (closing < 0 || closing === start)) continue;
    if (isAlone && (strong || (command.grade === 'bare' && around <= 1))) return 'command substitution';
    if (!isAlone && found[0] !== '`' && command.isSensitive) return 'command substitution';
    if (found[0] === '`' && closing > 0) pattern.lastIndex = closing + 1;
  }
  return undefined;
}

/** Where the bracket closes that is open at `start`. */
function matching(text: string, start: number): number {
  let depth = 1;
  const end = Math.min(text.length, start + 2000);
  for (let at = start; at < end; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')' && --depth === 0) return at;
  }
  return -1;
}

function chained(text: string, value: Value, round: number): CommandInjection | undefined {
  const pattern = /\|\|?|&&?|;|\r?\n|\r/g;
  let left = mostPlaces;
  for (let found = pattern.exec(text); found !== null && left > 0; found = pattern.exec(text), left--) {
    const start = found.index + found[0].length;
    const command = readCommand(text, start);
    if (command === undefined) continue;
    if (isAttack(text, found[0], found.index, command, value, round)) return 'chained command';
  }
  return undefined;
}

function isAttack(text: string, separator: string, at: number, command: Command, value: Value, round: number): boolean {
  const isLine = separator.includes('\n') || separator === '\r';
  // Lines are how texts are written; as a separator they only count where they were smuggled in, or stand between value and end.
  if (isLine && round === 0 && !command.isSensitive && (value.words > 1 || value.isName)) return false;
  if (value.isCode && !command.isSensitive) return false;
  const isProse = value.words >= sentence;
  switch (command.grade) {
    case 'certain':
      return !isProse || command.isSensitive || command.isLast;
    case 'likely':
      if (isProse) return command.isSensitive;
      return (
        separator !== '&' ||
        command.isSensitive ||
        /^\s/.test(text.slice(at + 1, at + 2)) ||
        !/[?=]/.test(text.slice(0, at))
      );
    case 'bare': {
      if (!command.isLast) return false;
      const before = text.slice(0, at).trim();
      if (isLine) return round > 0;
      if (separator === '&') return before === '';
      // Lists of names are divided by the same marks.
      if (text.slice(0, at).includes(separator)) return false;
      if (!value.isName || before === '') return value.words <= 3;
      const isJoined = value.words === 1 && !/\s$/.test(text.slice(0, at));
      return isJoined && separator !== '|' && command.isShort && !columns.test(before);
    }
    default:
      return false;
  }
}

/** What stands before `;id` in the head of a table. */
const columns =
  /^(?:name|names|title|type|kind|date|time|mail|email|user|users|key|value|label|first|last|group|role|status|code|count|parent|order)$/i;

interface Command {
  /** `certain`: a program's name alone says so. `likely`: its arguments do. `bare`: a word that is a program too, without any. */
  readonly grade: 'certain' | 'likely' | 'bare' | 'no';
  /** It reads or runs what only attackers do. */
  readonly isSensitive: boolean;
  /** Nothing follows it. */
  readonly isLast: boolean;
  /** Two or three letters that are no word: `id`, `ls`, `ps`. */
  readonly isShort: boolean;
}

const sensitive =
  /\/etc\/(?:passwd|shadow|hosts|group|issue)|\/dev\/(?:tcp|udp)\/|\bwin\.ini\b|\/proc\/(?:self|version)|(?:^|\s)-e\s*\/?\w*\/?(?:ba|z)?sh\b|\|\s*(?:\/bin\/)?(?:ba|z|da)?sh\b|\brm\s+-[a-z]*[rf]|\.ssh\/|id_rsa|(?:https?|ftp):\/\/\S+\s*(?:-[oO]|\||;|>)|\/bin\/(?:ba|z|da)?sh\b|\bwhoami\b|\$\(whoami|base64\s+-d/i;

/** The command line that starts at `start`, or undefined when no program does. */
function readCommand(text: string, start: number): Command | undefined {
  const piece = text.slice(start, start + longestCommand);
  const lead =
    /^(?:[\s({!]|\b(?:sudo|env|nohup|exec|time|command|then|do|start|call|[A-Z_]{1,20}=\S{0,60})\s+(?=[^\s-]))*/.exec(
      piece,
    )?.[0].length ?? 0;
  const rest = piece.slice(lead);
  const [first] = wordsOf(rest, 1).list;
  if (first === undefined || first.length > 80) return undefined;
  const name = programOf(first);
  const isGlob = /^\/(?:[\w?*]+\/)+[\w?*]*[?*][\w?*]*$/.test(first);
  if (!isProgram(name) && !isGlob) return undefined;
  const words = wordsOf(rest);
  const kinds = words.list.slice(1).map(kindOf);
  const plain = kinds.filter((kind) => kind === 'word').length;
  const evident = kinds.length - plain;
  const hasPath = /^(?:\/|\.\/|[a-z]:\\)/i.test(first) || programOf(first) !== first.toLowerCase();
  const isSensitive =
    sensitive.test(rest.slice(0, words.end + 60)) &&
    (plain === 0 || kinds.some((kind) => kind === 'path' || kind === 'option'));
  const isLast = words.isLast;
  // `Python 3`, `top 10`.
  const numbersOnly = kinds.length > 0 && kinds.every((kind) => kind === 'number');
  if (numbersOnly && !takesNumber.has(name) && !hasPath) return undefined;
  const isShort = /^(?:id|ls|ps|pwd|env|df|ver)$/.test(name);
  return { grade: gradeOf(name, { plain, evident, hasPath, isGlob, isLast }), isSensitive, isLast, isShort };
}

function gradeOf(
  name: string,
  {
    plain,
    evident,
    hasPath,
    isGlob,
    isLast,
  }: { plain: number; evident: number; hasPath: boolean; isGlob: boolean; isLast: boolean },
): Command['grade'] {
  if (isGlob) return evident > 0 ? 'likely' : 'no';
  // `who'am'i`, `/bin/id`: a name written so that only a shell reads it.
  const certain = unmistakable.has(name) || (hasPath && isProgram(name));
  if (certain) return plain <= 3 && (plain === 0 || evident > 0 || plain <= 2) ? 'certain' : 'no';
  if (evident > 0 && plain === 0) return 'likely';
  if (evident > 0 && takesWords.has(name) && plain <= 3) return 'likely';
  if (evident > 1 && plain === 1) return 'likely';
  if (plain === 0 && isLast) return 'bare';
  return plain === 0 && evident === 0 ? 'bare' : wordsAlone(name, plain, isLast);
}

/** `echo hello`, `ping attacker`, `net user`: nothing but words, at the end. */
const takesWords = new Set(
  'echo printf ping curl nc ssh grep find net netsh sc reg bash sh python python3 perl php ruby node kill docker dir type awk sed cmd telnet tar'.split(
    ' ',
  ),
);
const takesNumber = new Set('sleep timeout kill head tail shutdown ping nc'.split(' '));
const wordsAreEnough = new Set(['net', 'reg', 'netsh', 'ps']);

function wordsAlone(name: string, plain: number, isLast: boolean): Command['grade'] {
  return plain <= 2 && isLast && wordsAreEnough.has(name) ? 'likely' : 'no';
}

type Kind = 'option' | 'path' | 'number' | 'address' | 'variable' | 'quoted' | 'redirect' | 'word';

function kindOf(word: string): Kind {
  if (/^[a-z]{2,8}=\S/i.test(word)) return 'option';
  if (/^-{1,2}[a-z0-9][\w=.:,/-]*$/i.test(word) || /^\/[a-z]{1,3}(?::\S*)?$/i.test(word)) return 'option';
  if (/^(?:\d?[<>]|&>)/.test(word)) return 'redirect';
  if (/^(?:~|\.{0,2})\/|^[a-z]:\\|^\.{1,2}$|^\*|\*$|^[\w.?*-]+\/[\w./?*-]*$|\\\w+\\|\/etc\//i.test(word)) return 'path';
  if (/^\d+[smh]?$/.test(word) || /^0x[0-9a-f]+$/i.test(word)) return 'number';
  if (
    /^\d{1,3}(?:\.\d{1,3}){3}|^(?:https?|ftp|tcp|dns):\/\/|^(?:[\w-]+\.)+[a-z]{2,}(?:[:/]\S*)?$|^localhost\b/i.test(
      word,
    )
  )
    return 'address';
  if (/^\$[\w({]|^%\w+%|^\$\?/.test(word)) return 'variable';
  if (/^["'`]/.test(word)) return 'quoted';
  return 'word';
}

/** The words up to the next separator; quotes hold blanks together, a redirection is a word of its own. */
function wordsOf(text: string, most = mostWords): { list: string[]; end: number; isLast: boolean } {
  const list: string[] = [];
  const pattern =
    /\s*((?:\d?>>?(?:&\d)?|<)\s*[^\s;|&`)<>]*|(?:"[^"]{0,200}"|'[^']{0,200}'|\$\([^)]{0,100}\)|\\.|[^\s;|&`()<>"'])+)/y;
  let end = 0;
  while (list.length < most) {
    pattern.lastIndex = end;
    const found = pattern.exec(text);
    if (found === null) break;
    // A line's end ends the command.
    if (list.length > 0 && /^\s*[\r\n]|^\s+#/.test(found[0])) break;
    list.push(found[1] ?? '');
    end = pattern.lastIndex;
  }
  const rest = text.slice(end).trimStart();
  return { list, end, isLast: rest === '' || /^(?:#|[)`}"']|[;|&]+\s*["'`({]?\s*$|\r?\n\s*$|%0a|--)/.test(rest) };
}

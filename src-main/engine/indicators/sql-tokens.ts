// Cuts a piece of SQL, or of anything, into SQL tokens. Bounded: it stops after a number of tokens. What they mean together is
// sql-injection.ts.

export interface SqlToken {
  /** `open`: a string that never ends. `comment`: one that runs to the end of the text. */
  readonly kind: 'word' | 'number' | 'string' | 'open' | 'operator' | 'comment';
  /** Words in upper case; of strings the quote, of open ones all that follows too; of comments what follows their marker. */
  readonly text: string;
}

const wordStart = /[A-Za-z_@\u0080-\uFFFF]/;
const word = /[A-Za-z0-9_@$.\u0080-\uFFFF]+/y;
const number = /0x[0-9a-fA-F]+|\d+(?:\.\d+)?(?:e[+-]?\d+)?/y;
const operator = /\|\||&&|<=>|<>|<=|>=|!=|:=|[=<>!()+\-*/%,;^~|&:?[\]{}]/y;

/** The tokens from `start`, at most `limit`. Comments within are white space; MySQL's executable ones (`/*!50000`) are content. */
export function sqlTokens(text: string, start: number, limit: number): SqlToken[] {
  const tokens: SqlToken[] = [];
  let at = start;
  while (at < text.length && tokens.length < limit) {
    const char = text[at] ?? '';
    if (/\s/.test(char)) {
      at++;
    } else if (text.startsWith('--', at) || char === '#') {
      const marker = char === '#' ? 1 : 2;
      const lineEnd = text.indexOf('\n', at);
      const content = text.slice(at + marker, lineEnd < 0 ? undefined : lineEnd).trim();
      // A comment up to a line end hides only that line; what follows still counts.
      if (lineEnd < 0) tokens.push({ kind: 'comment', text: `${char}${content}` });
      at = lineEnd < 0 ? text.length : lineEnd + 1;
    } else if (text.startsWith('/*', at)) {
      const executable = /\/\*!\d{0,6}/y;
      executable.lastIndex = at;
      const found = executable.exec(text);
      const end = text.indexOf('*/', at + 2);
      if (found !== null) at += found[0].length;
      else if (end < 0) {
        tokens.push({ kind: 'comment', text: `*${text.slice(at + 2).trim()}` });
        at = text.length;
      } else at = end + 2;
    } else if (text.startsWith('*/', at)) {
      at += 2;
    } else if (char === "'" || char === '"' || char === '`') {
      const end = stringEnd(text, at + 1, char);
      tokens.push(end < 0 ? { kind: 'open', text: text.slice(at) } : { kind: 'string', text: char });
      at = end < 0 ? text.length : end + 1;
    } else {
      at = plainToken(text, at, char, tokens);
    }
  }
  return tokens;
}

function plainToken(text: string, at: number, char: string, tokens: SqlToken[]): number {
  const [kind, pattern]: ['number' | 'word' | 'operator', RegExp] = /\d/.test(char)
    ? ['number', number]
    : wordStart.test(char)
      ? ['word', word]
      : ['operator', operator];
  pattern.lastIndex = at;
  const found = pattern.exec(text)?.[0];
  // Anything else is a symbol that SQL doesn't have: it stands as an operator that fits nothing.
  tokens.push({ kind: found === undefined ? 'operator' : kind, text: (found ?? char).toUpperCase() });
  return at + (found?.length ?? 1);
}

/** The place of the closing quote; doubled and backslashed quotes do not close. -1 when it never closes. */
function stringEnd(text: string, start: number, quote: string): number {
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at++;
    else if (char === quote) {
      if (text[at + 1] !== quote) return at;
      at++;
    }
  }
  return -1;
}

export function isWord(token: SqlToken | undefined, text: string): boolean {
  return token?.kind === 'word' && token.text === text;
}

export function isOperator(token: SqlToken | undefined, text: string): boolean {
  return token?.kind === 'operator' && token.text === text;
}

/** A comment with hardly anything in it: it is there to swallow the rest of the statement. */
export function isCutOff(token: SqlToken | undefined): boolean {
  if (token?.kind !== 'comment') return false;
  const content = token.text.slice(1);
  return token.text[0] === '#' ? content === '' : content.length <= 3 && !/['">]/.test(content);
}

export const constants = new Set(['TRUE', 'FALSE', 'NULL']);

/** What makes a database wait. */
export const delays = new Set([
  'SLEEP',
  'PG_SLEEP',
  'BENCHMARK',
  'WAITFOR',
  'DBMS_PIPE.RECEIVE_MESSAGE',
  'DBMS_LOCK.SLEEP',
]);

/** Is a delaying function called, or WAITFOR DELAY stated? */
export function delaysIn(tokens: readonly SqlToken[]): boolean {
  return tokens.some(
    (token, at) =>
      token.kind === 'word' &&
      delays.has(token.text) &&
      (token.text === 'WAITFOR'
        ? isWord(tokens[at + 1], 'DELAY') || isWord(tokens[at + 1], 'TIME')
        : isOperator(tokens[at + 1], '(')),
  );
}

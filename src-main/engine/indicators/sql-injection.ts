// SQL injection, recognised by grammar: a value is an attack when its text ends the literal or number it was meant to be and goes on
// as valid SQL (a condition, a UNION, another statement, a cut-off). Prose and code hold the same words, but not in that place.
// The idea of trying each context a value can land in is libinjection's (Galbreath, Black Hat USA 2012); the grammar is our own.
import { decodings, wordCount } from './decodings.ts';
import { blindOperand, comparers, condition, isConnector, type SqlInjection } from './sql-conditions.ts';
import { statement, unionSelect } from './sql-statements.ts';
import { delays, delaysIn, isCutOff, isOperator, isWord, type SqlToken, sqlTokens } from './sql-tokens.ts';

const mostQuotes = 32;
const mostTokens = 60;
const hint = /['"`;#(\uFF02\uFF07]|--|\/\*|\|\||&&|%[0-9a-f]{2}|\b(?:or|and|union|having|order|group|xor)\b/i;

/** What kind of injection `text` (one value: a parameter, a path segment, a header) is, if any. */
export function detectSqlInjection(text: string): SqlInjection | undefined {
  if (!hint.test(text)) return undefined;
  for (const variant of decodings(text)) {
    const found = inAllContexts(variant);
    if (found !== undefined) return found;
  }
  // A query as it was sent has plus signs for blanks.
  return /^\S*\+\S*$/.test(text) ? inAllContexts(text.replaceAll('+', ' ')) : undefined;
}

function inAllContexts(value: string): SqlInjection | undefined {
  const first = sqlTokens(value, 0, mostTokens);
  // A whole statement or script is somebody's SQL, not a value that broke out of one.
  if (statement(first, 0) && !isWord(first[0], 'IF') && !isWord(first[0], 'WAITFOR')) return undefined;
  const bare = bareContext(first);
  if (bare !== undefined) return bare;
  let quotes = 0;
  for (let at = 0; at < value.length && quotes < mostQuotes; at++) {
    const char = value[at];
    if (char !== "'" && char !== '"') continue;
    quotes++;
    if (!/\s/.test(value[at - 1] ?? '') && comparesNothing.test(value.slice(at, at + 40)))
      return 'always-true condition';
    const after = continuation(sqlTokens(value, at + 1, mostTokens), 0, char);
    if (after === 'comment cut-off' && isSigned(value, at)) continue;
    if (after !== undefined) return after;
  }
  return undefined;
}

/** `'='`, `'=''or'`, `' like '%`: between the statement's own quotes it compares a text with itself. */
const comparesNothing = /^(['"])\s*(?:=|<=>|like|rlike|regexp)\s*\1?\s*(?:\1\s*or\s*\1|%|\1)?\s*$/i;

/** "I'll have 'the usual' -- Bob": a sentence, and who said it. */
function isSigned(value: string, quote: number): boolean {
  return wordCount(value.slice(0, quote), 4) >= 4 && /^['"][.!?]?\s+(?:--|#)\s*[\p{L}]/u.test(value.slice(quote));
}

/** The value stands in the statement without quotes: `1 OR 1=1`, `(SELECT …)`, `1; DROP TABLE …`. */
function bareContext(tokens: readonly SqlToken[]): SqlInjection | undefined {
  let at = 0;
  if (isOperator(tokens[at], '-') || isOperator(tokens[at], '+')) at++;
  const value = tokens[at];
  if (value === undefined) return undefined;
  const cut = isCutOff(tokens[tokens.length - 1]);
  if (delaysIn(tokens) && (isOperator(value, '(') || isWord(value, 'IF') || isWord(value, 'CASE'))) return 'time delay';
  if (value.kind === 'word' && delays.has(value.text) && cut && delaysIn(tokens)) return 'time delay';
  if (value.kind === 'number') return continuation(tokens, at + 1, undefined);
  // Nothing before it, or a single word as the value of an unquoted column: then more must point to an attack.
  const joins =
    value.kind === 'word' ? joinWords.has(value.text) : value.kind === 'operator' && joinOperators.has(value.text);
  if (!joins && value.kind !== 'word') return undefined;
  const found = continuation(tokens, joins ? at : at + 1, undefined);
  if (found === 'column probe') return joins && cut ? found : undefined;
  if (found === 'blind condition') return joins && tokens.some((token) => isWord(token, 'SELECT')) ? found : undefined;
  return found;
}

const joinWords = new Set(['OR', 'AND', 'XOR', 'UNION', 'ORDER', 'GROUP', 'HAVING']);
const joinOperators = new Set([')', ';', ',', '&&', '||']);

/** What follows the end of a value, at `start`. `quote` is the quote that ended it, if one did. */
function continuation(tokens: readonly SqlToken[], start: number, quote: string | undefined): SqlInjection | undefined {
  let at = start;
  let closed = 0;
  while (isOperator(tokens[at], ')')) {
    at++;
    closed++;
  }
  const token = tokens[at];
  if (token === undefined) return undefined;
  if (token.kind === 'comment') return quote !== undefined && isCutOff(token) ? 'comment cut-off' : undefined;
  if (isWord(token, 'UNION')) return unionSelect(tokens, at + 1) ? 'union select' : undefined;
  if (isOperator(token, ';')) {
    if (statement(tokens, at + 1)) return delaysIn(tokens) ? 'time delay' : 'stacked statement';
    return quote !== undefined && tokens[at + 1]?.kind === 'comment' && isCutOff(tokens[at + 1])
      ? 'comment cut-off'
      : undefined;
  }
  if (isConnector(token)) return condition(tokens, at + 1, quote);
  if (token.kind === 'word' && comparers.has(token.text) && quote !== undefined) return blindOperand(tokens, at + 1);
  if (token.kind === 'operator' && ['+', '-', '*', '/', '%', '^', ',', '||'].includes(token.text)) {
    const blind = blindOperand(tokens, at + 1);
    if (blind !== undefined) return blind;
    return closed > 0 && isCutOff(tokens[tokens.length - 1]) ? 'comment cut-off' : undefined;
  }
  return columnProbe(tokens, at, quote);
}

/** `ORDER BY 7--`, `GROUP BY users.id HAVING 1=1--`, `HAVING 1=1`, `INTO OUTFILE '…'`, `PROCEDURE ANALYSE(…)`. */
function columnProbe(tokens: readonly SqlToken[], at: number, quote: string | undefined): SqlInjection | undefined {
  const token = tokens[at];
  if (isWord(token, 'HAVING')) return condition(tokens, at + 1, quote) === undefined ? undefined : 'column probe';
  if (isWord(token, 'INTO') && (isWord(tokens[at + 1], 'OUTFILE') || isWord(tokens[at + 1], 'DUMPFILE')))
    return 'column probe';
  if (isWord(token, 'PROCEDURE') && isWord(tokens[at + 1], 'ANALYSE')) return 'column probe';
  if (!(isWord(token, 'ORDER') || isWord(token, 'GROUP')) || !isWord(tokens[at + 1], 'BY')) return undefined;
  const column = tokens[at + 2];
  if (column?.kind !== 'number' && column?.kind !== 'word') return undefined;
  let next = at + 3;
  while (isOperator(tokens[next], ',') && tokens[next + 1]?.kind === 'number') next += 2;
  const after = tokens[next];
  if (isWord(after, 'HAVING')) return 'column probe';
  if (after === undefined) return column.kind === 'number' ? 'column probe' : undefined;
  return isCutOff(after) ? 'column probe' : undefined;
}

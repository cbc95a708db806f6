// SQL injection, recognised by grammar: a value is an attack when its text ends the literal or number it was meant to be and goes on
// as valid SQL (a condition, a UNION, another statement, a cut-off). Prose and code hold the same words, but not in that place.
// The idea of trying each context a value can land in is libinjection's (Galbreath, Black Hat USA 2012); the grammar is our own.
import { percentDecode } from '../formats/percent.ts';
import { type SqlToken, sqlTokens } from './sql-tokens.ts';

export type SqlInjection =
  | 'always-true condition'
  | 'blind condition'
  | 'union select'
  | 'stacked statement'
  | 'time delay'
  | 'comment cut-off'
  | 'column probe';

const longestText = 16_384;
const mostQuotes = 32;
const mostTokens = 60;
const hint = /['"`;#(\uFF07]|--|\/\*|\|\||&&|%[0-9a-f]{2}|\b(?:or|and|union|having|order|group|xor)\b/i;

/** What kind of injection `text` (one value: a parameter, a path segment, a header) is, if any. */
export function detectSqlInjection(text: string): SqlInjection | undefined {
  const bounded = text.length > longestText ? text.slice(0, longestText) : text;
  if (!hint.test(bounded)) return undefined;
  const value = bounded.replaceAll('\uFF07', "'").replaceAll('\uFF02', '"');
  let decoded = value;
  let found = inAllContexts(decoded);
  // Encoded again, once or twice, so that a filter in front sees nothing.
  for (let round = 0; found === undefined && round < 2 && /%[0-9a-f]{2}/i.test(decoded); round++) {
    decoded = percentDecode(decoded, true);
    found = inAllContexts(decoded);
  }
  return found;
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
    const after = continuation(sqlTokens(value, at + 1, mostTokens), 0, char);
    if (after !== undefined) return after;
  }
  return undefined;
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
  const after = tokens[at + 3];
  if (isWord(after, 'HAVING')) return 'column probe';
  if (after === undefined) return column.kind === 'number' ? 'column probe' : undefined;
  return isCutOff(after) ? 'column probe' : undefined;
}

const connectors = new Set(['OR', 'AND', 'XOR', 'DIV', 'MOD']);
const comparers = new Set(['LIKE', 'RLIKE', 'REGEXP', 'IN', 'BETWEEN', 'IS', 'SOUNDS']);
const comparison = new Set(['=', '<', '>', '<=', '>=', '<>', '!=', '<=>']);

function isConnector(token: SqlToken): boolean {
  return token.kind === 'word' ? connectors.has(token.text) : token.text === '||' || token.text === '&&';
}

/** A condition after OR, AND …: between constants, on a function that only attacks use there, or cut off. */
function condition(tokens: readonly SqlToken[], start: number, quote: string | undefined): SqlInjection | undefined {
  const blind = blindOperand(tokens, start);
  if (blind !== undefined) return blind;
  const left = operand(tokens, start);
  if (left === undefined) return undefined;
  const cut = isCutOff(tokens[tokens.length - 1]);
  const token = tokens[left.end];
  if (token === undefined || token.kind === 'comment' || isOperator(token, ';')) {
    // `' OR 1--`, `' OR '1`: a constant alone only when the rest is cut off, or left open for the statement's own quote.
    const open = left.open !== undefined && left.open[0] === quote && /^.(?:\w|\d{2,6})$/.test(left.open);
    return left.constant && (open || cut) ? 'always-true condition' : undefined;
  }
  const compares =
    (token.kind === 'operator' && comparison.has(token.text)) ||
    (token.kind === 'word' && (comparers.has(token.text) || token.text === 'NOT'));
  if (!compares) return undefined;
  let at = left.end + 1;
  while (isWord(tokens[at], 'NOT') || (tokens[at]?.kind === 'word' && comparers.has(tokens[at]?.text ?? ''))) at++;
  const deep = blindOperand(tokens, at);
  if (deep !== undefined) return deep;
  const right = operand(tokens, at);
  if (right === undefined) return undefined;
  if (left.constant && right.constant) return 'always-true condition';
  return quote !== undefined && (cut || right.open?.[0] === quote) ? 'blind condition' : undefined;
}

/** A comment with hardly anything in it: it is there to swallow the rest of the statement. */
function isCutOff(token: SqlToken | undefined): boolean {
  if (token?.kind !== 'comment') return false;
  const content = token.text.slice(1);
  return token.text[0] === '#' ? content === '' : content.length <= 3 && !/['">]/.test(content);
}

interface Operand {
  readonly end: number;
  readonly constant: boolean;
  /** A string that stays open, with its quote. */
  readonly open: string | undefined;
}

/** A constant (with arithmetic) or a column, in any parentheses, from `start`. */
function operand(tokens: readonly SqlToken[], start: number): Operand | undefined {
  let at = start;
  while (
    isOperator(tokens[at], '(') ||
    isOperator(tokens[at], '!') ||
    isOperator(tokens[at], '-') ||
    isWord(tokens[at], 'NOT')
  )
    at++;
  const token = tokens[at];
  if (token === undefined) return undefined;
  let constant: boolean;
  if (token.kind === 'number') constant = true;
  // Backticks quote names, not values.
  else if (token.kind === 'string' || token.kind === 'open') constant = token.text[0] !== '`';
  else if (token.kind === 'word') constant = constants.has(token.text) || token.text.startsWith('@@');
  else return undefined;
  at++;
  while (isArithmetic(tokens[at]) && tokens[at + 1]?.kind === 'number') at += 2;
  while (isOperator(tokens[at], ')')) at++;
  return { end: at, constant, open: token.kind === 'open' ? token.text : undefined };
}

const constants = new Set(['TRUE', 'FALSE', 'NULL']);

function isArithmetic(token: SqlToken | undefined): boolean {
  return token?.kind === 'operator' && ['+', '-', '*', '/', '%'].includes(token.text);
}

const delays = new Set(['SLEEP', 'PG_SLEEP', 'BENCHMARK', 'WAITFOR', 'DBMS_PIPE.RECEIVE_MESSAGE', 'DBMS_LOCK.SLEEP']);
/** Functions that raise an error with data in it, reach out, or tell what the database is: as an operand after a break-out they attack. */
const attackFunctions = new Set([
  ...delays,
  ...[
    'EXTRACTVALUE',
    'UPDATEXML',
    'LOAD_FILE',
    'VERSION',
    'DATABASE',
    'CURRENT_USER',
    'SYSTEM_USER',
    'XMLTYPE',
    'GTID_SUBSET',
  ],
  ...['UTL_HTTP.REQUEST', 'UTL_INADDR.GET_HOST_ADDRESS', 'CTXSYS.DRITHSX.SN', 'JSON_KEYS', 'MAKE_SET', 'POLYGON'],
]);
/** Functions that blind injection asks for one bit with; programs call theirs the same, so more must point to SQL. */
const bitFunctions = new Set(
  'ASCII ORD SUBSTRING SUBSTR MID LENGTH LEN CHAR CHR CONVERT CAST CONCAT COUNT IF IIF EXISTS USER HEX UNHEX ROW ELT'.split(
    ' ',
  ),
);

/** A subquery, CASE WHEN, or a call of one of the functions above, from `start`. */
function blindOperand(tokens: readonly SqlToken[], start: number): SqlInjection | undefined {
  let at = start;
  while (
    isOperator(tokens[at], '(') ||
    isOperator(tokens[at], '!') ||
    isOperator(tokens[at], '-') ||
    isWord(tokens[at], 'NOT')
  )
    at++;
  const token = tokens[at];
  if (token?.kind !== 'word') return undefined;
  const calls = isOperator(tokens[at + 1], '(');
  const isCall = calls && (attackFunctions.has(token.text) || (bitFunctions.has(token.text) && pointsToSql(tokens)));
  const isQuery = at > start && token.text === 'SELECT' && selectList(tokens, at + 1);
  const isCase = token.text === 'CASE' && (isWord(tokens[at + 1], 'WHEN') || isOperator(tokens[at + 1], '('));
  if (!isCall && !isQuery && !isCase) return undefined;
  return delaysIn(tokens.slice(at)) ? 'time delay' : 'blind condition';
}

/** A cut-off at the end, a subquery, a server variable or one of the attack functions anywhere. */
function pointsToSql(tokens: readonly SqlToken[]): boolean {
  return tokens.some(
    (token, at) =>
      isCutOff(token) ||
      (token.kind === 'word' &&
        (token.text === 'SELECT' ||
          token.text.startsWith('@@') ||
          (attackFunctions.has(token.text) && isOperator(tokens[at + 1], '(')))),
  );
}

/** Is a delaying function called, or WAITFOR DELAY stated? */
function delaysIn(tokens: readonly SqlToken[]): boolean {
  return tokens.some(
    (token, at) =>
      token.kind === 'word' &&
      delays.has(token.text) &&
      (token.text === 'WAITFOR'
        ? isWord(tokens[at + 1], 'DELAY') || isWord(tokens[at + 1], 'TIME')
        : isOperator(tokens[at + 1], '(')),
  );
}

function unionSelect(tokens: readonly SqlToken[], start: number): boolean {
  let at = start;
  while (isWord(tokens[at], 'ALL') || isWord(tokens[at], 'DISTINCT') || isOperator(tokens[at], '(')) at++;
  return isWord(tokens[at], 'SELECT') && selectList(tokens, at + 1);
}

/** Does a select list start here? A plain word must be followed by what only SQL puts there. */
function selectList(tokens: readonly SqlToken[], start: number): boolean {
  let at = start;
  while (
    isOperator(tokens[at], '(') ||
    isWord(tokens[at], 'DISTINCT') ||
    isWord(tokens[at], 'ALL') ||
    isOperator(tokens[at], '-')
  )
    at++;
  if (isWord(tokens[at], 'TOP') && tokens[at + 1]?.kind === 'number') at += 2;
  const token = tokens[at];
  if (token === undefined) return false;
  if (token.kind === 'number' || token.kind === 'string' || token.kind === 'open') return true;
  if (token.kind === 'operator') return token.text === '*';
  if (token.kind !== 'word') return false;
  if (constants.has(token.text) || token.text.startsWith('@@') || token.text === 'CASE' || token.text === 'SELECT')
    return true;
  const next = tokens[at + 1];
  if (isWord(next, 'FROM')) return tokens[at + 2]?.kind === 'word' || isOperator(tokens[at + 2], '(');
  return isOperator(next, '(') || isOperator(next, '||') || (isOperator(next, ',') && lists(tokens, at + 2));
}

/** After `a,` of a select list: goes on to FROM, a constant, a call or a cut-off before anything else. */
function lists(tokens: readonly SqlToken[], start: number): boolean {
  for (let at = start; at < tokens.length; at++) {
    const token = tokens[at];
    if (
      token?.kind === 'number' ||
      token?.kind === 'comment' ||
      isWord(token, 'FROM') ||
      isWord(token, 'NULL') ||
      isOperator(token, '(')
    )
      return true;
    if (token?.kind !== 'word' || !isOperator(tokens[at + 1], ',')) return isWord(tokens[at + 1], 'FROM');
    at++;
  }
  return false;
}

const objects = new Set([
  'TABLE',
  'DATABASE',
  'SCHEMA',
  'VIEW',
  'USER',
  'INDEX',
  'FUNCTION',
  'PROCEDURE',
  'LOGIN',
  'ROLE',
  'TRIGGER',
  'SEQUENCE',
]);

/** Does a whole SQL statement start at `at`? Its second and third words decide, so that sentences which begin alike don't count. */
function statement(tokens: readonly SqlToken[], at: number): boolean {
  const [first, second, third, fourth] = [tokens[at], tokens[at + 1], tokens[at + 2], tokens[at + 3]];
  if (first?.kind !== 'word') return false;
  switch (first.text) {
    case 'SELECT':
      return selectList(tokens, at + 1);
    case 'WITH':
      return second?.kind === 'word' && isWord(third, 'AS') && isOperator(fourth, '(');
    case 'INSERT':
      return (
        isWord(second, 'INTO') &&
        third?.kind === 'word' &&
        (isOperator(fourth, '(') || isWord(fourth, 'VALUES') || isWord(fourth, 'SELECT'))
      );
    case 'UPDATE':
      return (
        second?.kind === 'word' && isWord(third, 'SET') && fourth?.kind === 'word' && isOperator(tokens[at + 4], '=')
      );
    case 'DELETE':
      return (
        isWord(second, 'FROM') &&
        third?.kind === 'word' &&
        (fourth === undefined || fourth.kind === 'comment' || isWord(fourth, 'WHERE') || isOperator(fourth, ';'))
      );
    case 'DROP':
    case 'ALTER':
    case 'CREATE':
    case 'TRUNCATE':
      return second?.kind === 'word' && objects.has(second.text) && third?.kind === 'word';
    case 'EXEC':
    case 'EXECUTE':
      return (
        isOperator(second, '(') ||
        isWord(second, 'IMMEDIATE') ||
        (second?.kind === 'word' && /^(?:XP_|SP_|MASTER)/.test(second.text))
      );
    case 'DECLARE':
    case 'SET':
      return second?.kind === 'word' && second.text.startsWith('@');
    case 'WAITFOR':
      return (
        (isWord(second, 'DELAY') || isWord(second, 'TIME')) && (third?.kind === 'string' || third?.kind === 'open')
      );
    case 'IF':
      return isOperator(second, '(') && delaysIn(tokens.slice(at));
    case 'SHUTDOWN':
      return second === undefined || second.kind === 'comment' || isWord(second, 'WITH');
    case 'COPY':
      return (
        (second?.kind === 'word' || isOperator(second, '(')) &&
        tokens.slice(at).some((token) => isWord(token, 'PROGRAM'))
      );
    default:
      return false;
  }
}

function isWord(token: SqlToken | undefined, text: string): boolean {
  return token?.kind === 'word' && token.text === text;
}

function isOperator(token: SqlToken | undefined, text: string): boolean {
  return token?.kind === 'operator' && token.text === text;
}

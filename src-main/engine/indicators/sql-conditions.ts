// Conditions after a break-out: always true, blind, or delaying. What came before them is sql-injection.ts.
import { selectList } from './sql-statements.ts';
import { constants, delays, delaysIn, isCutOff, isOperator, isWord, type SqlToken } from './sql-tokens.ts';

export type SqlInjection =
  | 'always-true condition'
  | 'blind condition'
  | 'union select'
  | 'stacked statement'
  | 'time delay'
  | 'comment cut-off'
  | 'column probe';

const connectors = new Set(['OR', 'AND', 'XOR', 'DIV', 'MOD']);
export const comparers = new Set(['LIKE', 'RLIKE', 'REGEXP', 'IN', 'BETWEEN', 'IS', 'SOUNDS']);
const comparison = new Set(['=', '<', '>', '<=', '>=', '<>', '!=', '<=>']);

export function isConnector(token: SqlToken): boolean {
  return token.kind === 'word' ? connectors.has(token.text) : token.text === '||' || token.text === '&&';
}

/** A condition after OR, AND …: between constants, on a function that only attacks use there, or cut off. */
export function condition(
  tokens: readonly SqlToken[],
  start: number,
  quote: string | undefined,
): SqlInjection | undefined {
  const blind = blindOperand(tokens, start);
  if (blind !== undefined) return blind;
  const left = operand(tokens, start);
  if (left === undefined) return undefined;
  const cut = isCutOff(tokens[tokens.length - 1]);
  const token = tokens[left.end];
  if (token === undefined || token.kind === 'comment' || isOperator(token, ';')) {
    // `' OR 1--`, `' OR '1`: a constant alone only when the rest is cut off, or left open for the statement's own quote.
    const open = left.open !== undefined && left.open[0] === quote && /^.(?:\w|\d{2,6})$/.test(left.open);
    // After a number, as a whole value: `1 or true`, `1 or not false`.
    const logical =
      quote === undefined && token === undefined && tokens[0]?.kind === 'number' && isLogical(tokens[left.end - 1]);
    return left.constant && (open || cut || logical) ? 'always-true condition' : undefined;
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
  const after = tokens[right.end];
  // A sentence that quotes an attack goes on as a sentence.
  if (after?.kind === 'word' && !clauses.has(after.text)) return undefined;
  if (left.constant && right.constant) return 'always-true condition';
  return quote !== undefined && (cut || right.open?.[0] === quote) ? 'blind condition' : undefined;
}

function isLogical(token: SqlToken | undefined): boolean {
  return isWord(token, 'TRUE') || isWord(token, 'FALSE');
}

/** What may follow a condition in SQL. */
const clauses = new Set(
  'AND OR XOR LIMIT ORDER GROUP HAVING UNION INTO FOR OFFSET FETCH PROCEDURE COLLATE ESCAPE THEN ELSE END LIKE RLIKE REGEXP DIV MOD EXCEPT INTERSECT MINUS WINDOW RETURNING'.split(
    ' ',
  ),
);

interface Operand {
  readonly end: number;
  readonly constant: boolean;
  /** A string that stays open, with its quote. */
  readonly open: string | undefined;
}

/** A constant (with arithmetic) or a column, in any parentheses, from `start`. */
function operand(tokens: readonly SqlToken[], start: number): Operand | undefined {
  let at = pastPrefixes(tokens, start);
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

/** Parentheses and signs before an operand change nothing about what it is. */
function pastPrefixes(tokens: readonly SqlToken[], start: number): number {
  let at = start;
  while (['(', '!', '-'].some((sign) => isOperator(tokens[at], sign)) || isWord(tokens[at], 'NOT')) at++;
  return at;
}

function isArithmetic(token: SqlToken | undefined): boolean {
  return token?.kind === 'operator' && ['+', '-', '*', '/', '%'].includes(token.text);
}

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
export function blindOperand(tokens: readonly SqlToken[], start: number): SqlInjection | undefined {
  const at = pastPrefixes(tokens, start);
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

// Whole SQL statements and select lists, told from sentences that begin with the same words.
import { constants, delaysIn, isOperator, isWord, type SqlToken } from './sql-tokens.ts';

export function unionSelect(tokens: readonly SqlToken[], start: number): boolean {
  let at = start;
  while (isWord(tokens[at], 'ALL') || isWord(tokens[at], 'DISTINCT') || isOperator(tokens[at], '(')) at++;
  return isWord(tokens[at], 'SELECT') && selectList(tokens, at + 1);
}

/** Does a select list start here? A plain word must be followed by what only SQL puts there. */
export function selectList(tokens: readonly SqlToken[], start: number): boolean {
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
export function statement(tokens: readonly SqlToken[], at: number): boolean {
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
    case 'BEGIN':
    case 'COMMIT':
    case 'ROLLBACK':
      return isOperator(second, ';') && third !== undefined;
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

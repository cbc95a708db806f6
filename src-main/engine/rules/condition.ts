// The condition language of Sigma: and, or, not, parentheses, `1 of`, `any of`, `all of` over names with `*`, and `them`.
import { all, any, not } from './detection.ts';
import type { Expression } from './rule.ts';
import { RuleError } from './rule-error.ts';
import { compileGlob, parsePattern } from './wildcard.ts';

const deepest = 50;
const mostTokens = 2000;
/** Searches that all `of` of a condition name together. */
const mostNamed = 20_000;

/**
 * @param searches the rule's search identifiers, parsed.
 * @throws RuleError with the token that is wrong.
 */
export function parseCondition(place: string, text: string, searches: ReadonlyMap<string, Expression>): Expression {
  const tokens = text.match(/[()]|[^\s()]+/g) ?? [];
  if (tokens.length > mostTokens) throw new RuleError(`${place}: condition has more than ${mostTokens} words`);
  let at = 0;
  let count = 0;

  function fail(expected: string): never {
    const found = tokens[at] === undefined ? 'the end' : JSON.stringify(tokens[at]);
    throw new RuleError(`${place}: condition: expected ${expected}, found ${found}`);
  }
  function word(): string | undefined {
    return tokens[at]?.toLowerCase();
  }
  function either(depth: number): Expression {
    if (depth > deepest) throw new RuleError(`${place}: condition nested deeper than ${deepest} levels`);
    const operands = [both(depth)];
    while (word() === 'or') {
      at++;
      operands.push(both(depth));
    }
    return any(operands);
  }
  function both(depth: number): Expression {
    const operands = [single(depth)];
    while (word() === 'and') {
      at++;
      operands.push(single(depth));
    }
    return all(operands);
  }
  function single(depth: number): Expression {
    if (word() === 'not') {
      at++;
      if (depth > deepest) throw new RuleError(`${place}: condition nested deeper than ${deepest} levels`);
      return not(single(depth + 1));
    }
    if (tokens[at] === '(') {
      at++;
      const inner = either(depth + 1);
      if (tokens[at] !== ')') fail('a closing parenthesis');
      at++;
      return inner;
    }
    if (tokens[at + 1]?.toLowerCase() === 'of') return quantified();
    const name = tokens[at];
    if (name === undefined || name === ')' || ['and', 'or', 'of'].includes(name.toLowerCase())) fail('a search name');
    const search = searches.get(name);
    if (search === undefined)
      throw new RuleError(`${place}: condition names ${JSON.stringify(name)}, which detection does not have`);
    at++;
    return search;
  }
  function quantified(): Expression {
    const quantity = word();
    if (quantity !== '1' && quantity !== 'any' && quantity !== 'all') {
      throw new RuleError(`${place}: condition: "${tokens[at]} of" is not supported; use 1 of, any of or all of`);
    }
    at += 2;
    const pattern = tokens[at];
    if (pattern === undefined || pattern === '(' || pattern === ')') fail('a search name, a pattern or them');
    at++;
    const chosen =
      pattern.toLowerCase() === 'them' ? named('*').filter(([name]) => !name.startsWith('_')) : named(pattern);
    if (chosen.length === 0) throw new RuleError(`${place}: condition: no search name fits ${JSON.stringify(pattern)}`);
    count += chosen.length;
    if (count > mostNamed) throw new RuleError(`${place}: condition names more than ${mostNamed} searches`);
    const expressions = chosen.map(([, expression]) => expression);
    return quantity === 'all' ? all(expressions) : any(expressions);
  }
  function named(pattern: string): [string, Expression][] {
    const shape = compileGlob(parsePattern(pattern));
    return [...searches].filter(([name]) => shape(name));
  }

  const expression = either(0);
  if (at < tokens.length) fail('and, or, or the end');
  return expression;
}

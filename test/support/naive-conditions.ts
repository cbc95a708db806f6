// Reads a rule's condition into the tree that naive-rules.ts evaluates; written apart from the engine's parser, to check it.
import type { Condition } from './naive-rules.ts';

export function parseNaiveCondition(text: string): Condition {
  const tokens = text.replace(/[()]/g, ' $& ').trim().split(/\s+/);

  function chain(kind: 'or' | 'and', next: () => Condition): Condition {
    let left = next();
    while (tokens[0]?.toLowerCase() === kind) {
      tokens.shift();
      left = { kind, left, right: next() };
    }
    return left;
  }
  const either = (): Condition => chain('or', both);
  const both = (): Condition => chain('and', single);
  function single(): Condition {
    const token = tokens.shift() ?? '';
    const word = token.toLowerCase();
    if (word === 'not') return { kind: 'not', inner: single() };
    if (token === '(') {
      const inner = either();
      if (tokens.shift() !== ')') throw new Error(`no closing parenthesis in ${text}`);
      return inner;
    }
    if ((word === '1' || word === 'any' || word === 'all') && tokens[0]?.toLowerCase() === 'of') {
      tokens.shift();
      return { kind: 'of', quantity: word, pattern: tokens.shift() ?? '' };
    }
    return { kind: 'name', name: token };
  }
  const tree = either();
  if (tokens.length > 0) throw new Error(`${tokens.join(' ')} is left of ${text}`);
  return tree;
}

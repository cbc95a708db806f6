// For a condition, the cheapest set of predicates of which at least one must be true for it to be true.
import type { Expression, Predicate } from './rule.ts';

const costs: Readonly<Partial<Record<Predicate['operator'], number>>> = {
  equals: 1,
  startswith: 8,
  endswith: 8,
  contains: 10,
  exists: 20,
  glob: 30,
  cidr: 30,
  regex: 100,
};

/** Undefined when the condition can be true although none of its predicates is, such as `not x`. */
export function cheapestTrigger(expression: Expression): readonly Predicate[] | undefined {
  return search(expression)?.predicates;
}

function search(expression: Expression): { predicates: readonly Predicate[]; cost: number } | undefined {
  switch (expression.kind) {
    case 'predicate': {
      const { predicate } = expression;
      if (predicate.operator === 'missing') return undefined;
      return { predicates: [predicate], cost: costOf(predicate) };
    }
    case 'not':
      return undefined;
    case 'and': {
      const found = expression.operands.map(search).filter((one) => one !== undefined);
      return found.reduce<(typeof found)[number] | undefined>(
        (best, one) => (best === undefined || one.cost < best.cost ? one : best),
        undefined,
      );
    }
    case 'or': {
      const found = expression.operands.map(search);
      const predicates: Predicate[] = [];
      let cost = 0;
      for (const one of found) {
        if (one === undefined) return undefined;
        predicates.push(...one.predicates);
        cost += one.cost;
      }
      return { predicates, cost };
    }
  }
}

/** Look-ups that hold for half of all events, such as `success: false`, select less than those for one type. */
function costOf(predicate: Predicate): number {
  const base = costs[predicate.operator] ?? 30;
  // A hash look-up costs the same for one value as for a thousand; searches add up.
  if (predicate.operator !== 'equals') return base;
  if (predicate.cased) return 5;
  return predicate.value === 'true' || predicate.value === 'false' ? 2 : 0.001;
}

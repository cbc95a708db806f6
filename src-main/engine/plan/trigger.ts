// For a condition, the rarest set of leaves of which at least one must be true for it to be true. How rare is an estimate; a wrong
// one costs time, never a match.
import { isEveryday } from './literal-scanner.ts';
import type { Leaf, Node } from './node.ts';
import { requiredTexts } from './required-text.ts';

export interface Trigger {
  readonly leaves: readonly number[];
  /** Estimated share of events in which it fires. */
  readonly cost: number;
}

const nothing: ReadonlyMap<number, number> = new Map();

/**
 * Undefined when the condition can be true although none of its leaves is, such as `not x`.
 * @param observed by leaf, the share of events in which it was found to be true, where that is known.
 */
export function cheapestTrigger(
  node: Node,
  leaves: readonly Leaf[],
  observed: ReadonlyMap<number, number> = nothing,
): Trigger | undefined {
  switch (node.kind) {
    case 'leaf': {
      const leaf = leaves[node.leaf];
      // An absent field is told by no predicate that fires.
      if (leaf === undefined || leaf.predicate?.operator === 'missing') return undefined;
      const seen = observed.get(node.leaf);
      const cost = seen === undefined ? costOf(leaf) : isFound(leaf) ? seen : Math.max(seen, costOf(leaf));
      return { leaves: [node.leaf], cost };
    }
    case 'not':
      return undefined;
    case 'all': {
      let best: Trigger | undefined;
      for (const one of node.nodes) {
        const found = cheapestTrigger(one, leaves, observed);
        if (found !== undefined && (best === undefined || found.cost < best.cost)) best = found;
      }
      return best;
    }
    case 'any': {
      const found: number[] = [];
      let cost = 0;
      for (const one of node.nodes) {
        const trigger = cheapestTrigger(one, leaves, observed);
        if (trigger === undefined) return undefined;
        for (const leaf of trigger.leaves) found.push(leaf);
        cost += trigger.cost;
      }
      return { leaves: found, cost };
    }
  }
}

/** Is it found by searching, or does it have to be asked of every event, however rarely it is true? */
function isFound({ texts, predicate, otherSlot }: Leaf): boolean {
  if (texts !== undefined) return ![...texts.contains, ...texts.startswith, ...texts.endswith].includes('');
  return predicate !== undefined && otherSlot < 0 && requiredTexts(predicate) !== undefined;
}

const costs = new WeakMap<Leaf, number>();

function costOf(leaf: Leaf): number {
  const known = costs.get(leaf);
  if (known !== undefined) return known;
  const cost = estimate(leaf);
  costs.set(leaf, cost);
  return cost;
}

const commonValues = new Set(['', '-', 'true', 'false', '0', '1', 'null', 'system', 'high', '0x0', 'n/a']);

function estimate({ texts, predicate, otherSlot }: Leaf): number {
  if (texts !== undefined) {
    let cost = 0;
    for (const text of texts.equals) cost += commonValues.has(text) ? 0.4 : 0.002;
    for (const text of texts.contains) cost += share(text);
    for (const text of texts.startswith) cost += share(text) / 2;
    for (const text of texts.endswith) cost += share(text) / 2;
    return cost;
  }
  if (predicate === undefined || otherSlot >= 0) return 0.9;
  if (predicate.operator === 'exists') return 1;
  const required = requiredTexts(predicate);
  // Without a literal the predicate itself must be asked of every event.
  if (required === undefined) return predicate.operator === 'regex' ? 20 : 1.5;
  return required.reduce((sum, text) => sum + share(text), predicate.operator === 'regex' ? 0.01 : 0.002);
}

function share(text: string): number {
  if (text === '') return 1;
  if (isEveryday(text)) return 0.6;
  const { length } = text;
  if (length <= 3) return [1, 0.7, 0.4, 0.2][length] ?? 1;
  return length <= 4 ? 0.08 : length <= 6 ? 0.03 : length <= 9 ? 0.012 : 0.004;
}

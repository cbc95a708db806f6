// The fields by which events are told apart before anything else is looked at: the two or three that most rules compare with fixed
// values, such as Channel and EventID. Each combination of their values gets a plan of its own, with only the rules that it leaves.
import type { JsonValue } from '../event.ts';
import { foldCase } from '../rules/fold.ts';
import { join, type Leaf, type Node, negate } from './node.ts';

export interface Selector {
  readonly slot: number;
  /** Folded texts that rules name → class. */
  readonly classes: ReadonlyMap<string, number>;
  /** Folded texts by class, from 3. */
  readonly values: readonly string[];
}

export const absent = 0;
/** A scalar that no rule names. */
export const other = 1;
/** A list or a map: nothing is known about it beforehand. */
export const unknown = 2;
const firstNamed = 3;
const mostSelectors = 3;

/** What must hold for a rule to match at all: per field the texts of which it must be one. */
export function requirements(node: Node, leaves: readonly Leaf[]): Map<number, readonly string[]> {
  if (node.kind === 'not') return new Map();
  if (node.kind === 'leaf') {
    const leaf = leaves[node.leaf];
    if (leaf?.texts === undefined) return new Map();
    const { equals, contains, startswith, endswith } = leaf.texts;
    return contains.length + startswith.length + endswith.length > 0 ? new Map() : new Map([[leaf.slot, equals]]);
  }
  const inner = node.nodes.map((one) => requirements(one, leaves));
  const found = new Map<number, readonly string[]>();
  if (node.kind === 'all') {
    for (const one of inner) for (const [slot, texts] of one) if (!found.has(slot)) found.set(slot, texts);
    return found;
  }
  // Of alternatives only what each of them requires is required.
  for (const slot of inner[0]?.keys() ?? []) {
    if (inner.every((one) => one.has(slot)))
      found.set(
        slot,
        inner.flatMap((one) => one.get(slot) ?? []),
      );
  }
  return found;
}

export function chooseSelectors(required: readonly ReadonlyMap<number, readonly string[]>[]): Selector[] {
  const counts = new Map<number, number>();
  for (const one of required) for (const slot of one.keys()) counts.set(slot, (counts.get(slot) ?? 0) + 1);
  const slots = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, mostSelectors);
  return slots.map(([slot]) => {
    const values = [...new Set(required.flatMap((one) => one.get(slot) ?? []))].sort();
    return { slot, values, classes: new Map(values.map((value, index) => [value, index + firstNamed])) };
  });
}

/** The class of a value. Raw values seen before are in `cache`, which is bounded: they come from outside. */
export function classOf(
  selector: Selector,
  value: JsonValue | undefined,
  cache: Map<string | number | boolean, number>,
): number {
  if (value === undefined || value === null) return absent;
  if (typeof value === 'object') return unknown;
  const known = cache.get(value as string | number | boolean);
  if (known !== undefined) return known;
  const found = selector.classes.get(foldCase(String(value))) ?? other;
  if (cache.size < 4096 && String(value).length <= 256) cache.set(value as string | number | boolean, found);
  return found;
}

/** What a leaf on a selecting field is, given the field's class; undefined when the class doesn't tell. */
export function leafUnder(selector: Selector, classNumber: number, leaf: Leaf): boolean | undefined {
  if (classNumber === unknown) return undefined;
  const operator = leaf.predicate?.operator;
  if (classNumber === absent) {
    if (operator === 'missing') return true;
    // Absent or null: whether the field is there at all is not known.
    return operator === 'exists' ? undefined : false;
  }
  if (operator === 'missing') return false;
  if (operator === 'exists') return true;
  if (leaf.texts === undefined) return undefined;
  const { equals, contains, startswith, endswith } = leaf.texts;
  if (classNumber === other) {
    if (contains.length + startswith.length + endswith.length > 0) return undefined;
    // Only texts that some rule requires have classes; another may still be named by this leaf.
    return equals.every((text) => selector.classes.has(text)) ? false : undefined;
  }
  const value = selector.values[classNumber - firstNamed] ?? '';
  return (
    equals.includes(value) ||
    contains.some((text) => value.includes(text)) ||
    startswith.some((text) => value.startsWith(text)) ||
    endswith.some((text) => value.endsWith(text))
  );
}

/** The node with every leaf replaced that `decide` knows. What doesn't change is the same object. */
export function simplify(node: Node, decide: (leaf: number) => boolean | undefined): Node {
  switch (node.kind) {
    case 'leaf': {
      const known = decide(node.leaf);
      return known === undefined ? node : join(known ? 'all' : 'any', []);
    }
    case 'not': {
      const inner = simplify(node.node, decide);
      return inner === node.node ? node : negate(inner);
    }
    default: {
      let changed = false;
      const nodes = node.nodes.map((one) => {
        const simple = simplify(one, decide);
        if (simple !== one) changed = true;
        return simple;
      });
      return changed ? join(node.kind, nodes) : node;
    }
  }
}

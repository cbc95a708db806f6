// A rule's expression as the plan holds it: leaves are numbered, equal ones of all rules are one, and alternatives on one field
// (`CommandLine|contains: [a, b, c]`) are one leaf with a set of texts.
import type { Expression, Predicate } from '../rules/rule.ts';

export type Node =
  | { readonly kind: 'leaf'; readonly leaf: number }
  | { readonly kind: 'all' | 'any'; readonly nodes: readonly Node[] }
  | { readonly kind: 'not'; readonly node: Node };

/** Texts without regard to case, any of which suffices. */
export interface TextSet {
  readonly equals: readonly string[];
  readonly contains: readonly string[];
  readonly startswith: readonly string[];
  readonly endswith: readonly string[];
}

export interface Leaf {
  /** Index among the fields. */
  readonly slot: number;
  readonly texts: TextSet | undefined;
  /** Of leaves that are not sets of texts. */
  readonly predicate: Predicate | undefined;
  /** The other field of a comparison of two. */
  readonly otherSlot: number;
}

export const always: Node = { kind: 'all', nodes: [] };
export const never: Node = { kind: 'any', nodes: [] };

export interface NodeTable {
  readonly leaves: readonly Leaf[];
  /** Field names by slot; null is the whole event. */
  readonly fields: readonly (string | null)[];
  intern(expression: Expression): Node;
}

type TextOperator = keyof TextSet;
const textOperators: readonly string[] = ['equals', 'contains', 'startswith', 'endswith'] satisfies TextOperator[];

export function createNodeTable(): NodeTable {
  const leaves: Leaf[] = [];
  const nodes: Node[] = [];
  const leafIndex = new Map<string, number>();
  const fields: (string | null)[] = [];
  const fieldIndex = new Map<string | null, number>();

  function slotOf(field: string | null): number {
    const known = fieldIndex.get(field);
    if (known !== undefined) return known;
    fields.push(field);
    fieldIndex.set(field, fields.length - 1);
    return fields.length - 1;
  }

  function leafNode(key: string, make: () => Leaf): Node {
    let index = leafIndex.get(key);
    if (index === undefined) {
      index = leaves.length;
      leaves.push(make());
      nodes.push({ kind: 'leaf', leaf: index });
      leafIndex.set(key, index);
    }
    return nodes[index] ?? never;
  }

  function textLeaf(field: string | null, members: readonly Predicate[]): Node {
    const slot = slotOf(field);
    const [only] = members;
    const unique = new Map(members.map((one) => [`${one.operator.slice(0, 2)}${one.value}`, one] as const));
    const key =
      members.length === 1 ? `${only?.operator.slice(0, 2)}${only?.value}` : [...unique.keys()].sort().join('\0');
    return leafNode(`${slot}\0${key}`, () => {
      const texts: Record<TextOperator, string[]> = { equals: [], contains: [], startswith: [], endswith: [] };
      for (const { operator, value } of unique.values()) texts[operator as TextOperator].push(value);
      return { slot, texts, predicate: undefined, otherSlot: -1 };
    });
  }

  function otherLeaf(predicate: Predicate): Node {
    const { field, operator, value, cased, flags, dashes, part } = predicate;
    const slot = slotOf(field);
    const otherSlot = operator.startsWith('field_') ? slotOf(value) : -1;
    const key = `${slot}\0\0${JSON.stringify([operator, value, cased, flags, dashes, part])}`;
    return leafNode(key, () => ({ slot, texts: undefined, predicate, otherSlot }));
  }

  function intern(expression: Expression): Node {
    switch (expression.kind) {
      case 'predicate': {
        const { predicate } = expression;
        return isPlainText(predicate) ? textLeaf(predicate.field, [predicate]) : otherLeaf(predicate);
      }
      case 'not':
        return negate(intern(expression.operand));
      case 'and':
        return join('all', flatten('and', expression.operands).map(intern));
      case 'or':
        return internAlternatives(flatten('or', expression.operands));
    }
  }

  function internAlternatives(operands: readonly Expression[]): Node {
    const byField = new Map<string | null, Predicate[]>();
    const rest: Node[] = [];
    for (const operand of operands) {
      if (operand.kind !== 'predicate' || !isPlainText(operand.predicate)) {
        rest.push(intern(operand));
        continue;
      }
      const known = byField.get(operand.predicate.field);
      if (known === undefined) byField.set(operand.predicate.field, [operand.predicate]);
      else known.push(operand.predicate);
    }
    return join('any', [...Array.from(byField, ([field, members]) => textLeaf(field, members)), ...rest]);
  }
  return { leaves, fields, intern };
}

function isPlainText({ operator, cased, dashes, part }: Predicate): boolean {
  return !cased && dashes === undefined && part === undefined && textOperators.includes(operator);
}

function flatten(kind: 'and' | 'or', operands: readonly Expression[]): Expression[] {
  const flat: Expression[] = [];
  const stack = [...operands].reverse();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next.kind === kind) for (let at = next.operands.length - 1; at >= 0; at--) push(stack, next.operands[at]);
    else flat.push(next);
  }
  return flat;
}

function push(stack: Expression[], expression: Expression | undefined): void {
  if (expression !== undefined) stack.push(expression);
}

export function negate(node: Node): Node {
  if (node.kind === 'not') return node.node;
  if (node.kind !== 'leaf' && node.nodes.length === 0) return node.kind === 'all' ? never : always;
  return { kind: 'not', node };
}

/** `all` and `any` without operands are true and false; what they absorb is left out. */
export function join(kind: 'all' | 'any', nodes: readonly Node[]): Node {
  const absorbing = kind === 'all' ? 'any' : 'all';
  const seen = new Set<Node>();
  for (const node of nodes) {
    if (node.kind !== 'leaf' && node.kind !== 'not' && node.nodes.length === 0) {
      if (node.kind === absorbing) return node;
      continue;
    }
    seen.add(node);
  }
  const kept = [...seen];
  const [only] = kept;
  if (kept.length === 1 && only !== undefined) return only;
  return kept.length === 0 ? (kind === 'all' ? always : never) : { kind, nodes: kept };
}

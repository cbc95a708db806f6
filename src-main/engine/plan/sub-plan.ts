// The plan for events of one kind (one combination of the selecting fields): the rules that are left, what can make each of them
// true, and one scanner per field that finds those things.
import { fewTexts } from './leaf-test.ts';
import { type Literal, type LiteralScanner, literalScannerSteps } from './literal-scanner.ts';
import type { Memo, Memos } from './memo.ts';
import type { Leaf, Node, TextSet } from './node.ts';
import { requiredTexts } from './required-text.ts';
import { cheapestTrigger } from './trigger.ts';

export interface Candidate {
  readonly rule: number;
  readonly node: Node;
}

/** What happens when a literal is found or a value equals: a leaf is known to be true, or may be; these rules must be looked at. */
export interface Unit {
  /** -1 where the literal only makes the leaf possible. */
  readonly leaf: number;
  /** The leaf that it is about, in either case. */
  readonly about: number;
  /** How often it happened: what makes rules be looked at in vain is replaced (plan-choice.ts). */
  count: number;
  /** Indexes among the plan's candidates. */
  readonly candidates: number[];
  /** Of these the rules. */
  readonly rules: number[];
}

export interface FieldPlan {
  readonly slot: number;
  readonly equals: ReadonlyMap<string, readonly Unit[]> | undefined;
  readonly scanner: LiteralScanner | undefined;
  readonly literals: readonly Literal[];
  /** By index of the literal. */
  readonly units: readonly (readonly Unit[])[];
  /** By index of the literal, the number of the last search that found it. */
  readonly foundBy: Int32Array;
  /** What texts of events led to. */
  readonly seen: Memo<readonly Unit[]>;
}

export interface SubPlan {
  readonly candidates: readonly Candidate[];
  readonly fields: readonly FieldPlan[];
  /** Leaves that must be asked of every event, with the candidates that wait for them. */
  readonly asked: readonly Unit[];
  /** Leaves that a search of the fields settles: those that it doesn't find are false. */
  readonly settled: ReadonlySet<number>;
  /** Candidates that can be true although nothing fires. */
  readonly always: readonly number[];
  /** Conditions by candidate, made when first needed. */
  readonly conditions: ((() => boolean) | undefined)[];
  readonly triggers: readonly Unit[];
  /** Events that it was for, and candidates that were looked at. */
  events: number;
  visits: number;
  /** After so many events it is looked at how well its triggers were chosen. */
  reviewAt: number;
}

const firstReview = 1024;

interface Draft {
  readonly equals: Map<string, Unit[]>;
  readonly literals: Literal[];
  readonly units: Unit[][];
  readonly index: Map<string, number>;
}

/** Candidates filed between two pauses. */
const filedAtOnce = 32;

/**
 * In steps of about a millisecond: for thousands of rules all of them together take longer than a turn may.
 * @param observed by leaf, in what share of such events it was true, as far as known.
 */
export function* subPlanSteps(
  candidates: readonly Candidate[],
  leaves: readonly Leaf[],
  memos: Memos,
  observed: ReadonlyMap<number, number>,
): Generator<void, SubPlan> {
  const fields = new Map<number, Draft>();
  const unitOf = new Map<number, Unit>();
  const asked: Unit[] = [];
  const always: number[] = [];
  const settled = new Set<number>();

  function draftOf(slot: number): Draft {
    const known = fields.get(slot);
    if (known !== undefined) return known;
    const draft: Draft = { equals: new Map(), literals: [], units: [], index: new Map() };
    fields.set(slot, draft);
    return draft;
  }

  function place(draft: Draft, text: string, placement: Literal['placement'], unit: Unit): void {
    const key = `${placement.slice(0, 1)}${text}`;
    const known = draft.index.get(key);
    if (known !== undefined) draft.units[known]?.push(unit);
    else {
      draft.index.set(key, draft.literals.length);
      draft.literals.push({ text, placement });
      draft.units.push([unit]);
    }
  }

  /** Files a leaf under its texts, or, where it has none, among those to be asked. */
  function file(number: number, waiting: number[], rules: number[]): Unit {
    const leaf = leaves[number];
    if (leaf === undefined) throw new Error('no such leaf in the plan');
    const { texts, predicate, slot } = leaf;
    if (texts !== undefined && !hasEmpty(texts)) {
      const unit = { leaf: number, about: number, count: 0, candidates: waiting, rules };
      settled.add(number);
      const draft = draftOf(slot);
      for (const text of texts.equals) draft.equals.set(text, [...(draft.equals.get(text) ?? []), unit]);
      for (const text of texts.contains) place(draft, text, 'contains', unit);
      for (const text of texts.startswith) place(draft, text, 'startswith', unit);
      for (const text of texts.endswith) place(draft, text, 'endswith', unit);
      return unit;
    }
    const required = predicate === undefined ? undefined : requiredTexts(predicate);
    if (required === undefined) {
      const unit = { leaf: number, about: number, count: 0, candidates: waiting, rules };
      asked.push(unit);
      return unit;
    }
    const unit = { leaf: -1, about: number, count: 0, candidates: waiting, rules };
    for (const text of required) place(draftOf(slot), text, 'contains', unit);
    return unit;
  }

  for (const [index, { node, rule }] of candidates.entries()) {
    if (index % filedAtOnce === 0) yield;
    const trigger = cheapestTrigger(node, leaves, observed);
    if (trigger === undefined) {
      always.push(index);
      continue;
    }
    for (const number of trigger.leaves) {
      const known = unitOf.get(number);
      if (known !== undefined) {
        known.candidates.push(index);
        known.rules.push(rule);
        continue;
      }
      unitOf.set(number, file(number, [index], [rule]));
    }
  }
  // A field that is searched anyway may as well settle what would take another search of it.
  for (const [index, { node }] of candidates.entries()) {
    if (index % filedAtOnce === 0) yield;
    for (const number of leavesOf(node)) {
      const leaf = leaves[number];
      if (leaf?.texts === undefined || unitOf.has(number) || !fields.has(leaf.slot) || !isLarge(leaf.texts)) continue;
      unitOf.set(number, file(number, [], []));
    }
  }
  const searched: FieldPlan[] = [];
  for (const [slot, { equals, literals, units }] of fields) {
    searched.push({
      slot,
      equals: equals.size === 0 ? undefined : equals,
      scanner: literals.length === 0 ? undefined : yield* literalScannerSteps(literals),
      literals,
      units,
      foundBy: new Int32Array(literals.length),
      seen: memos.create(),
    });
  }
  return {
    candidates,
    fields: searched,
    asked,
    settled,
    always,
    conditions: candidates.map(() => undefined),
    triggers: [...unitOf.values()],
    events: 0,
    visits: 0,
    reviewAt: firstReview,
  };
}

/** What every text contains is found by no search. */
function hasEmpty({ contains, startswith, endswith }: TextSet): boolean {
  return contains.includes('') || startswith.includes('') || endswith.includes('');
}

/** Too many to be looked for one by one. */
function isLarge({ contains, startswith, endswith }: TextSet): boolean {
  return contains.length + startswith.length + endswith.length > fewTexts;
}

function leavesOf(node: Node): readonly number[] {
  if (node.kind === 'leaf') return [node.leaf];
  return node.kind === 'not' ? leavesOf(node.node) : node.nodes.flatMap(leavesOf);
}

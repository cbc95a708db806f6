// Which plans an event gets: by the classes of its selecting fields, and by whether it has a field without which a group of rules can't
// match. They are made when such an event comes for the first time, or in steps before it is matched.
import type { JsonValue } from '../event.ts';
import { finish } from './literal-scanner.ts';
import type { Memos } from './memo.ts';
import type { Leaf, Node } from './node.ts';
import { never } from './node.ts';
import { chooseSelectors, classOf, leafUnder, requirements, type Selector, simplify, unknown } from './selector.ts';
import { type Candidate, type SubPlan, subPlanSteps } from './sub-plan.ts';

/** Rules that are looked at together, of events with the same classes. */
export interface Branch {
  /** Fields of which an event must have one; of an empty gate all events pass. */
  readonly gate: readonly number[];
  readonly given: readonly number[];
  /** Made when the first event passes. */
  plan: SubPlan | undefined;
  /** `prepare` has to make the plan again. */
  isDue: boolean;
}

export interface PlanChoice {
  /** @param valueAt the value of a field of the event. */
  choose(valueAt: (slot: number) => JsonValue | undefined): readonly Branch[];
  /** For an event that passes the branch's gate. */
  planOf(branch: Branch): SubPlan;
  /**
   * The steps that make the plans of such an event, where there is none or a better one is due; undefined where there is nothing to do.
   * Whoever asks once is expected to ask before all events: from then on plans that are there are replaced by these steps alone.
   */
  prepare(
    valueAt: (slot: number) => JsonValue | undefined,
    passes: (gate: readonly number[]) => boolean,
  ): Generator<void, void> | undefined;
  /** Plans are made anew, without the rules that are off by now. */
  forget(): void;
}

/** Plans kept; an attacker who varies what selects them makes work, but no more memory. */
const mostSubPlans = 2048;
/** Candidates looked at an event that are few enough, and how much later the next review is. */
const fewVisits = 0.25;
const reviewStep = 16;
/** Rules simplified between two pauses. */
const simplifiedAtOnce = 64;
/** Each gate is looked at for each event: only for so many, and those that keep off enough rules. */
const mostGates = 32;
const leastGated = 4;
const open: readonly number[] = [];

/** @param gates by rule, fields of which an event must have one for it to match; empty where that isn't known. */
export function createPlanChoice(
  nodes: readonly Node[],
  leaves: readonly Leaf[],
  memos: Memos,
  isOff: (rule: number) => boolean,
  gates: readonly (readonly number[])[],
): PlanChoice {
  const required = nodes.map((node) => requirements(node, leaves));
  const selectors = chooseSelectors(required);
  const groups = groupsOf(gates, new Set(selectors.map(({ slot }) => slot)));
  const gated = new Set(groups.flatMap(({ rules }) => rules));
  const ungated = nodes.map((_, rule) => rule).filter((rule) => !gated.has(rule));
  const rulesBehind = new Map([[open, ungated], ...groups.map(({ gate, rules }) => [gate, rules] as const)]);
  const buckets = selectors.map((selector) => bucketsOf(selector, required, ungated));
  const caches = selectors.map(() => new Map<string | number | boolean, number>());
  const sizes = selectors.map(({ values }) => values.length + unknown + 1);
  const classes = selectors.map(() => 0);
  const bySlot = new Map(selectors.map((selector, at) => [selector.slot, { selector, at }] as const));
  /** By key of the classes. */
  const branches = new Map<number, readonly Branch[]>();
  let plans = 0;
  let isPrepared = false;

  /** The rules behind a gate that classes leave, simplified by what these tell. */
  function* remaining({ gate, given }: Branch): Generator<void, Candidate[]> {
    function decide(index: number): boolean | undefined {
      const leaf = leaves[index];
      const found = leaf === undefined ? undefined : bySlot.get(leaf.slot);
      if (leaf === undefined || found === undefined) return undefined;
      return leafUnder(found.selector, given[found.at] ?? unknown, leaf);
    }
    let fewest: readonly number[] = rulesBehind.get(gate) ?? [];
    if (gate === open)
      selectors.forEach((_, at) => {
        const rules = buckets[at]?.(given[at] ?? unknown);
        if (rules !== undefined && rules.length < fewest.length) fewest = rules;
      });
    const candidates: Candidate[] = [];
    for (const [at, rule] of fewest.entries()) {
      if (at % simplifiedAtOnce === 0) yield;
      if (isOff(rule)) continue;
      const node = simplify(nodes[rule] ?? never, decide);
      if (node.kind !== 'any' || node.nodes.length > 0) candidates.push({ rule, node });
    }
    return candidates;
  }

  /** In the place of the plan that was there: what was seen of its events tells how rare predicates are. */
  function* build(branch: Branch): Generator<void, SubPlan> {
    const before = branch.plan;
    branch.isDue = false;
    const observed = new Map(before?.triggers.map(({ about, count }) => [about, count / before.events] as const));
    const built = yield* subPlanSteps(yield* remaining(branch), leaves, memos, observed);
    if (before === undefined) plans++;
    else built.reviewAt = before.reviewAt;
    branch.plan = built;
    return built;
  }

  function forget(): void {
    // Rules that are off are passed over until then.
    if (!isPrepared) clear();
    for (const some of branches.values()) for (const branch of some) branch.isDue = branch.plan !== undefined;
  }

  function clear(): void {
    branches.clear();
    plans = 0;
    memos.drop();
  }

  function branchesOf(valueAt: (slot: number) => JsonValue | undefined): readonly Branch[] {
    const key = classify(valueAt);
    const known = branches.get(key);
    if (known !== undefined) return known;
    if (branches.size >= mostSubPlans) clear();
    // Others are matched between the steps that make a plan.
    const given = [...classes];
    const made = Array.from(rulesBehind.keys(), (gate) => ({ gate, given, plan: undefined, isDue: false }));
    branches.set(key, made);
    return made;
  }

  function classify(valueAt: (slot: number) => JsonValue | undefined): number {
    let key = 0;
    for (let at = 0; at < selectors.length; at++) {
      const selector = selectors[at];
      const cache = caches[at];
      if (selector === undefined || cache === undefined) throw new Error('no such selector');
      const found = classOf(selector, valueAt(selector.slot), cache);
      classes[at] = found;
      key = key * (sizes[at] ?? 1) + found;
    }
    return key;
  }

  /**
   * How rare predicates are was a guess; after some events it is known of those that candidates waited for. A plan that had many looked
   * at in vain is made again with what was seen.
   */
  function review(branch: Branch, plan: SubPlan): SubPlan {
    plan.reviewAt *= reviewStep;
    if (plan.visits < plan.events * fewVisits) return plan;
    if (!isPrepared) return finish(build(branch));
    branch.isDue = true;
    return plan;
  }

  function* makeAll(missing: readonly Branch[]): Generator<void, void> {
    for (const branch of missing) yield* build(branch);
  }

  return {
    choose: branchesOf,
    planOf(branch) {
      const { plan } = branch;
      if (plan !== undefined) return ++plan.events === plan.reviewAt ? review(branch, plan) : plan;
      if (plans >= mostSubPlans) clear();
      return finish(build(branch));
    },
    prepare(valueAt, passes) {
      isPrepared = true;
      if (plans >= mostSubPlans) clear();
      let missing: Branch[] | undefined;
      for (const branch of branchesOf(valueAt)) {
        if ((branch.plan !== undefined && !branch.isDue) || !passes(branch.gate)) continue;
        missing ??= [];
        missing.push(branch);
      }
      return missing === undefined ? undefined : makeAll(missing);
    },
    forget,
  };
}

/** Rules with the same gate, the largest groups first. A selecting field is no gate: its classes tell more. */
function groupsOf(
  gates: readonly (readonly number[])[],
  selecting: ReadonlySet<number>,
): { gate: readonly number[]; rules: number[] }[] {
  const groups = new Map<string, { gate: readonly number[]; rules: number[] }>();
  for (const [rule, gate] of gates.entries()) {
    if (gate.length === 0 || gate.some((slot) => selecting.has(slot))) continue;
    const key = gate.join();
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { gate, rules: [rule] });
    else known.rules.push(rule);
  }
  return Array.from(groups.values())
    .filter(({ rules }) => rules.length >= leastGated)
    .sort((a, b) => b.rules.length - a.rules.length)
    .slice(0, mostGates);
}

/** For a class of one selecting field, which of the rules could match: those that require it, and those that require nothing of it. */
function bucketsOf(
  { slot, classes }: Selector,
  required: readonly ReadonlyMap<number, readonly string[]>[],
  rules: readonly number[],
): (classNumber: number) => readonly number[] | undefined {
  const indifferent: number[] = [];
  const byClass = new Map<number, number[]>();
  for (const rule of rules) {
    const texts = required[rule]?.get(slot);
    if (texts === undefined) indifferent.push(rule);
    for (const found of new Set(texts?.map((text) => classes.get(text)))) {
      if (found === undefined) continue;
      const known = byClass.get(found);
      if (known === undefined) byClass.set(found, [rule]);
      else known.push(rule);
    }
  }
  return (classNumber) => {
    if (classNumber === unknown) return undefined;
    return [...indifferent, ...(byClass.get(classNumber) ?? [])];
  };
}

// Which plan an event gets: by the classes of its selecting fields, made when such an event comes for the first time, or in steps before
// it is matched.
import type { JsonValue } from '../event.ts';
import { finish } from './literal-scanner.ts';
import type { Memos } from './memo.ts';
import type { Leaf, Node } from './node.ts';
import { never } from './node.ts';
import { chooseSelectors, classOf, leafUnder, requirements, type Selector, simplify, unknown } from './selector.ts';
import { type Candidate, type SubPlan, subPlanSteps } from './sub-plan.ts';

export interface PlanChoice {
  /** @param valueAt the value of a field of the event. */
  choose(valueAt: (slot: number) => JsonValue | undefined): SubPlan;
  /**
   * The steps that make the plan of such an event, where there is none or a better one is due; undefined where there is nothing to do.
   * Whoever asks once is expected to ask before all events: from then on plans that are there are replaced by these steps alone.
   */
  prepare(valueAt: (slot: number) => JsonValue | undefined): Generator<void, void> | undefined;
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

export function createPlanChoice(
  nodes: readonly Node[],
  leaves: readonly Leaf[],
  memos: Memos,
  isOff: (rule: number) => boolean,
): PlanChoice {
  const required = nodes.map((node) => requirements(node, leaves));
  const selectors = chooseSelectors(required);
  const buckets = selectors.map((selector) => bucketsOf(selector, required));
  const caches = selectors.map(() => new Map<string | number | boolean, number>());
  const sizes = selectors.map(({ values }) => values.length + unknown + 1);
  const classes = selectors.map(() => 0);
  const bySlot = new Map(selectors.map((selector, at) => [selector.slot, { selector, at }] as const));
  const plans = new Map<number, SubPlan>();
  /** Plans that `prepare` has to make again. */
  const due = new Set<number>();
  let isPrepared = false;

  /** The rules that classes leave, simplified by what these tell. */
  function* remaining(given: readonly number[]): Generator<void, Candidate[]> {
    function decide(index: number): boolean | undefined {
      const leaf = leaves[index];
      const found = leaf === undefined ? undefined : bySlot.get(leaf.slot);
      if (leaf === undefined || found === undefined) return undefined;
      return leafUnder(found.selector, given[found.at] ?? unknown, leaf);
    }
    let fewest: readonly number[] | undefined;
    selectors.forEach((_, at) => {
      const rules = buckets[at]?.(given[at] ?? unknown);
      if (rules !== undefined && (fewest === undefined || rules.length < fewest.length)) fewest = rules;
    });
    const candidates: Candidate[] = [];
    for (const [at, rule] of (fewest ?? nodes.map((_, each) => each)).entries()) {
      if (at % simplifiedAtOnce === 0) yield;
      if (isOff(rule)) continue;
      const node = simplify(nodes[rule] ?? never, decide);
      if (node.kind !== 'any' || node.nodes.length > 0) candidates.push({ rule, node });
    }
    return candidates;
  }

  /** @param before the plan whose place it takes: what was seen of its events tells how rare predicates are. */
  function* build(given: readonly number[], before: SubPlan | undefined): Generator<void, SubPlan> {
    const observed = new Map(before?.triggers.map(({ about, count }) => [about, count / before.events] as const));
    const built = yield* subPlanSteps(yield* remaining(given), leaves, memos, observed);
    if (before !== undefined) built.reviewAt = before.reviewAt;
    return built;
  }

  function forget(): void {
    // Rules that are off are passed over until then.
    if (isPrepared) for (const key of plans.keys()) due.add(key);
    else clear();
  }

  function clear(): void {
    plans.clear();
    due.clear();
    memos.drop();
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
  function review(key: number, plan: SubPlan): SubPlan {
    plan.reviewAt *= reviewStep;
    if (plan.visits < plan.events * fewVisits) return plan;
    if (isPrepared) {
      due.add(key);
      return plan;
    }
    const built = finish(build(classes, plan));
    plans.set(key, built);
    return built;
  }

  function* replace(key: number, given: readonly number[]): Generator<void, void> {
    const before = plans.get(key);
    due.delete(key);
    plans.set(key, yield* build(given, before));
  }

  return {
    choose(valueAt) {
      const key = classify(valueAt);
      const known = plans.get(key);
      if (known !== undefined) return ++known.events === known.reviewAt ? review(key, known) : known;
      if (plans.size >= mostSubPlans) clear();
      const built = finish(build(classes, undefined));
      plans.set(key, built);
      return built;
    },
    prepare(valueAt) {
      isPrepared = true;
      const key = classify(valueAt);
      if (plans.has(key) && !due.has(key)) return undefined;
      if (plans.size >= mostSubPlans) clear();
      // Others are matched between the steps.
      return replace(key, [...classes]);
    },
    forget,
  };
}

/** For a class of one selecting field, the rules that could match: those that require it, and those that require nothing of it. */
function bucketsOf(
  { slot, classes }: Selector,
  required: readonly ReadonlyMap<number, readonly string[]>[],
): (classNumber: number) => readonly number[] | undefined {
  const indifferent: number[] = [];
  const byClass = new Map<number, number[]>();
  required.forEach((one, rule) => {
    const texts = one.get(slot);
    if (texts === undefined) indifferent.push(rule);
    for (const found of new Set(texts?.map((text) => classes.get(text)))) {
      if (found === undefined) continue;
      const known = byClass.get(found);
      if (known === undefined) byClass.set(found, [rule]);
      else known.push(rule);
    }
  });
  return (classNumber) => {
    if (classNumber === unknown) return undefined;
    return [...indifferent, ...(byClass.get(classNumber) ?? [])];
  };
}

// Which plan an event gets: by the classes of its selecting fields, made when such an event comes for the first time.
import type { JsonValue } from '../event.ts';
import type { Memos } from './memo.ts';
import type { Leaf, Node } from './node.ts';
import { never } from './node.ts';
import { chooseSelectors, classOf, leafUnder, requirements, type Selector, simplify, unknown } from './selector.ts';
import { buildSubPlan, type Candidate, type SubPlan } from './sub-plan.ts';

export interface PlanChoice {
  /** @param valueAt the value of a field of the event. */
  choose(valueAt: (slot: number) => JsonValue | undefined): SubPlan;
  /** Plans are made anew, without the rules that are off by now. */
  forget(): void;
}

/** Plans kept; an attacker who varies what selects them makes work, but no more memory. */
const mostSubPlans = 2048;
/** Candidates looked at an event that are few enough, and how much later the next review is. */
const fewVisits = 0.25;
const reviewStep = 16;

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

  function decide(index: number): boolean | undefined {
    const leaf = leaves[index];
    const found = leaf === undefined ? undefined : bySlot.get(leaf.slot);
    if (leaf === undefined || found === undefined) return undefined;
    return leafUnder(found.selector, classes[found.at] ?? unknown, leaf);
  }

  /** The rules that the current classes leave, simplified by what they tell. */
  function remaining(): Candidate[] {
    let fewest: readonly number[] | undefined;
    selectors.forEach((_, at) => {
      const rules = buckets[at]?.(classes[at] ?? unknown);
      if (rules !== undefined && (fewest === undefined || rules.length < fewest.length)) fewest = rules;
    });
    return (fewest ?? nodes.map((_, rule) => rule)).flatMap((rule) => {
      if (isOff(rule)) return [];
      const node = simplify(nodes[rule] ?? never, decide);
      return node.kind === 'any' && node.nodes.length === 0 ? [] : [{ rule, node }];
    });
  }

  function forget(): void {
    plans.clear();
    memos.drop();
  }

  /**
   * How rare predicates are was a guess; after some events it is known of those that candidates waited for. A plan that had many looked
   * at in vain is made again with what was seen.
   */
  function review(key: number, plan: SubPlan): SubPlan {
    const { events, visits, triggers, reviewAt } = plan;
    plan.reviewAt = reviewAt * reviewStep;
    if (visits < events * fewVisits) return plan;
    const observed = new Map(triggers.map(({ about, count }) => [about, count / events] as const));
    const built = buildSubPlan(remaining(), leaves, memos, observed);
    built.reviewAt = reviewAt * reviewStep;
    plans.set(key, built);
    return built;
  }

  return {
    choose(valueAt) {
      let key = 0;
      for (let at = 0; at < selectors.length; at++) {
        const selector = selectors[at];
        const cache = caches[at];
        if (selector === undefined || cache === undefined) throw new Error('no such selector');
        const found = classOf(selector, valueAt(selector.slot), cache);
        classes[at] = found;
        key = key * (sizes[at] ?? 1) + found;
      }
      const known = plans.get(key);
      if (known !== undefined) return ++known.events === known.reviewAt ? review(key, known) : known;
      if (plans.size >= mostSubPlans) forget();
      const built = buildSubPlan(remaining(), leaves, memos, new Map());
      plans.set(key, built);
      return built;
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

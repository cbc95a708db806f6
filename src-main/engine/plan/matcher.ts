// All rules of a set as one plan. The selecting fields of an event pick a sub-plan; its scanners say which of the remaining rules
// could be true; only their conditions are evaluated. Fields are read, and predicates evaluated, at most once an event.
import type { Event } from '../event.ts';
import { compileLeaf, type LeafContext } from './leaf-test.ts';
import type { Leaf, Node, NodeTable } from './node.ts';
import { chooseSelectors, classOf, leafUnder, requirements, type Selector, simplify, unknown } from './selector.ts';
import { createSlot, foldSlot, loadSlot, type Slot } from './slot.ts';
import { buildSubPlan, type Candidate, type SubPlan, type Unit } from './sub-plan.ts';
import { cheapestTrigger } from './trigger.ts';
import { createWorkMeter, type WorkLimit, type WorkMeter } from './work-meter.ts';

export interface Matcher {
  /** Indexes (in `nodes`) of those that are true of the event, ascending. The array is reused by the next call. */
  match(event: Event): readonly number[];
  /** From now on a rule that works more than `limit` allows is left out, until the matcher is made anew. */
  limitWork(limit: WorkLimit): void;
  /** Sizes of the plan, for tests and reports. */
  readonly size: {
    readonly predicates: number;
    readonly fields: number;
    /** Rules that have to be looked at although nothing fired. */
    readonly always: number;
  };
}

/** Plans kept; an attacker who varies what selects them makes work, but no more memory. */
const mostSubPlans = 2048;
const lastEpoch = 2 ** 29;

/** @param nodes what `table` made of the rules' expressions; whoever compiles in slices fills it one rule at a time. */
export function createMatcher(table: NodeTable, nodes: readonly Node[]): Matcher {
  const { leaves } = table;
  const required = nodes.map((node) => requirements(node, leaves));
  const selectors = chooseSelectors(required);
  const buckets = selectors.map((selector) => bucketsOf(selector, required));
  const caches = selectors.map(() => new Map<string | number | boolean, number>());
  const slots: Slot[] = table.fields.map(createSlot);
  const plans = new Map<number, SubPlan>();
  // A result is epoch × 2, plus one when true: nothing has to be cleared between events.
  const results = new Int32Array(leaves.length);
  const visited = new Int32Array(nodes.length);
  const tests: ((() => boolean) | undefined)[] = leaves.map(() => undefined);
  const candidates: number[] = [];
  const matched: number[] = [];
  let event: Event | undefined;
  let epoch = 0;
  let meter: WorkMeter | undefined;
  /** The rule whose condition is being evaluated, or those that wait for a predicate to be asked. */
  let workers: readonly number[] = [];

  function load(index: number): Slot {
    const slot = slots[index];
    if (slot === undefined || event === undefined) throw new Error('no such field in the plan');
    if (slot.epoch !== epoch) loadSlot(slot, event, epoch);
    return slot;
  }
  const context: LeafContext = {
    load,
    fold: (index) => foldSlot(load(index), epoch),
  };

  function ask(index: number): boolean {
    const known = results[index] ?? 0;
    if (known >= epoch * 2) return known === epoch * 2 + 1;
    let test = tests[index];
    if (test === undefined) {
      const leaf = leaves[index];
      if (leaf === undefined) throw new Error('no such leaf in the plan');
      test = compileLeaf(leaf, context);
      tests[index] = test;
    }
    const answer = meter !== undefined && isHeavy(leaves[index]) ? meter.run(test, workers) : test();
    results[index] = epoch * 2 + (answer ? 1 : 0);
    return answer;
  }

  function compile(node: Node): () => boolean {
    switch (node.kind) {
      case 'leaf': {
        const { leaf } = node;
        return () => ask(leaf);
      }
      case 'not': {
        const inner = compile(node.node);
        return () => !inner();
      }
      default: {
        const stopAt = node.kind === 'any';
        const operands = inOrder(node.nodes, stopAt).map(compile);
        return () => {
          for (const operand of operands) if (operand() === stopAt) return stopAt;
          return !stopAt;
        };
      }
    }
  }

  /** What decides soonest first: of things that must all hold the rarest, of alternatives the likeliest. */
  function inOrder(parts: readonly Node[], likeliest: boolean): Node[] {
    const costs = new Map(parts.map((part) => [part, cheapestTrigger(part, leaves)?.cost ?? 10] as const));
    const sign = likeliest ? -1 : 1;
    return [...parts].sort((a, b) => sign * ((costs.get(a) ?? 0) - (costs.get(b) ?? 0)));
  }

  function subPlanFor(): SubPlan {
    let key = 0;
    for (let at = 0; at < selectors.length; at++) {
      const found = classAt(at);
      classes[at] = found;
      key = key * (sizes[at] ?? 1) + found;
    }
    const known = plans.get(key);
    if (known !== undefined) return known;
    if (plans.size >= mostSubPlans) plans.clear();
    const built = buildSubPlan(remaining(), leaves);
    plans.set(key, built);
    return built;
  }

  const sizes = selectors.map(({ values }) => values.length + unknown + 1);
  const classes = selectors.map(() => 0);

  function classAt(at: number): number {
    const selector = selectors[at];
    const cache = caches[at];
    if (selector === undefined || cache === undefined) throw new Error('no such selector');
    return classOf(selector, load(selector.slot).value, cache);
  }

  /** The rules that the current classes leave, simplified by what they tell. */
  function remaining(): Candidate[] {
    let fewest: readonly number[] | undefined;
    selectors.forEach((_, at) => {
      const rules = buckets[at]?.(classes[at] ?? unknown);
      if (rules !== undefined && (fewest === undefined || rules.length < fewest.length)) fewest = rules;
    });
    const bySlot = new Map(selectors.map((selector, at) => [selector.slot, { selector, at }] as const));
    function decide(index: number): boolean | undefined {
      const leaf = leaves[index];
      const found = leaf === undefined ? undefined : bySlot.get(leaf.slot);
      if (leaf === undefined || found === undefined) return undefined;
      return leafUnder(found.selector, classes[found.at] ?? unknown, leaf);
    }
    return (fewest ?? nodes.map((_, rule) => rule)).flatMap((rule) => {
      if (meter?.isOff(rule) === true) return [];
      const node = simplify(nodes[rule] ?? never, decide);
      return node.kind === 'any' && node.nodes.length === 0 ? [] : [{ rule, node }];
    });
  }

  function visit(waiting: readonly number[]): void {
    for (const candidate of waiting) {
      if (visited[candidate] === epoch) continue;
      visited[candidate] = epoch;
      candidates.push(candidate);
    }
  }

  // One function for all scans: making one per text would cost as much as a short scan.
  let found: readonly (readonly Unit[])[] = [];
  function take(literal: number): boolean {
    fire(found[literal]);
    return false;
  }

  function fire(units: readonly Unit[] | undefined): void {
    if (units === undefined) return;
    for (const { leaf, candidates: waiting } of units) {
      if (leaf >= 0) results[leaf] = epoch * 2 + 1;
      visit(waiting);
    }
  }

  function search(plan: SubPlan): void {
    for (const { slot: index, equals, scanner, units } of plan.fields) {
      const slot = load(index);
      if (slot.texts.length === 0) continue;
      found = units;
      for (const text of foldSlot(slot, epoch)) {
        if (equals !== undefined) fire(equals.get(text));
        if (scanner !== undefined) scanner.scan(text, take);
      }
    }
    for (const { leaf, candidates: waiting } of plan.asked) {
      if (meter !== undefined) workers = waiting.map((candidate) => plan.candidates[candidate]?.rule ?? -1);
      if (ask(leaf)) visit(waiting);
    }
    visit(plan.always);
  }

  return {
    match(next) {
      event = next;
      epoch++;
      if (epoch >= lastEpoch) restart();
      candidates.length = 0;
      matched.length = 0;
      const plan = subPlanFor();
      search(plan);
      for (const index of candidates) {
        let condition = plan.conditions[index];
        const candidate = plan.candidates[index];
        if (candidate === undefined) continue;
        if (condition === undefined) {
          condition = compile(candidate.node);
          plan.conditions[index] = condition;
        }
        if (meter !== undefined) workers = [candidate.rule];
        if (condition()) matched.push(candidate.rule);
      }
      // Without the rules that went over, predicates that only they needed are not asked any more.
      if (meter?.countEvent() === true) plans.clear();
      if (matched.length > 1) matched.sort(ascending);
      event = undefined;
      return matched;
    },
    limitWork(limit) {
      meter = createWorkMeter(limit, nodes.length);
    },
    size: {
      predicates: leaves.length,
      fields: slots.length,
      get always() {
        return nodes.filter((node) => cheapestTrigger(node, leaves) === undefined).length;
      },
    },
  };

  function restart(): void {
    epoch = 1;
    results.fill(0);
    visited.fill(0);
    for (const slot of slots) {
      slot.epoch = 0;
      slot.foldedEpoch = 0;
    }
  }
}

const never: Node = { kind: 'any', nodes: [] };

/** Predicates whose work depends on more than the length of the text. */
function isHeavy(leaf: Leaf | undefined): boolean {
  return leaf?.texts === undefined;
}

function ascending(a: number, b: number): number {
  return a - b;
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

// All rules of a set as one plan. The selecting fields of an event pick a sub-plan; its scanners say which of the remaining rules
// could be true; only their conditions are evaluated. Fields are read, and predicates evaluated, at most once an event.
import type { Event, JsonValue } from '../event.ts';
import { compileLeaf, type LeafContext } from './leaf-test.ts';
import { createMemos } from './memo.ts';
import type { Leaf, Node, NodeTable } from './node.ts';
import { createPlainSearch, type PlainSearch } from './plain-search.ts';
import { createPlanChoice } from './plan-choice.ts';
import { createRecordSource, type RecordSource } from './record.ts';
import { createSlot, foldSlot, loadSlot, type Slot } from './slot.ts';
import type { FieldPlan, SubPlan, Unit } from './sub-plan.ts';
import { cheapestTrigger } from './trigger.ts';
import { createWorkMeter, type WorkLimit, type WorkMeter } from './work-meter.ts';

export interface Matcher {
  /** Indexes (in `nodes`) of those that are true of the event, ascending. The array is reused by the next call. */
  match(event: Event): readonly number[];
  /**
   * The same for a JSON object in UTF-8 that becomes `recordEvent(JSON.parse(bytes))`: most of it need not be parsed, for most records
   * concern no rule. @returns undefined when JSON.parse would refuse it, or find something other than an object.
   */
  matchRecord(bytes: Uint8Array): readonly number[] | undefined;
  /**
   * The steps, each of about a millisecond, that are to be done before these events are matched, where there are any: all that takes long
   * about the first event of a kind. An event that is matched without is matched just the same.
   */
  prepare(events: readonly Event[]): Generator<void, void> | undefined;
  /** From now on a rule that works more than `limit` allows is left out, until the matcher is made anew. */
  limitWork(limit: WorkLimit): void;
  /** The time now, for `charge`; 0 when nobody limits work. */
  workStarted(): number;
  /** Counts the time since `started` as work of a rule: what is done with its matches is also its doing. */
  charge(rule: number, started: number): void;
  /** The fields that rules name; null is the whole event. Who hands over records can see whether they are about anything else. */
  readonly fields: readonly (string | null)[];
  /** Sizes of the plan, for tests and reports. */
  readonly size: {
    readonly predicates: number;
    readonly fields: number;
    /** Rules that have to be looked at although nothing fired. */
    readonly always: number;
  };
}

const lastEpoch = 2 ** 29;
/** A value that leads to more than this is searched each time. */
const mostRemembered = 64;
const nothing: readonly Unit[] = [];

/**
 * @param nodes what `table` made of the rules' expressions; whoever compiles in slices fills it one rule at a time.
 * @param gates by rule, fields of which an event must have one for the rule to match, where that is known: the rules of other products
 *   need what this one's events don't carry.
 */
export function createMatcher(
  table: NodeTable,
  nodes: readonly Node[],
  gates: readonly (readonly string[])[] = [],
): Matcher {
  const { leaves } = table;
  const slots: Slot[] = table.fields.map(createSlot);
  const everything = table.fields.indexOf(null);
  const plainSearches = new WeakMap<FieldPlan, PlainSearch | undefined>();
  const slotOf = new Map(table.fields.map((field, slot) => [field, slot] as const));
  const choice = createPlanChoice(
    nodes,
    leaves,
    createMemos(),
    (rule) => meter?.isOff(rule) === true,
    gates.map((fields) => fields.flatMap((field) => slotOf.get(field) ?? []).sort(ascending)),
  );
  // A result is epoch × 2, plus one when true: nothing has to be cleared between events.
  const results = new Int32Array(leaves.length);
  /** By candidate, the last plan that had it looked at. */
  const visited = new Int32Array(nodes.length);
  let round = 0;
  const tests: ((() => boolean) | undefined)[] = leaves.map(() => undefined);
  const candidates: number[] = [];
  const matched: number[] = [];
  /** One of the two is there while matching. */
  let event: Event | undefined;
  let record: RecordSource | undefined;
  let records: RecordSource | undefined;
  let epoch = 0;
  let meter: WorkMeter | undefined;
  /** The rule whose condition is being evaluated, or those that wait for a predicate to be asked. */
  let workers: readonly number[] = [];

  function load(index: number): Slot {
    const slot = slots[index];
    if (slot === undefined) throw new Error('no such field in the plan');
    if (slot.epoch === epoch) return slot;
    if (record !== undefined) record.load(index, epoch);
    else if (event !== undefined) loadSlot(slot, event, epoch);
    return slot;
  }
  function fold(index: number): readonly string[] {
    return foldSlot(load(index), epoch);
  }
  function valueAt(index: number): JsonValue | undefined {
    return load(index).value;
  }
  const context: LeafContext = { load, fold };

  function passes(gate: readonly number[]): boolean {
    if (gate.length === 0) return true;
    for (const slot of gate) if (isThere(slot)) return true;
    return false;
  }
  function isThere(index: number): boolean {
    // Without making anything of its value, where that can be told.
    if (record !== undefined && slots[index]?.epoch !== epoch && record.kind(index) === 'absent') return false;
    return load(index).value !== undefined;
  }

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

  function compile(node: Node, settled: ReadonlySet<number>): () => boolean {
    switch (node.kind) {
      case 'leaf': {
        const { leaf } = node;
        if (settled.has(leaf)) return () => results[leaf] === epoch * 2 + 1;
        return () => ask(leaf);
      }
      case 'not': {
        const inner = compile(node.node, settled);
        return () => !inner();
      }
      default: {
        const stopAt = node.kind === 'any';
        const operands = inOrder(node.nodes, stopAt).map((one) => compile(one, settled));
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

  function visit(waiting: readonly number[]): void {
    for (const candidate of waiting) {
      if (visited[candidate] === round) continue;
      visited[candidate] = round;
      candidates.push(candidate);
    }
  }

  function fire(units: readonly Unit[]): void {
    for (const unit of units) {
      unit.count++;
      if (unit.leaf >= 0) results[unit.leaf] = epoch * 2 + 1;
      visit(unit.candidates);
    }
  }

  // One function for all scans: making one per text would cost as much as a short scan.
  let searched: readonly (readonly Unit[])[] = [];
  let foundBy: Int32Array = new Int32Array(0);
  let searches = 0;
  const fired: Unit[] = [];
  /** A literal may stand in the text a thousand times; once is enough. */
  function take(literal: number): boolean {
    if (foundBy[literal] === searches) return false;
    foundBy[literal] = searches;
    found(searched[literal]);
    return false;
  }
  function found(units: readonly Unit[] | undefined): void {
    if (units === undefined) return;
    fire(units);
    if (fired.length <= mostRemembered) for (const unit of units) fired.push(unit);
  }

  function searchTexts(field: FieldPlan): void {
    const { slot, equals, scanner, units } = field;
    searched = units;
    foundBy = field.foundBy;
    searches = (searches + 1) & 0x7fffffff;
    fired.length = 0;
    for (const text of fold(slot)) {
      if (equals !== undefined) found(equals.get(text));
      if (scanner !== undefined) scanner.scan(text, take);
    }
  }

  function plainSearchOf(field: FieldPlan): PlainSearch | undefined {
    if (plainSearches.has(field)) return plainSearches.get(field);
    const texts = [...(field.equals?.keys() ?? []), ...field.literals.map(({ text }) => text)];
    const search = createPlainSearch(texts);
    plainSearches.set(field, search);
    return search;
  }

  function searchField(field: FieldPlan): void {
    const { slot } = field;
    if (record !== undefined && slots[slot]?.epoch !== epoch) {
      if (slot === everything && plainSearchOf(field)?.(record.json()) === false) return;
      const kind = record.kind(slot);
      if (kind === 'absent') return;
      const place = kind === 'other' ? -1 : record.place(slot);
      if (place >= 0) {
        const { seen } = record;
        const known = seen.owners[place] === field ? seen.results[place] : undefined;
        if (known !== undefined) fire(known);
        else {
          searchTexts(field);
          if (fired.length > mostRemembered) return;
          seen.owners[place] = field;
          seen.results[place] = remembered();
        }
        return;
      }
    }
    const { texts } = load(slot);
    const [only] = texts;
    if (texts.length !== 1 || only === undefined || record !== undefined) {
      if (texts.length > 0) searchTexts(field);
      return;
    }
    const known = field.seen.get(only);
    if (known !== undefined) fire(known);
    else {
      searchTexts(field);
      if (fired.length <= mostRemembered && field.seen.wants(only)) field.seen.set(only, remembered());
    }
  }

  function remembered(): readonly Unit[] {
    return fired.length === 0 ? nothing : [...new Set(fired)];
  }

  function search(plan: SubPlan): void {
    for (const field of plan.fields) searchField(field);
    for (const unit of plan.asked) {
      if (meter !== undefined) {
        workers = unit.rules;
        if (workers.every(meter.wasOff)) continue;
      }
      if (!ask(unit.leaf)) continue;
      unit.count++;
      visit(unit.candidates);
    }
    visit(plan.always);
  }

  function run(): readonly number[] {
    for (const branch of choice.choose(valueAt)) if (passes(branch.gate)) runPlan(choice.planOf(branch));
    meter?.countEvent();
    leaveOut();
    if (matched.length > 1) matched.sort(ascending);
    return matched;
  }

  function runPlan(plan: SubPlan): void {
    candidates.length = 0;
    round++;
    search(plan);
    plan.visits += candidates.length;
    for (const index of candidates) {
      let condition = plan.conditions[index];
      const candidate = plan.candidates[index];
      if (candidate === undefined || meter?.wasOff(candidate.rule) === true) continue;
      if (condition === undefined) {
        condition = compile(candidate.node, plan.settled);
        plan.conditions[index] = condition;
      }
      if (meter !== undefined) workers = [candidate.rule];
      if (condition()) matched.push(candidate.rule);
    }
  }

  /** Without the rules that went over, predicates that only they needed are not asked any more. */
  function leaveOut(): void {
    if (meter?.wentOver() === true) choice.forget();
  }

  /** What has to be made for an event, if anything. */
  function missing(next: Event): Generator<void, void> | undefined {
    begin();
    event = next;
    const steps = choice.prepare(valueAt, passes);
    event = undefined;
    return steps;
  }

  function* makeMissing(first: Generator<void, void>, rest: readonly Event[]): Generator<void, void> {
    yield* first;
    for (const next of rest) {
      const steps = missing(next);
      if (steps !== undefined) yield* steps;
    }
  }

  function begin(): void {
    matched.length = 0;
    if (round >= lastEpoch) {
      round = 0;
      visited.fill(0);
    }
    epoch++;
    if (epoch < lastEpoch) return;
    epoch = 1;
    results.fill(0);
    for (const slot of slots) {
      slot.epoch = 0;
      slot.foldedEpoch = 0;
    }
  }

  return {
    match(next) {
      begin();
      event = next;
      const indexes = run();
      event = undefined;
      return indexes;
    },
    matchRecord(bytes) {
      begin();
      records ??= createRecordSource(table.fields, slots);
      if (!records.take(bytes)) return undefined;
      record = records;
      const indexes = run();
      record = undefined;
      return indexes;
    },
    prepare(events) {
      for (const [at, next] of events.entries()) {
        const steps = missing(next);
        if (steps !== undefined) return makeMissing(steps, events.slice(at + 1));
      }
      return undefined;
    },
    limitWork(limit) {
      meter = createWorkMeter(limit, nodes.length);
    },
    workStarted: () => meter?.now() ?? 0,
    charge(rule, started) {
      if (meter === undefined) return;
      meter.charge(rule, meter.now() - started);
      leaveOut();
    },
    fields: table.fields,
    size: {
      predicates: leaves.length,
      fields: slots.length,
      get always() {
        return nodes.filter((node) => cheapestTrigger(node, leaves) === undefined).length;
      },
    },
  };
}

/** Predicates whose work depends on more than the length of the text. */
function isHeavy(leaf: Leaf | undefined): boolean {
  return leaf?.texts === undefined;
}

function ascending(a: number, b: number): number {
  return a - b;
}

// Events in, findings out: the heart of detection. Pure but for the windows, which it advances.
import type { Event } from './event.ts';
import { type Finding, type Occurrence, toFinding } from './finding.ts';
import { decimal } from './rules/number.ts';
import { type CorrelationLink, type CorrelationPlan, type Output, type RuleSet, scalarText } from './rules/rule-set.ts';
import type { FindLane, Lane } from './suppression.ts';
import type { WindowReading, WindowState } from './window-state.ts';

/** False where an event must not count for a rule: somebody made an exception. */
export type Allows = (ruleId: string, event: Event) => boolean;

/**
 * Runs all rules over events in the order given. Findings with the same key are one finding per call, with the numbers after the
 * last event: a batch of 500 failed logins is one finding with 500 new events, not 500 findings. Those of different lanes stay apart.
 * To rebuild `windows` after a start, run stored events through it and drop the findings.
 */
export function evaluate(
  ruleSet: RuleSet,
  events: readonly Event[],
  windows: WindowState,
  allows: Allows = everything,
  findLane?: FindLane,
): Finding[] {
  const occurrences = new Map<string, Occurrence>();
  for (const event of events) {
    for (const index of ruleSet.matcher.match(event)) {
      const detection = ruleSet.detections[index];
      if (detection === undefined) continue;
      const { output } = detection;
      if (output !== undefined && allows(output.info.id, event)) single(output, event, occurrences, findLane);
      if (detection.correlations.length === 0) continue;
      const started = ruleSet.matcher.workStarted();
      for (const correlation of detection.correlations)
        correlate(correlation, event, windows, occurrences, allows, findLane);
      ruleSet.matcher.charge(index, started);
    }
  }
  return Array.from(occurrences.values(), (occurrence) => {
    settle(occurrence);
    return toFinding(occurrence);
  });
}

function everything(): boolean {
  return true;
}

function single(output: Output, event: Event, occurrences: Map<string, Occurrence>, findLane?: FindLane): void {
  const group: Record<string, string> = {};
  const values = output.dedup.map(({ field, read }) => {
    const value = scalarText(read(event)) ?? '';
    if (value !== '') group[field] = value;
    return value;
  });
  const lane = findLane?.(output.info.id, () => group, event, true);
  const key = keyOf(output, values, lane);
  const known = occurrences.get(key);
  if (known !== undefined) {
    fire(known, event);
    known.count++;
    known.newEvents++;
    known.eventIds.push(event.id);
    known.firstAtMs = Math.min(known.firstAtMs, event.timeMs);
    known.lastAtMs = Math.max(known.lastAtMs, event.timeMs);
    return;
  }
  occurrences.set(key, {
    output,
    group,
    event,
    run: undefined,
    state: 'opened',
    count: 1,
    newEvents: 1,
    value: 1,
    firstAtMs: event.timeMs,
    lastAtMs: event.timeMs,
    eventIds: [event.id],
    lane,
    firedFirstMs: event.timeMs,
    firedLastMs: event.timeMs,
    entityValues: output.entities.map(({ read }) => {
      const value = scalarText(read(event));
      return value === undefined || value === '' ? [] : [value];
    }),
  });
}

function correlate(
  { plan, group, values, step }: CorrelationLink,
  event: Event,
  windows: WindowState,
  occurrences: Map<string, Occurrence>,
  allows: Allows,
  findLane?: FindLane,
): void {
  if (plan.output !== undefined && !allows(plan.output.info.id, event)) return;
  const groupValues: string[] = [];
  for (const read of group) {
    const text = scalarText(read(event));
    // An event without a field of the group belongs to no group.
    if (text === undefined || text === '') return;
    groupValues.push(text);
  }
  const observed = observedValue(plan, step, values, event);
  if (observed === undefined) return;
  const groupKey = groupValues.length === 1 ? (groupValues[0] ?? '') : JSON.stringify(groupValues);
  const reading = windows.observe(plan.window, groupKey, {
    timeMs: event.timeMs,
    eventId: event.id,
    value: observed,
    tracked: plan.tracked.map((read) => scalarText(read(event))),
  });
  if (reading === undefined) return;
  if (plan.output !== undefined) occur(plan, plan.output, groupValues, event, reading, occurrences, findLane);
  for (const link of plan.feeds) {
    if (reading.state === 'opened' || link.everyEvent) correlate(link, event, windows, occurrences, allows, findLane);
  }
}

function observedValue(
  { window }: CorrelationPlan,
  step: string | undefined,
  values: CorrelationLink['values'],
  event: Event,
): string | number | undefined {
  if (step !== undefined) return step;
  const [first] = values;
  if (first === undefined) return 1;
  if (values.length > 1) {
    const texts = values.map((read) => scalarText(read(event)));
    return texts.some((text) => text === undefined || text === '') ? undefined : JSON.stringify(texts);
  }
  const text = scalarText(first(event));
  if (text === undefined || text === '') return undefined;
  if (window.aggregate === 'distinct' || window.aggregate === 'share') return text;
  const number = decimal(text);
  // A negative number would let whoever sends it take something off a sum.
  return Number.isFinite(number) && (window.aggregate !== 'sum' || number >= 0) ? number : undefined;
}

function occur(
  plan: CorrelationPlan,
  output: Output,
  groupValues: readonly string[],
  event: Event,
  reading: WindowReading,
  occurrences: Map<string, Occurrence>,
  findLane?: FindLane,
): void {
  const groupOf = () => Object.fromEntries(plan.groupBy.map((field, index) => [field, groupValues[index] ?? '']));
  const lane = findLane?.(output.info.id, groupOf, event, false);
  const key = keyOf(output, groupValues, lane);
  const { run, state, eventIds } = reading;
  let known = occurrences.get(key);
  if (known === undefined) {
    known = {
      output,
      group: groupOf(),
      event,
      run,
      state,
      count: 0,
      newEvents: 0,
      value: 0,
      firstAtMs: 0,
      lastAtMs: 0,
      eventIds: [],
      entityValues: [],
      lane,
      firedFirstMs: event.timeMs,
      firedLastMs: event.timeMs,
    };
    occurrences.set(key, known);
  }
  fire(known, event);
  if (state === 'opened') known.state = 'opened';
  known.run = run;
  known.newEvents += state === 'opened' ? run.events : 1;
  for (const id of eventIds) known.eventIds.push(id);
}

/** Reads the numbers off the run once, however many of the batch's events it took in. */
function settle(occurrence: Occurrence): void {
  const { run, output, group } = occurrence;
  if (run === undefined) return;
  occurrence.count = run.events;
  occurrence.value = run.peak;
  occurrence.firstAtMs = run.firstAtMs;
  occurrence.lastAtMs = run.lastAtMs;
  occurrence.entityValues = output.entities.map((entity) =>
    entity.group >= 0 ? [group[entity.field] ?? ''] : [...(run.tracked[entity.tracked] ?? [])],
  );
}

function fire(occurrence: Occurrence, { timeMs }: Event): void {
  occurrence.firedFirstMs = Math.min(occurrence.firedFirstMs, timeMs);
  occurrence.firedLastMs = Math.max(occurrence.firedLastMs, timeMs);
}

function keyOf(output: Output, values: readonly string[], lane: Lane | undefined): string {
  const apart = lane === undefined ? '' : `\n${lane.key} ${lane.fromMs}`;
  return `${output.info.id}\n${JSON.stringify(values)}${apart}`;
}

// Every reading of every kind of window against a count from scratch: events that come late and at the same time, several groups, all
// comparisons. GATEHOUSE_DIFFERENTIAL_RUNS sets how many histories are tried.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createMemoryWindowState, defaultWindowLimits } from '../../../src-main/engine/memory-window-state.ts';
import { meets, type WindowCondition, type WindowSpec } from '../../../src-main/engine/window-state.ts';

const numRuns = Number(process.env.GATEHOUSE_DIFFERENTIAL_RUNS ?? 1500);
const spanMs = 100;
const latenessMs = 150;

interface Sample {
  readonly timeMs: number;
  readonly value: number;
  readonly arrival: number;
  readonly group: string;
}

const sample = fc
  .record({
    timeMs: fc.nat({ max: 600 }),
    value: fc.integer({ min: 1, max: 6 }),
    delay: fc.oneof(fc.constant(0), fc.nat({ max: 12 }), fc.nat({ max: latenessMs })),
    group: fc.constantFrom('g', 'g', 'g', 'h'),
  })
  .map(({ delay, ...one }): Sample => ({ ...one, arrival: one.timeMs + delay }));
const limit = fc.integer({ min: 0, max: 8 });
const condition: fc.Arbitrary<WindowCondition> = fc.oneof(
  fc.constant({ gte: -1 }),
  ...(['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const).map((name) => limit.map((value) => ({ [name]: value }))),
  fc.tuple(limit, limit).map(([gte, lt]) => ({ gte, lt })),
);
const aggregate = fc.constantFrom<WindowSpec['aggregate']>(
  ...(['count', 'distinct', 'sum', 'average', 'percentile', 'minimum', 'maximum', 'share', 'ordered', 'near'] as const),
);

function observed({ aggregate: kind }: WindowSpec, { value }: Sample): number | string {
  if (kind === 'ordered') return String(value - 1);
  if (kind === 'near' && value === 6) return '!6';
  return kind === 'distinct' || kind === 'near' ? `v${value}` : value;
}

function valueOfWindow({ aggregate: kind, percentile = 50 }: WindowSpec, inside: readonly Sample[]): number {
  const numbers = inside.map(({ value }) => value).sort((a, b) => a - b);
  const sum = numbers.reduce((total, one) => total + one, 0);
  const newest = inside[inside.length - 1]?.value;
  switch (kind) {
    case 'count':
      return inside.length;
    case 'distinct':
      return new Set(numbers).size;
    case 'sum':
      return sum;
    case 'average':
      return sum / numbers.length;
    case 'percentile':
      return numbers[Math.max(0, Math.ceil((percentile / 100) * numbers.length) - 1)] ?? 0;
    case 'minimum':
      return numbers[0] ?? 0;
    case 'maximum':
      return numbers[numbers.length - 1] ?? 0;
    case 'share':
      return (100 * numbers.filter((one) => one === newest).length) / numbers.length;
    case 'near':
      return numbers.includes(6) ? 0 : new Set(numbers).size;
    case 'ordered': {
      let step = 0;
      for (const { value } of inside) if (value - 1 === step) step++;
      return step;
    }
  }
}

/** The highest value, of those that fulfil the condition, in the windows that contain the event and end at it or a later one. */
function naive(spec: WindowSpec, held: readonly Sample[], one: Sample): number | undefined {
  let best: number | undefined;
  held.forEach((end, to) => {
    if (to < held.indexOf(one) || end.timeMs > one.timeMs + spanMs) return;
    const value = valueOfWindow(
      spec,
      held.slice(0, to + 1).filter(({ timeMs }) => timeMs >= end.timeMs - spanMs),
    );
    if (meets(spec.condition, value) && (best === undefined || value > best)) best = value;
  });
  return best;
}

it('reads what a count from scratch gives', { timeout: 3_600_000 }, () => {
  let readings = 0;
  let late = 0;
  fc.assert(
    fc.property(
      fc.array(sample, { minLength: 5, maxLength: 60 }),
      aggregate,
      condition,
      fc.integer({ min: 0, max: 100 }),
      (list, kind, asked, percentile) => {
        const spec: WindowSpec = { id: kind, aggregate: kind, spanMs, condition: asked, percentile };
        const windows = createMemoryWindowState({ ...defaultWindowLimits, latenessMs });
        const held = new Map<string, Sample[]>();
        const arrivals = [...list].sort((a, b) => a.arrival - b.arrival);
        arrivals.forEach((one, at) => {
          const group = held.get(one.group) ?? [];
          held.set(one.group, group);
          const later = group.findIndex(({ timeMs }) => timeMs > one.timeMs);
          group.splice(later < 0 ? group.length : later, 0, one);
          if (later >= 0) late++;
          const wanted = naive(spec, group, one);
          const found = windows.observe(spec, one.group, {
            timeMs: one.timeMs,
            eventId: String(at),
            value: observed(spec, one),
            tracked: [],
          });
          if (wanted === undefined) expect(found).toBeUndefined();
          else {
            expect(found?.value).toBeCloseTo(wanted, 9);
            readings++;
            // An event's own reading lists it, and a run has seen no less than its best window.
            expect(found?.eventIds).toContain(String(at));
            expect(found?.run.peak).toBeGreaterThanOrEqual(found?.value ?? 0);
          }
        });
        expect(windows.usage()).toMatchObject({ evicted: 0, merged: 0 });
      },
    ),
    { numRuns },
  );
  expect(readings).toBeGreaterThan(numRuns);
  expect(late).toBeGreaterThan(numRuns);
  if (process.env.GATEHOUSE_DIFFERENTIAL_RUNS !== undefined)
    process.stdout.write(`${readings} readings, ${late} late events\n`);
});

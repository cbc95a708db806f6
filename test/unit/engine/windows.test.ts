// Sliding windows against a counter that is too simple to be wrong, in order and out of order, and their bounds.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryWindowState, defaultWindowLimits } from '../../../src-main/engine/memory-window-state.ts';
import type { Observation, WindowSpec } from '../../../src-main/engine/window-state.ts';

const minute = 60_000;
const spanMs = 5 * minute;
const latenessMs = 10 * minute;
const limits = { ...defaultWindowLimits, latenessMs };

function spec(aggregate: WindowSpec['aggregate'], gt: number): WindowSpec {
  return { id: `${aggregate}${gt}`, aggregate, spanMs, condition: { gt } };
}

function observation(timeMs: number, value: number | string = 1, eventId = `${timeMs}`): Observation {
  return { timeMs, eventId, value, tracked: [] };
}

type Sample = { readonly timeMs: number; readonly value: number };

/** The highest value of any window that ends at an event, computed from scratch. */
function naive(aggregate: WindowSpec['aggregate'], samples: readonly Sample[]): number {
  return Math.max(
    0,
    ...samples.map(({ timeMs: end }) => {
      const inside = samples.filter(({ timeMs }) => timeMs <= end && timeMs >= end - spanMs);
      if (aggregate === 'sum') return inside.reduce((sum, { value }) => sum + value, 0);
      return aggregate === 'count' ? inside.length : new Set(inside.map(({ value }) => value)).size;
    }),
  );
}

const samples = fc.array(fc.record({ timeMs: fc.nat({ max: 30 * minute }), value: fc.integer({ min: 1, max: 6 }) }), {
  maxLength: 60,
});
const aggregates = fc.constantFrom('count' as const, 'sum' as const, 'distinct' as const);

function highest(aggregate: WindowSpec['aggregate'], arrivals: readonly Sample[]): number {
  const windows = createMemoryWindowState(limits);
  let peak = 0;
  for (const { timeMs, value } of arrivals) {
    peak = Math.max(peak, windows.observe(spec(aggregate, 0), 'g', observation(timeMs, value))?.value ?? 0);
  }
  return peak;
}

describe('sliding windows', () => {
  it('agree with the simple counter for events in order', () => {
    fc.assert(
      fc.property(samples, aggregates, (list, aggregate) => {
        const sorted = [...list].sort((a, b) => a.timeMs - b.timeMs);
        expect(highest(aggregate, sorted)).toBe(naive(aggregate, sorted));
      }),
    );
  });

  it('agree with it for events that come late, within the lateness', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            samples.map(([one]) => one),
            fc.nat({ max: latenessMs }),
          ),
          { maxLength: 60 },
        ),
        aggregates,
        (pairs, aggregate) => {
          const list = pairs.flatMap(([sample, delay]) =>
            sample === undefined ? [] : [{ ...sample, arrival: sample.timeMs + delay }],
          );
          const arrivals = [...list].sort((a, b) => a.arrival - b.arrival);
          expect(highest(aggregate, arrivals)).toBe(naive(aggregate, list));
        },
      ),
    );
  });

  it('open once, go on while the condition holds, and open again after it stopped', () => {
    const windows = createMemoryWindowState(limits);
    const at = (timeMs: number) => windows.observe(spec('count', 2), 'g', observation(timeMs));
    expect([0, 1, 2].map((n) => at(n * minute)?.state)).toEqual([undefined, undefined, 'opened']);
    const more = at(3 * minute);
    expect(more).toMatchObject({ state: 'continued', eventIds: [`${3 * minute}`] });
    expect(more?.run.events).toBe(4);
    expect(at(20 * minute)).toBeUndefined();
    expect(at(21 * minute)).toBeUndefined();
    expect(at(22 * minute)).toMatchObject({ state: 'opened', eventIds: [20, 21, 22].map((n) => `${n * minute}`) });
  });

  it('count an old log and live events of the same group apart', () => {
    const windows = createMemoryWindowState(limits);
    const live = 1_000_000 * minute;
    const readings = [0, 1, 2, 3].flatMap((n) => [
      windows.observe(spec('count', 3), 'g', observation(n * minute)),
      windows.observe(spec('count', 3), 'g', observation(live + n * minute)),
    ]);
    expect(readings.map((reading) => reading?.value)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      4,
      4,
    ]);
  });

  it('see a window that an import closes from below', () => {
    const windows = createMemoryWindowState(limits);
    const live = 1000 * minute;
    windows.observe(spec('count', 3), 'g', observation(live));
    windows.observe(spec('count', 3), 'g', observation(live + minute));
    for (let n = 0; n < 999; n += 30) windows.observe(spec('count', 3), 'g', observation(n * minute));
    windows.observe(spec('count', 3), 'g', observation(live - 2 * minute));
    expect(windows.observe(spec('count', 3), 'g', observation(live - minute))).toMatchObject({
      state: 'opened',
      value: 4,
    });
  });

  it('know steps that follow each other, and only in order', () => {
    const ordered: WindowSpec = { id: 'o', aggregate: 'ordered', spanMs, condition: { gte: 3 } };
    const run = (steps: string[]) => {
      const windows = createMemoryWindowState(limits);
      return steps.map((step, n) => windows.observe(ordered, 'g', observation(n * 1000, step))?.value).pop();
    };
    expect(run(['0', '1', '2'])).toBe(3);
    expect(run(['0', '0', '1', '1', '2'])).toBe(3);
    expect(run(['1', '0', '2'])).toBeUndefined();
    expect(run(['2', '1', '0'])).toBeUndefined();
  });
});

/** What stands in the window that ends at each event, computed from scratch. */
function fromScratch(kind: WindowSpec['aggregate'], inside: readonly Sample[]): number {
  const numbers = inside.map(({ value }) => value).sort((a, b) => a - b);
  const newest = inside[inside.length - 1]?.value;
  switch (kind) {
    case 'average':
      return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
    case 'percentile':
      return numbers[Math.ceil(0.9 * numbers.length) - 1] ?? 0;
    case 'minimum':
      return numbers[0] ?? 0;
    case 'maximum':
      return numbers[numbers.length - 1] ?? 0;
    case 'share':
      return (100 * inside.filter(({ value }) => value === newest).length) / inside.length;
    case 'near':
      return numbers.includes(6) ? 0 : new Set(numbers).size;
    default: {
      let step = 0;
      for (const { value } of inside) if (value - 1 === step) step++;
      return step;
    }
  }
}

it.each(['average', 'percentile', 'minimum', 'maximum', 'share', 'near', 'ordered'] as const)(
  '%s is exact in every window',
  (aggregate) => {
    fc.assert(
      fc.property(samples, (list) => {
        const sorted = [...list].sort((a, b) => a.timeMs - b.timeMs);
        const windows = createMemoryWindowState(limits);
        const asked: WindowSpec = { id: aggregate, aggregate, spanMs, condition: { gte: -1 }, percentile: 90 };
        sorted.forEach(({ timeMs, value }, at) => {
          const observed =
            aggregate === 'ordered' ? String(value - 1) : aggregate === 'near' && value === 6 ? '!6' : value;
          const inside = sorted.slice(0, at + 1).filter((one) => one.timeMs >= timeMs - spanMs);
          const found = windows.observe(asked, 'g', observation(timeMs, observed, `${at}`))?.value;
          expect(found).toBeCloseTo(fromScratch(aggregate, inside), 9);
        });
      }),
    );
  },
);

describe('bounds', () => {
  it('lets a million passing groups go before one that is being counted', { timeout: 120_000 }, () => {
    const windows = createMemoryWindowState({ ...limits, groups: 20_000 });
    let last: number | undefined;
    for (let n = 0; n < 1_000_000; n++) {
      // From its second event on a group counts as one that is being counted.
      if (n % 100_000 === 0 || n === 1)
        last = windows.observe(spec('count', 9), 'slow', observation(n / 10, 1, `s${n}`))?.value;
      windows.observe(spec('count', 9), `passing-${n}`, observation(n / 10));
    }
    expect(last).toBe(11);
    expect(windows.usage().groups).toBeLessThanOrEqual(20_000);
  });

  it('lets made-up groups go before one that has gathered more than they, and says how many', () => {
    const windows = createMemoryWindowState({ ...limits, groups: 1000 });
    const asked = spec('count', 7);
    for (let n = 0; n < 6; n++) windows.observe(asked, 'victim', observation(n, 1, `v${n}`));
    for (let n = 0; n < 50_000; n++) {
      // Three events each: no group has one alone, and each is more recent than the victim's last.
      for (let k = 0; k < 3; k++) windows.observe(asked, `made-up-${n}`, observation(10 + n / 1000, 1));
    }
    windows.observe(asked, 'victim', observation(100, 1));
    expect(windows.observe(asked, 'victim', observation(101, 1))).toMatchObject({ state: 'opened', value: 8 });
    const { groups, evicted, evictedCounting, merged } = windows.usage();
    expect({ groups: groups <= 1000, sum: groups + evicted, merged }).toEqual({ groups: true, sum: 50_001, merged: 0 });
    expect(evictedCounting).toBe(evicted);
  });

  it('makes room for events in the groups that hold most, which keep their counts', () => {
    const windows = createMemoryWindowState({ ...limits, events: 5000 });
    const asked = spec('count', 3);
    for (let n = 0; n < 3; n++) windows.observe(asked, 'small', observation(n, 1));
    let last: number | undefined;
    for (let n = 0; n < 20_000; n++) last = windows.observe(asked, `flood-${n % 3}`, observation(n, 1))?.value;
    expect(last).toBe(6667);
    expect(windows.observe(asked, 'small', observation(20_000, 1))?.value).toBe(4);
    const { events, evicted, merged } = windows.usage();
    expect({ few: events <= 5000, evicted, sum: events + merged }).toEqual({ few: true, evicted: 0, sum: 20_004 });
  });

  it('gives up the groups that were quiet longest, but not one whose alert is on', () => {
    const windows = createMemoryWindowState({ ...limits, groups: 100 });
    for (let n = 0; n < 3; n++) windows.observe(spec('count', 2), 'noisy', observation(n));
    for (let n = 0; n < 1000; n++) windows.observe(spec('count', 2), `g${n}`, observation(n));
    expect(windows.usage()).toMatchObject({ groups: 100, evicted: 901 });
    expect(windows.observe(spec('count', 2), 'noisy', observation(4))).toMatchObject({ state: 'continued', value: 4 });
  });

  it('keeps exact totals of a flood in few entries', () => {
    for (const [aggregate, expected] of [
      ['count', 50_000],
      ['sum', 150_000],
    ] as const) {
      const windows = createMemoryWindowState({ ...limits, eventsPerGroup: 1000 });
      let last: number | undefined;
      for (let n = 0; n < 50_000; n++) last = windows.observe(spec(aggregate, 10), 'g', observation(n, 3))?.value;
      expect(last).toBe(expected);
      expect(windows.usage().events).toBeLessThanOrEqual(1000);
    }
  });

  it('keeps repeated values of a flood apart from new ones', () => {
    const windows = createMemoryWindowState({ ...limits, eventsPerGroup: 1000 });
    let last: number | undefined;
    for (let n = 0; n < 50_000; n++)
      last = windows.observe(spec('distinct', 10), 'g', observation(n, `v${n % 300}`))?.value;
    expect(last).toBe(300);
    expect(windows.usage().events).toBeLessThanOrEqual(1000);
  });

  it('takes a flood that arrives backwards, and holds no more than its share of it', { timeout: 120_000 }, () => {
    const windows = createMemoryWindowState({ ...limits, eventsPerGroup: 2000 });
    for (let n = 0; n < 10_000; n++) windows.observe(spec('count', 10), 'g', observation(600_000 - n));
    expect(windows.usage().events).toBeLessThanOrEqual(2000);
  });
});

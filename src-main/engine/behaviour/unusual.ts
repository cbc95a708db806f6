// How unusual an event is for its principal, with the reasons: each dimension adds what it says, and none alone is enough. A dimension in
// which the principal is never the same from day to day says nothing.
import { countBefore, type DaySet, firstOf, usualPeak } from './days.ts';
import { dayOf, hourOfWeek, type Profile } from './profile.ts';
import { type Dimension, dimensions, type Traits } from './traits.ts';

export interface Reason {
  readonly kind: Dimension | 'hour' | 'rate';
  /** Of 100, before the sum is cut there. */
  readonly points: number;
  /** What was unusual and against what; a part of a sentence. */
  readonly text: string;
}

export interface Unusual {
  readonly score: number;
  readonly reasons: readonly Reason[];
  /** Days with events before this one: what it was compared with. */
  readonly historyDays: number;
}

const weights = { network: 35, device: 30, resource: 20, hour: 25, rate: 30 } as const;
/** The first days are all new; they don't tell how often something new is usual. */
const settlingDays = 5;
const leastRate = 50;
const rateTimes = 3;

/**
 * @param hourEvents events of the principal in this hour, this one included.
 * Compares with days before the event's own, so that neither what comes later nor the rest of the day changes the answer.
 */
export function judge(
  profile: Profile,
  timeMs: number,
  traits: Traits,
  hourEvents: number | undefined,
): Unusual | undefined {
  const newest = dayOf(profile.newestMs);
  const day = dayOf(timeMs);
  const historyDays = countBefore(profile.days, day, newest);
  if (historyDays === 0) return undefined;
  const reasons: Reason[] = [];
  for (const dimension of dimensions) {
    const reason = unusualValue(profile, dimension, traits[dimension], day, historyDays);
    if (reason !== undefined) reasons.push(reason);
  }
  const hour = unusualHour(profile, timeMs, day, historyDays);
  if (hour !== undefined) reasons.push(hour);
  const usual = usualPeak(profile.amounts.events, day);
  if (hourEvents !== undefined && usual !== undefined && hourEvents > Math.max(leastRate, usual * rateTimes)) {
    const text = `${hourEvents} events in an hour, busy ones had ${usual}`;
    reasons.push({ kind: 'rate', points: weights.rate, text });
  }
  if (reasons.length === 0) return undefined;
  reasons.sort((one, other) => other.points - one.points);
  const score = Math.min(
    100,
    reasons.reduce((sum, { points }) => sum + points, 0),
  );
  return { score, reasons, historyDays };
}

function unusualValue(
  profile: Profile,
  dimension: Dimension,
  value: string | undefined,
  day: number,
  historyDays: number,
): Reason | undefined {
  if (value === undefined) return undefined;
  const newest = dayOf(profile.newestMs);
  const known = profile.values[dimension];
  const own = known.get(value);
  const seen = own === undefined ? 0 : countBefore(own, day, newest);
  if (seen >= 2) return undefined;
  const before = [...known.values()].filter((set) => countBefore(set, day, newest) > 0);
  // Nothing to compare with: events of before had none.
  if (before.length === 0) return undefined;
  const start = firstOf(profile.days, newest) ?? day;
  const news = new Set(before.map((set) => firstOf(set, newest)).filter((one) => (one ?? 0) >= start + settlingDays));
  const steadiness = Math.max(0, 1 - (2 * news.size) / historyDays);
  const points = Math.round(weights[dimension] * steadiness * (seen === 0 ? 1 : 0.5));
  if (points === 0) return undefined;
  const text =
    seen === 0
      ? `new ${dimension} ${value} (${before.length} known)`
      : `${dimension} ${value} (seen on one day before)`;
  return { kind: dimension, points, text };
}

/** The hour, its neighbours, and the same on other working or free days: how many days it was usual on. */
function unusualHour(profile: Profile, timeMs: number, day: number, historyDays: number): Reason | undefined {
  const newest = dayOf(profile.newestMs);
  const own = hourOfWeek(timeMs);
  const isWeekend = own >= 120;
  const near: DaySet = [0, 0];
  for (const [hour, set] of profile.hours) {
    const apart = Math.abs((hour % 24) - (own % 24));
    if (hour >= 120 !== isWeekend || (apart > 1 && apart !== 23)) continue;
    near[0] |= set[0];
    near[1] |= set[1];
  }
  const days = countBefore(near, day, newest);
  if (days >= Math.max(2, historyDays * 0.05)) return undefined;
  const points = days === 0 ? weights.hour : Math.round(weights.hour / 2);
  const name = `${String(own % 24).padStart(2, '0')}:00 UTC on a ${isWeekend ? 'weekend' : 'working day'}`;
  const text = `${name} (so on ${days} of ${historyDays} days)`;
  return { kind: 'hour', points, text };
}

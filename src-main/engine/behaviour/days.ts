// Sets of days and of numbers per day over the last weeks, as rings: adding does not depend on the order in which events come, and what
// is too old goes by itself. Days are UTC days since 1970.

export const dayMs = 86_400_000;
/** Days that a principal's behaviour is remembered. */
export const horizonDays = 60;
const ringSize = 64;

/** Days as bits: day `d` is bit `d mod 64`, over two words. Which days they are is known from the newest one. */
export type DaySet = [low: number, high: number];

export function addDay(set: DaySet, day: number): void {
  const at = day & (ringSize - 1);
  if (at < 32) set[0] |= 1 << at;
  else set[1] |= 1 << (at - 32);
}

export function hasDay(set: DaySet, day: number): boolean {
  const at = day & (ringSize - 1);
  return (at < 32 ? (set[0] >>> at) & 1 : (set[1] >>> (at - 32)) & 1) === 1;
}

/** Takes out the days that `newest` leaves behind; `before` was the newest until now. */
export function forgetDays(set: DaySet, before: number, newest: number): void {
  if (newest - before >= ringSize) {
    set[0] = 0;
    set[1] = 0;
    return;
  }
  for (let day = before + 1; day <= newest; day++) {
    for (const stale of [day, day - horizonDays]) {
      const at = stale & (ringSize - 1);
      if (at < 32) set[0] &= ~(1 << at);
      else set[1] &= ~(1 << (at - 32));
    }
  }
}

/** How many of the days lie before `day`. */
export function countBefore(set: DaySet, day: number, newest: number): number {
  let count = 0;
  for (let one = newest - horizonDays + 1; one < day && one <= newest; one++) if (hasDay(set, one)) count++;
  return count;
}

/** The first of the days, or undefined. */
export function firstOf(set: DaySet, newest: number): number | undefined {
  for (let one = newest - horizonDays + 1; one <= newest; one++) if (hasDay(set, one)) return one;
  return undefined;
}

export function isEmpty(set: DaySet): boolean {
  return set[0] === 0 && set[1] === 0;
}

/** What a principal moved or did per hour: each hour of the last two days, and each day's highest hour. */
export type Amounts = { hours: Map<number, number>; peaks: Map<number, number> };

const hourMs = 3_600_000;
const hoursKept = 48;

export function createAmounts(): Amounts {
  return { hours: new Map(), peaks: new Map() };
}

/** @returns the hour's amount with this, or undefined when the event is too late for its hour to be known. */
export function addAmount(amounts: Amounts, timeMs: number, newestMs: number, amount: number): number | undefined {
  const hour = Math.floor(timeMs / hourMs);
  if (hour <= Math.floor(newestMs / hourMs) - hoursKept) return undefined;
  const sum = (amounts.hours.get(hour) ?? 0) + amount;
  amounts.hours.set(hour, sum);
  const day = Math.floor(timeMs / dayMs);
  if (sum > (amounts.peaks.get(day) ?? 0)) amounts.peaks.set(day, sum);
  return sum;
}

export function forgetAmounts(amounts: Amounts, newestMs: number): void {
  const oldestHour = Math.floor(newestMs / hourMs) - hoursKept;
  for (const hour of amounts.hours.keys()) if (hour <= oldestHour) amounts.hours.delete(hour);
  const oldestDay = Math.floor(newestMs / dayMs) - horizonDays;
  for (const day of amounts.peaks.keys()) if (day <= oldestDay) amounts.peaks.delete(day);
}

/**
 * What a busy hour of this principal was before `day`: the second highest of its days' highest hours. One burst, on one day, does not
 * make the next one usual. Undefined before there are two days.
 */
export function usualPeak(amounts: Amounts, day: number): number | undefined {
  let highest = -1;
  let second = -1;
  for (const [one, peak] of amounts.peaks) {
    if (one >= day) continue;
    if (peak > highest) [highest, second] = [peak, highest];
    else if (peak > second) second = peak;
  }
  return second < 0 ? undefined : second;
}

// Instants in log lines: RFC 3339 and its looser relatives, local times with a zone, dates without a year, epoch numbers.

import type { JsonValue } from '../event.ts';

/** Local wall time to milliseconds UTC. */
export type LocalClock = (
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  ms: number,
) => number;

const dayMs = 86_400_000;

function utcClock(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  ms: number,
): number {
  return Date.UTC(year, month - 1, day, hour, minute, second, ms);
}

/**
 * A clock for `zone` (IANA name, `+HH:MM`, `Z` or absent for UTC). A wall time that occurs twice (end of summer time) is taken as
 * the first; one that never occurs is moved on by the gap.
 * @throws Error when the zone isn't known.
 */
export function createLocalClock(zone?: string): LocalClock {
  if (zone === undefined || zone === 'UTC' || zone === 'Z') return utcClock;
  const fixed = parseOffset(zone);
  if (fixed !== undefined) {
    return (year, month, day, hour, minute, second, ms) =>
      Date.UTC(year, month - 1, day, hour, minute, second, ms) - fixed;
  }
  let formatter: Intl.DateTimeFormat;
  try {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (cause) {
    throw new Error(`time zone ${JSON.stringify(zone)} is not known; write one such as Europe/Berlin or +02:00`, {
      cause,
    });
  }
  function offsetAt(instant: number): number {
    const part: Record<string, number> = {};
    for (const { type, value } of formatter.formatToParts(instant)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - instant;
  }
  // Offsets change on quarter hours only, and formatToParts costs microseconds: remember the last quarter hour asked for.
  let knownQuarter = Number.NaN;
  let knownOffset = 0;
  return (year, month, day, hour, minute, second, ms) => {
    const wall = Date.UTC(year, month - 1, day, hour, minute, second, ms);
    const quarter = Math.floor(wall / 900_000);
    if (quarter !== knownQuarter) {
      // The offset a day before and a day after bracket any change; of two that fit, the larger gives the earlier instant.
      const start = quarter * 900_000;
      const before = offsetAt(start - dayMs);
      const after = offsetAt(start + dayMs);
      const fits = [before, after].filter((offset) => offsetAt(start - offset) === offset);
      knownOffset = fits.length > 0 ? Math.max(...fits) : before;
      knownQuarter = quarter;
    }
    return wall - knownOffset;
  };
}

/** `+HH:MM`, `+HHMM` or `-HH` in milliseconds. */
export function parseOffset(text: string): number | undefined {
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(text);
  if (match === null) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  if (minutes > 18 * 60) return undefined;
  return (match[1] === '-' ? -1 : 1) * minutes * 60_000;
}

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** 1 to 12, or 0 when `name` isn't an English month name in three letters. */
export function monthNumber(name: string): number {
  return monthNames.indexOf(name.toLowerCase()) + 1;
}

/** Does the calendar have this date and time? Second 60 is a leap second and counts as the next minute. */
export function isCalendarTime(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): boolean {
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60) return false;
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** A clock may run ahead of ours by this much before a date without year is taken to be last year's. */
const aheadMs = dayMs;

/** Milliseconds UTC of a date without year: the latest such date that isn't in the future, seen from `referenceTimeMs`. */
export function nearestPast(
  clock: LocalClock,
  referenceTimeMs: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  ms = 0,
): number | undefined {
  const referenceYear = new Date(referenceTimeMs).getUTCFullYear();
  // 29 February may be up to eight years back (1896 to 1904); the year after covers zones ahead of UTC on New Year's Eve.
  for (let year = referenceYear + 1; year >= referenceYear - 8; year--) {
    if (!isCalendarTime(year, month, day, hour, minute, second)) continue;
    const instant = clock(year, month, day, hour, minute, second, ms);
    if (instant <= referenceTimeMs + aheadMs) return instant;
  }
  return undefined;
}

const iso = /^(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/i;

/** RFC 3339, also with a blank for the T, slashes in the date, a comma for the dot, `+0200`, or no zone (then `clock` says). */
export function parseIsoTime(text: string, clock: LocalClock): number | undefined {
  const match = iso.exec(text);
  if (match === null) return undefined;
  const [, y, mo, d, h, mi, s, fraction, zone] = match;
  const year = Number(y);
  const month = Number(mo);
  const day = Number(d);
  const hour = Number(h);
  const minute = Number(mi);
  const second = Number(s);
  if (!isCalendarTime(year, month, day, hour, minute, second)) return undefined;
  const ms = fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1000);
  if (zone === undefined) return clock(year, month, day, hour, minute, second, ms);
  const offset = /^(?:Z|UTC)$/i.test(zone) ? 0 : parseOffset(zone);
  return offset === undefined ? undefined : Date.UTC(year, month - 1, day, hour, minute, second, ms) - offset;
}

/** Years 1973 to 2286 as seconds, milliseconds, microseconds or nanoseconds: told apart by their size. */
export function parseEpoch(value: number): number | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (value >= 1e8 && value < 1e10) return Math.floor(value * 1000);
  if (value >= 1e11 && value < 1e13) return Math.floor(value);
  if (value >= 1e14 && value < 1e16) return Math.floor(value / 1000);
  if (value >= 1e17 && value < 1e19) return Math.floor(value / 1e6);
  return undefined;
}

/** RFC 3339 text, an epoch number in any usual unit, or such a number as text. */
export function readTime(value: JsonValue, clock: LocalClock): number | undefined {
  if (typeof value === 'number') return parseEpoch(value);
  if (typeof value !== 'string' || value.length > 64) return undefined;
  // 21.11.2026 07:50:12, which with dots is the day first everywhere.
  const dotted = /^(\d\d)\.(\d\d)\.(\d{4}) (\d\d:.*)$/.exec(value);
  if (dotted !== null) return parseIsoTime(`${dotted[3]}-${dotted[2]}-${dotted[1]} ${dotted[4]}`, clock);
  return parseIsoTime(value, clock) ?? (/^\d{9,19}(?:\.\d+)?$/.test(value) ? parseEpoch(Number(value)) : undefined);
}

// Instants as text, in UTC or in the time of this computer. Always with the zone, so that a copied line stays true elsewhere.

export type TimeZoneChoice = 'utc' | 'local';

/** RFC 3339 text as it comes over the wire, or milliseconds UTC. */
export type Instant = string | number;

export function toMillis(at: Instant): number {
  return typeof at === 'number' ? at : Date.parse(at);
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

function two(part: number): string {
  return String(part).padStart(2, '0');
}

function offsetOf(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const sign = minutes < 0 ? '-' : '+';
  return `${sign}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}

interface Parts {
  readonly date: string;
  readonly minutes: string;
  readonly seconds: string;
  readonly millis: string;
  readonly zone: string;
}

function partsOf(at: Instant, zone: TimeZoneChoice): Parts | undefined {
  const date = new Date(toMillis(at));
  if (Number.isNaN(date.getTime())) return undefined;
  const [year, month, day, hour, minute, second] =
    zone === 'utc'
      ? [
          date.getUTCFullYear(),
          date.getUTCMonth(),
          date.getUTCDate(),
          date.getUTCHours(),
          date.getUTCMinutes(),
          date.getUTCSeconds(),
        ]
      : [date.getFullYear(), date.getMonth(), date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds()];
  return {
    date: `${year}-${two(month + 1)}-${two(day)}`,
    minutes: `${two(hour)}:${two(minute)}`,
    seconds: two(second),
    millis: String(date.getUTCMilliseconds()).padStart(3, '0'),
    zone: zone === 'utc' ? 'UTC' : offsetOf(date),
  };
}

export type InstantFormat = 'full' | 'minute' | 'time' | 'precise' | 'date';

/**
 * full: 2026-11-21 14:08:22 UTC · minute: 2026-11-21 14:08 UTC · time: 14:08:22 · precise: 14:08:22.310 · date: 2026-11-21.
 * A value that is no instant is shown as 'unknown time' rather than as a wrong one.
 */
export function formatInstant(at: Instant, zone: TimeZoneChoice, format: InstantFormat = 'full'): string {
  const parts = partsOf(at, zone);
  if (parts === undefined) return 'unknown time';
  switch (format) {
    case 'full':
      return `${parts.date} ${parts.minutes}:${parts.seconds} ${parts.zone}`;
    case 'minute':
      return `${parts.date} ${parts.minutes} ${parts.zone}`;
    case 'time':
      return `${parts.minutes}:${parts.seconds}`;
    case 'precise':
      return `${parts.minutes}:${parts.seconds}.${parts.millis}`;
    case 'date':
      return parts.date;
  }
}

/** Under an axis, by the length of its steps and of the whole, in ms: '14:08', '11-21 14:08', '11-21', '2026-11' or '2026'. */
export function formatTick(at: Instant, zone: TimeZoneChoice, step: number, whole: number): string {
  const parts = partsOf(at, zone);
  if (parts === undefined) return 'unknown time';
  if (step >= 360 * dayMs) return parts.date.slice(0, -6);
  if (step >= 28 * dayMs) return parts.date.slice(0, -3);
  if (step >= dayMs) return whole >= 360 * dayMs ? parts.date : parts.date.slice(-5);
  return whole > 25 * hourMs ? `${parts.date.slice(-5)} ${parts.minutes}` : parts.minutes;
}

/** '14:08', for the corner that shows the other zone. */
export function formatClock(at: Instant, zone: TimeZoneChoice): string {
  return partsOf(at, zone)?.minutes ?? 'unknown time';
}

/** '2026-11-21', and a day that there is. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

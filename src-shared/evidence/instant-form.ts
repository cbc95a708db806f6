// The one spelling of an instant in bundles: `2026-11-21T14:05:00.000Z`, UTC with milliseconds, a day that the calendar has. Since all
// have it, comparing instants is comparing characters. Looked at byte by byte: every entry has one.

import { encodeUtf8 } from './bytes.ts';

export const INSTANT_LENGTH = 24;
const ZERO = 0x30;
const pattern = encodeUtf8('0000-00-00T00:00:00.000Z');
const monthDays = Uint8Array.of(0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31);

/** Whether an instant stands at [start, end) of `bytes`. */
export function isInstantAt(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== INSTANT_LENGTH) return false;
  for (let i = 0; i < INSTANT_LENGTH; i++) {
    const expected = pattern[i] ?? 0;
    const byte = bytes[start + i] ?? 0;
    if (expected === ZERO ? byte < ZERO || byte > 0x39 : byte !== expected) return false;
  }
  const month = twoDigits(bytes, start + 5);
  const day = twoDigits(bytes, start + 8);
  if (month < 1 || day < 1 || day > (monthDays[month] ?? 0)) return false;
  if (twoDigits(bytes, start + 11) > 23 || twoDigits(bytes, start + 14) > 59 || twoDigits(bytes, start + 17) > 59)
    return false;
  const year = 100 * twoDigits(bytes, start) + twoDigits(bytes, start + 2);
  return year > 0 && (month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)));
}

export function isInstant(text: string): boolean {
  return text.length === INSTANT_LENGTH && isInstantAt(encodeUtf8(text), 0, INSTANT_LENGTH);
}

const written =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?(?:Z|([+-])([0-9]{2}):([0-9]{2}))$/;

/**
 * Milliseconds UTC of an instant as people may ask for it: RFC 3339 with any offset and precision, cut to milliseconds; the seconds may
 * be left out. Undefined for anything else.
 */
export function instantOf(text: string): number | undefined {
  const match = written.exec(text);
  if (match === null) return undefined;
  const [, minute = '', second = '00', fraction = '', sign, hours = '0', minutes = '0'] = match;
  const local = `${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}Z`;
  if (!isInstant(local) || Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return Date.parse(local) + (sign === '+' ? -offset : offset);
}

function twoDigits(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) - ZERO) * 10 + (bytes[at + 1] ?? 0) - ZERO;
}

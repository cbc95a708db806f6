// Durations, instants, numbers and keys as text.

import { describe, expect, it } from 'vitest';
import { relativeTime, shortDuration, spacedDuration } from '../../../src-renderer/lib/durations.ts';
import { formatClock, formatInstant, formatTick } from '../../../src-renderer/lib/instants.ts';
import { parseKeys, shownKeys } from '../../../src-renderer/lib/keys.ts';
import { formatBytes, formatCount, initialsOf } from '../../../src-renderer/lib/numbers.ts';
import { timeLimitAt } from '../../../src-renderer/lib/time-limit.ts';
import { digitsOf } from '../../../src-renderer/ui/controls/CodeField.tsx';
import { groupsOf } from '../../../src-renderer/ui/data/SecretText.tsx';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

describe('durations', () => {
  it.each([
    [0, '0s', '0 s'],
    [59_999, '59s', '59 s'],
    [4 * minute + 12 * second, '4m', '4 min 12 s'],
    [63 * minute, '1h 03m', '1 h 3 min'],
    [2 * hour, '2h 00m', '2 h'],
    [day - 1, '23h 59m', '23 h 59 min'],
    [3 * day + 4 * hour, '3d', '3 d 4 h'],
    [-3 * minute, '3m', '3 min'],
  ])('%d ms is %s and %s', (ms, short, spaced) => {
    expect([shortDuration(ms), spacedDuration(ms)]).toEqual([short, spaced]);
  });

  it.each([
    [0, 'now'],
    [-12 * second, '12 s ago'],
    [-3 * minute, '3 min ago'],
    [-26 * hour, '26 h ago'],
    [-3 * day, '3 d ago'],
    [2 * hour, 'in 2 h'],
  ])('%d ms from now is %s', (ms, words) => {
    expect(relativeTime(1e12 + ms, 1e12)).toBe(words);
  });
});

describe('limits', () => {
  const [start, due] = [0, 40 * minute];
  it.each([
    [0, 'calm', '40m', '40 min left'],
    [30 * minute - 1, 'calm', '10m', '10 min left'],
    [30 * minute, 'soon', '10m', '10 min left'],
    [40 * minute, 'soon', '0s', '0 s left'],
    [43 * minute, 'late', '+3m', 'over by 3 min'],
    [-5 * minute, 'calm', '45m', '45 min left'],
  ])('at %d ms it is %s, %s', (now, state, short, spoken) => {
    expect(timeLimitAt(now, start, due)).toEqual({ state, short, spoken });
  });
});

describe('instants', () => {
  const at = '2026-11-21T14:08:22.310Z';
  it.each([
    ['full', '2026-11-21 14:08:22 UTC'],
    ['minute', '2026-11-21 14:08 UTC'],
    ['time', '14:08:22'],
    ['precise', '14:08:22.310'],
    ['date', '2026-11-21'],
  ] as const)('%s in UTC is %s', (format, text) => {
    expect(formatInstant(at, 'utc', format)).toBe(text);
  });

  it('carries the offset when local, so that a copied line stays true', () => {
    const text = formatInstant(at, 'local');
    const [, date, time, offset] = /^(\S+) (\S+) ([+-]\d\d:\d\d)$/.exec(text) ?? [];
    expect(Date.parse(`${date}T${time}${offset}`)).toBe(Date.parse('2026-11-21T14:08:22Z'));
  });

  it('does not show a wrong time for what is no time', () => {
    expect([formatInstant('soon', 'utc'), formatClock(Number.NaN, 'utc')]).toEqual(['unknown time', 'unknown time']);
  });
});

describe('numbers', () => {
  it('groups thousands and scales bytes', () => {
    expect([
      formatCount(48212),
      formatBytes(999),
      formatBytes(4_100_000),
      formatBytes(12_345_678),
      formatBytes(1.8e9),
    ]).toEqual(['48,212', '999 B', '4.1 MB', '12 MB', '1.8 GB']);
  });

  it.each([
    ['jonas.weber', 'JW'],
    ['svc', 'SV'],
    ['ci-runner-eu', 'CR'],
    ['Ødegård Åse', 'ØÅ'],
    ['👩‍💻', '👩‍'],
    ['', '?'],
  ])('initials of %s are %s', (name, initials) => {
    expect(initialsOf(name)).toBe(initials);
  });
});

describe('keys', () => {
  it('shows the caps of the platform', () => {
    expect([
      shownKeys('Mod+k', false),
      shownKeys('Mod+k', true),
      shownKeys('g q', false),
      shownKeys('Shift+a', false),
    ]).toEqual([['Ctrl K'], ['⌘ K'], ['G', 'Q'], ['Shift A']]);
  });

  it('refuses what is no shortcut', () => {
    for (const written of ['', 'Hyper+a', 'Mod+']) expect(() => parseKeys(written)).toThrow(/not a shortcut/);
  });
});

describe('typed and shown codes', () => {
  it.each([
    ['417902', '417902'],
    [' 417 902\n', '417902'],
    ['417-9021', '417902'],
    ['٤١٧', ''],
    ['４１７９０２', '417902'],
    ['abc', ''],
  ])('takes %j as %s', (text, digits) => {
    expect(digitsOf(text, 6)).toBe(digits);
  });

  it('groups a key without losing a character', () => {
    expect(groupsOf('JBSWY3DPEHPK3PX', 4)).toEqual(['JBSW', 'Y3DP', 'EHPK', '3PX']);
  });
});

describe('ticks of an axis', () => {
  const at = Date.UTC(2026, 10, 21, 14, 8);
  it.each([
    [hour, day, '14:08'],
    [3 * hour, 7 * day, '11-21 14:08'],
    [day, 30 * day, '11-21'],
    [7 * day, 400 * day, '2026-11-21'],
    [30 * day, 900 * day, '2026-11'],
    [365 * day, 3_650 * day, '2026'],
  ])('of %d ms in %d ms say when: %s', (step, whole, text) => {
    expect(formatTick(at, 'utc', step, whole)).toBe(text);
  });
});

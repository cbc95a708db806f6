// When exceptions end: those that never do come after all that will, and nobody is reminded of them.
import { expect, test } from 'vitest';
import { byEnd, endOf, endsSoon } from '../../../src-renderer/lib/exception-ends.ts';

const now = Date.UTC(2026, 10, 21);
const inDays = (days: number) => new Date(now + days * 86_400_000).toISOString();

test('those that end soon come first, then the others, then those that never do, then ended ones', () => {
  const never = { expires_at: null, expired: false };
  const alsoNever = { expires_at: null, expired: false };
  const soon = { expires_at: inDays(2), expired: false };
  const later = { expires_at: inDays(40), expired: false };
  const ended = { expires_at: inDays(-1), expired: true };
  const sorted = byEnd([never, ended, later, alsoNever, soon]);
  expect(sorted).toEqual([soon, later, never, alsoNever, ended]);
  expect(sorted[2]).toBe(never);
  expect(sorted.map((one) => endsSoon(one, now))).toEqual([true, false, false, false, false]);
  expect(endOf(never)).toBe(Number.POSITIVE_INFINITY);
});

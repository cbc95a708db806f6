// When backups are due, and which are kept.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BackupRow } from '../../../src-main/core/features/backups/backups-table.ts';
import { expired, isDue, nextTime, retained } from '../../../src-main/core/features/backups/schedule.ts';
import type { BackupSchedule } from '../../../src-shared/contract/backups.ts';

const daily: BackupSchedule = {
  enabled: true,
  every: 'day',
  at: '02:30',
  folder: null,
  keep_daily: 7,
  keep_weekly: 4,
  keep_monthly: 12,
};
const dayMs = 86_400_000;
/** In the computer's own zone, whatever it is. */
const at = (text: string): number => new Date(text).getTime();

function row(id: string, createdAt: number, extra: Partial<BackupRow> = {}): BackupRow {
  return {
    id,
    kind: 'scheduled',
    state: 'complete',
    encrypted: true,
    opensWith: [],
    createdAt,
    finishedAt: createdAt,
    sizeBytes: 1,
    sha256: null,
    path: id,
    keyVersion: 1,
    auditEntries: 1,
    totalBytes: 1,
    error: null,
    verification: null,
    ...extra,
  };
}

test('the next time is the next that the schedule names, never now', () => {
  expect(nextTime(daily, at('2026-11-21T01:00'))).toBe(at('2026-11-21T02:30'));
  expect(nextTime(daily, at('2026-11-21T02:30'))).toBe(at('2026-11-22T02:30'));
  expect(nextTime(daily, at('2026-12-31T23:59'))).toBe(at('2027-01-01T02:30'));
  expect(nextTime({ ...daily, enabled: false }, 0)).toBeNull();
  const weekly = nextTime({ ...daily, every: 'week' }, at('2026-11-18T12:00')) ?? 0;
  expect(new Date(weekly).getDay()).toBe(0);
  expect(weekly).toBe(at('2026-11-22T02:30'));
});

test('always later, at the time of day that was asked for', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4_000_000_000_000 }),
      fc.boolean(),
      fc.integer({ min: 0, max: 1_439 }),
      (after, week, minute) => {
        const time = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
        const next = nextTime({ ...daily, every: week ? 'week' : 'day', at: time }, after) ?? 0;
        expect(next).toBeGreaterThan(after);
        expect(next - after).toBeLessThanOrEqual((week ? 8 : 2) * dayMs);
      },
    ),
  );
});

test('a time that was missed is due at once, one that failed half an hour later', () => {
  const anchorAt = at('2026-11-20T02:31');
  expect(isDue(daily, { anchorAt, failedAt: null, now: at('2026-11-21T02:29') })).toBe(false);
  expect(isDue(daily, { anchorAt, failedAt: null, now: at('2026-11-21T02:30') })).toBe(true);
  expect(isDue(daily, { anchorAt, failedAt: null, now: at('2026-11-29T17:00') })).toBe(true);
  const failedAt = at('2026-11-21T02:31');
  expect(isDue(daily, { anchorAt, failedAt, now: at('2026-11-21T02:45') })).toBe(false);
  expect(isDue(daily, { anchorAt, failedAt, now: at('2026-11-21T03:05') })).toBe(true);
});

test('the newest of each day, week and month stay, as many as asked', () => {
  const rows = Array.from({ length: 100 }, (_, index) => row(`d${index}`, at('2026-11-21T02:30') - index * dayMs));
  const kept = retained({ keep_daily: 3, keep_weekly: 2, keep_monthly: 2 }, rows);
  const stay = rows.filter(({ id }) => (kept.get(id)?.length ?? 0) > 0).map(({ id }) => id);
  // Saturday 21 November: three days; this week's newest is today's, last week's Sunday's; October's is the 31st.
  expect(stay).toEqual(['d0', 'd1', 'd2', 'd6', 'd21']);
  expect(kept.get('d0')).toEqual(['daily', 'weekly', 'monthly']);
  expect(kept.get('d6')).toEqual(['weekly']);
  expect(kept.get('d21')).toEqual(['monthly']);
});

test('the last one that was found good stays, whatever came after it; manual ones are never let go', () => {
  const good = { at: 0, passed: true, detail: '', auditEntries: 1, rootHash: '' };
  const bad = { ...good, passed: false };
  const now = at('2026-11-21T02:30');
  const rows = [
    row('manual', now - 400 * dayMs, { kind: 'manual' }),
    row('good', now - 30 * dayMs, { verification: good }),
    row('older', now - 31 * dayMs, { verification: good }),
    ...Array.from({ length: 5 }, (_, index) => row(`bad${index}`, now - index * dayMs, { verification: bad })),
  ];
  const gone = expired({ keep_daily: 1, keep_weekly: 0, keep_monthly: 0 }, rows).map(({ id }) => id);
  expect(gone).toEqual(['older', 'bad1', 'bad2', 'bad3', 'bad4']);
});

test('nothing that is kept is let go, and there is always one left where there was one', () => {
  const schedules = fc.record({
    keep_daily: fc.integer({ min: 1, max: 5 }),
    keep_weekly: fc.nat(3),
    keep_monthly: fc.nat(3),
  });
  fc.assert(
    fc.property(
      schedules,
      fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 40 }),
      (schedule, days) => {
        const rows = days.map((day, index) => row(`r${index}`, at('2026-11-21T12:00') - day * dayMs + index));
        const gone = new Set(expired(schedule, rows).map(({ id }) => id));
        const kept = retained(schedule, rows);
        for (const { id } of rows) expect(gone.has(id)).toBe(kept.get(id)?.length === 0);
        expect(gone.size).toBeLessThan(rows.length);
      },
    ),
  );
});

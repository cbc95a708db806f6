// The backups' store: making and checking go on while one looks elsewhere, and every end of them is told once.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asksPassphrase, keptWords, scheduleWords } from '../../../src-renderer/features/backups/backup-words.ts';
import { type BackupOutcome, createBackupsStore } from '../../../src-renderer/features/backups/backups-store.ts';
import { backUpLine, restoreLine, verifyLine } from '../../../src-renderer/features/backups/cli-lines.ts';
import { scheduleDraft, scheduleOf } from '../../../src-renderer/features/backups/schedule-draft.ts';
import { type Backup, backupsOperations } from '../../../src-shared/contract/backups.ts';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { fakeCall, refuse } from '../renderer-app/fake-call.ts';

const id = '01a1fd4e-5d86-7c18-ac9e-000000000001';

function backup(changes: Partial<Backup> = {}): Backup {
  return {
    backup_id: id,
    kind: 'manual',
    state: 'complete',
    encrypted: true,
    encryption_algorithm: 'AES-256-GCM',
    opens_with: ['backup_key', 'recovery_key'],
    created_at: '2026-11-21T10:00:00.000Z',
    finished_at: null,
    size_bytes: 1000,
    sha256: null,
    path: '/srv/backups/one.ghbackup',
    audit_entries: 12,
    done_bytes: 0,
    total_bytes: 0,
    keep: [],
    verification: null,
    error: null,
    ...changes,
  };
}

const schedule: Output<'backups.schedule'> = {
  enabled: true,
  every: 'day',
  at: '02:30',
  folder: null,
  keep_daily: 7,
  keep_weekly: 4,
  keep_monthly: 12,
  next_at: null,
  encryption_required: false,
};

const made: Output<'backups.create'> = {
  backup_id: id,
  encrypted: true,
  encryption_algorithm: 'AES-256-GCM',
  created_at: '2026-11-21T10:00:00.000Z',
  size_bytes: 1000,
  sha256: 'ab',
};

function desk(answers: Parameters<typeof fakeCall>[0], rows: () => readonly Backup[] = () => []) {
  const fake = fakeCall({
    'backups.list': () => ({ items: [...rows()], next_cursor: null }),
    'backups.schedule': () => schedule,
    ...answers,
  });
  const store = createBackupsStore({
    call: fake.call,
    subscribe: () => () => undefined,
    now: () => 0,
    later(run) {
      const timer = setTimeout(run);
      return () => clearTimeout(timer);
    },
  });
  return { store, ...fake };
}

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

describe('making a backup', () => {
  test('lets one go as soon as it runs, and tells its end later', async () => {
    const making = deferred<typeof made>();
    let rows = [backup({ state: 'running' })];
    const it = desk({ 'backups.create': () => making.promise }, () => rows);
    const told: BackupOutcome[] = [];
    await it.store.backUp({}, (outcome) => told.push(outcome));
    expect(told).toEqual([]);
    expect(it.store.getState().rows?.[0]?.state).toBe('running');
    rows = [backup()];
    making.resolve(made);
    await expect.poll(() => told).toEqual([{ kind: 'complete', made }]);
    expect(it.store.getState().rows?.[0]?.state).toBe('complete');
  });

  test('what is refused before it runs is thrown where it was asked for, also while another one runs', async () => {
    const it = desk({ 'backups.create': () => refuse('backups/busy', 'another backup is under way') }, () => [
      backup({ state: 'running' }),
    ]);
    await it.store.load();
    const told: BackupOutcome[] = [];
    await expect(it.store.backUp({}, (outcome) => told.push(outcome))).rejects.toThrow('another backup is under way');
    expect(told).toEqual([]);
  });

  test('a failure after it ran is told, not thrown', async () => {
    const making = deferred<typeof made>();
    const it = desk({ 'backups.create': () => making.promise }, () => [backup({ state: 'running' })]);
    const told: BackupOutcome[] = [];
    await it.store.backUp({}, (outcome) => told.push(outcome));
    making.reject(
      await Promise.resolve()
        .then(() => refuse('backups/cancelled', 'the backup was cancelled'))
        .catch((error) => error),
    );
    await expect.poll(() => told).toEqual([{ kind: 'failed', words: 'The backup was cancelled.' }]);
  });

  test('one that is over before it was seen running is told at once', async () => {
    const it = desk({ 'backups.create': () => made });
    const told: BackupOutcome[] = [];
    await it.store.backUp({ encrypted: true }, (outcome) => told.push(outcome));
    expect(told).toEqual([{ kind: 'complete', made }]);
  });
});

describe('checking a backup', () => {
  const passed = { at: '2026-11-21T10:00:00.000Z', passed: true, detail: 'whole', audit_entries: 12, root_hash: 'ab' };

  test('shows while it runs, once at a time, with the passphrase only where it was given', async () => {
    const checking = deferred<typeof passed>();
    const it = desk({ 'backups.verify': () => checking.promise });
    const first = it.store.verify(id, undefined);
    expect([...it.store.getState().verifying]).toEqual([id]);
    expect(await it.store.verify(id, undefined)).toBeUndefined();
    checking.resolve(passed);
    expect(await first).toEqual(passed);
    expect(it.store.getState().verifying.size).toBe(0);
    expect(it.asked.filter(({ name }) => name === 'backups.verify')).toEqual([
      { name: 'backups.verify', input: { id } },
    ]);
  });

  test('one that could not be made is not a check that failed', async () => {
    const it = desk({ 'backups.verify': () => refuse('backups/key', 'the passphrase does not open the backup') });
    expect(await it.store.verify(id, 'wrong')).toBeUndefined();
    expect(it.store.getState().unverified).toEqual({ [id]: 'The passphrase does not open the backup.' });
  });
});

describe('the schedule while it is typed', () => {
  const base = scheduleDraft(schedule);

  test('comes back as it was', () => {
    const { next_at: _, encryption_required: __, ...plain } = schedule;
    expect(scheduleOf(base)).toEqual({ kind: 'schedule', schedule: plain });
    expect(scheduleOf({ ...base, at: ' 2:30 ', folder: ' /mnt/nas ' })).toEqual({
      kind: 'schedule',
      schedule: { ...plain, folder: '/mnt/nas' },
    });
  });

  test('says at each field what is wrong', () => {
    expect(scheduleOf({ ...base, at: '25:00', keep_daily: '0', keep_weekly: '-1', keep_monthly: '241' })).toEqual({
      kind: 'wrong',
      fields: {
        at: 'A time of day such as 02:30.',
        keep_daily: '1 to 366.',
        keep_weekly: '0 to 520.',
        keep_monthly: '0 to 240.',
      },
    });
  });

  test('whatever is typed, what becomes a schedule fits the contract', () => {
    const text = fc.oneof(fc.string({ maxLength: 6 }), fc.integer({ min: -5, max: 999 }).map(String));
    const time = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.tuple(fc.nat(30), fc.nat(70)).map(([h, m]) => `${h}:${String(m).padStart(2, '0')}`),
    );
    fc.assert(
      fc.property(time, text, text, text, (at, daily, weekly, monthly) => {
        const read = scheduleOf({ ...base, at, keep_daily: daily, keep_weekly: weekly, keep_monthly: monthly });
        if (read.kind === 'schedule') backupsOperations['backups.set_schedule'].input.parse(read.schedule);
      }),
    );
  });
});

test('the words say what opens a backup, why it is kept and when the next is made', () => {
  expect(asksPassphrase(backup())).toBe(false);
  expect(asksPassphrase(backup({ opens_with: ['passphrase'] }))).toBe(true);
  expect(asksPassphrase(backup({ encrypted: false, opens_with: [] }))).toBe(false);
  expect(keptWords(backup())).toBe('until deleted');
  expect(keptWords(backup({ kind: 'scheduled', keep: ['daily', 'weekly'] }))).toBe('daily, weekly');
  expect(keptWords(backup({ state: 'failed' }))).toBe('');
  expect(scheduleWords(schedule)).toBe('Every day at 02:30, the computer’s time. Keeps 7 daily, 4 weekly, 12 monthly.');
  expect(scheduleWords({ ...schedule, every: 'week', keep_weekly: 0, keep_monthly: 0 })).toContain('Sundays at 02:30');
  expect(scheduleWords({ ...schedule, enabled: false })).toContain('No schedule');
});

test('command lines quote what a shell would read', () => {
  expect(verifyLine("/srv/it's here/one.ghbackup")).toBe("gatehouse verify-backup '/srv/it'\\''s here/one.ghbackup'");
  expect(verifyLine('/srv/one.ghbackup')).toBe('gatehouse verify-backup /srv/one.ghbackup');
  expect(backUpLine({ isEncrypted: true, isHipaa: false, hasPassphrase: false })).toBe('gatehouse backup');
  expect(backUpLine({ isEncrypted: false, isHipaa: true, hasPassphrase: false })).toBe(
    'gatehouse backup --unencrypted --compliance hipaa',
  );
  expect(restoreLine('/srv/a b.ghbackup')).toBe("gatehouse restore '/srv/a b.ghbackup'");
});

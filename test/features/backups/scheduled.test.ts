// Backups that make themselves: at their time, once for all that were missed, each restored as a trial, the old ones let go.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import type { Backup } from '../../../src-shared/contract/backups.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';

const hourMs = 3_600_000;

async function list(console: TestConsole, as: Credential): Promise<Backup[]> {
  return (await console.call('backups.list', {}, as)).items;
}

/** Until the work that a timer began is done. */
async function until(console: TestConsole, as: Credential, done: (items: Backup[]) => boolean): Promise<Backup[]> {
  for (;;) {
    const items = await list(console, as);
    if (done(items)) return items;
    await wait(50);
  }
}

const tried = (items: Backup[]): boolean =>
  items.every(({ state, verification }) => state !== 'running' && verification !== null);

test('made when due, restored as a trial, recorded as the system; nothing is due twice', async () => {
  await using console = await createTestConsole({ settings: new Map([['backup.at', '02:30']]) });
  const { session } = await console.signIn();
  const key = await console.createKey(['backups.read', 'audit.read'], session);
  console.host.advance(60_000);
  expect(await list(console, key)).toEqual([]);
  console.host.advance(25 * hourMs);
  const items = await until(console, key, (found) => found.length === 1 && tried(found));
  expect(items).toMatchObject([
    {
      kind: 'scheduled',
      state: 'complete',
      encrypted: true,
      keep: ['daily', 'weekly', 'monthly'],
      verification: { passed: true },
    },
  ]);
  const { items: made } = await console.call('audit.entries', { event_type: 'backup_create' }, key);
  const { items: verified } = await console.call('audit.entries', { event_type: 'backup_verify' }, key);
  expect(made).toMatchObject([{ success: true, actor: { kind: 'system' }, resource: { id: items[0]?.backup_id } }]);
  expect(verified).toMatchObject([{ success: true, details: { passed: true } }]);
  console.host.advance(60_000);
  console.host.advance(60_000);
  await wait(100);
  expect(await list(console, key)).toHaveLength(1);
  const { next_at: next } = await console.call('backups.schedule', {}, key);
  expect(Date.parse(next ?? '')).toBeGreaterThan(console.host.clock.now());
});

test('what was missed for days is made up for once; the retention lets the old ones go, file and all, with an entry', async () => {
  const settings = new Map<string, unknown>([
    ['backup.keep_daily', 2],
    ['backup.keep_weekly', 0],
    ['backup.keep_monthly', 0],
  ]);
  await using console = await createTestConsole({ settings });
  const { session } = await console.signIn();
  const key = await console.createKey(['backups.read', 'audit.read'], session);
  console.host.advance(60_000);
  const ids: string[] = [];
  for (let round = 0; round < 3; round++) {
    console.host.advance(5 * 24 * hourMs);
    const items = await until(
      console,
      key,
      (found) => tried(found) && found.some(({ backup_id: id }) => !ids.includes(id)),
    );
    ids.push(...items.map(({ backup_id: id }) => id).filter((id) => !ids.includes(id)));
    // The turn of the timer ends after the trial.
    await wait(200);
  }
  expect(ids).toHaveLength(3);
  const left = await list(console, key);
  expect(left.map(({ backup_id: id }) => id)).toEqual([ids[2], ids[1]]);
  expect(readdirSync(join(console.folder, 'backups'))).toHaveLength(2);
  const { items: gone } = await console.call('audit.entries', { event_type: 'backup_delete' }, key);
  expect(gone).toMatchObject([{ action: 'backups.retention', actor: { kind: 'system' }, resource: { id: ids[0] } }]);
});

test('off means off', async () => {
  await using console = await createTestConsole({ settings: new Map([['backup.schedule', 'off']]) });
  const { session } = await console.signIn();
  const key = await console.createKey(['backups.read'], session);
  console.host.advance(60_000);
  console.host.advance(10 * 24 * hourMs);
  console.host.advance(60_000);
  await wait(200);
  expect(await list(console, key)).toEqual([]);
  expect(await console.call('backups.schedule', {}, key)).toMatchObject({ enabled: false, next_at: null });
});

test('one that fails leaves an entry and is tried again later', async () => {
  await using console = await createTestConsole({ settings: new Map([['backup.folder', '/proc/nowhere']]) });
  const { session } = await console.signIn();
  const key = await console.createKey(['backups.read', 'audit.read'], session);
  console.host.advance(60_000);
  const failures = async (): Promise<number> =>
    (await console.call('audit.entries', { event_type: 'backup_create', success: false }, key)).items.length;
  console.host.advance(25 * hourMs);
  while ((await failures()) < 1) await wait(50);
  console.host.advance(60_000);
  await wait(200);
  expect(await failures()).toBe(1);
  console.host.advance(31 * 60_000);
  while ((await failures()) < 2) await wait(50);
  expect(await list(console, key)).toEqual([]);
});

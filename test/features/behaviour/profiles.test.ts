// Profiles in memory and in the store: bounded in both whatever names are made up, and the same after a crash at any event.
import { expect, onTestFinished, test } from 'vitest';
import { openSqlite } from '../../../src-main/adapters/sqlite/database.ts';
import { migrations, scopedTables } from '../../../src-main/core/features/behaviour/migrations.ts';
import { createProfiles } from '../../../src-main/core/features/behaviour/profiles.ts';
import { commitMigrations } from '../../../src-main/core/store/commit-table.ts';
import { createStore, type Store } from '../../../src-main/core/store/store.ts';
import type { Event } from '../../../src-main/engine/event.ts';
import { temporaryFolder } from '../../support/stores.ts';

const start = Date.UTC(2026, 10, 1);

function openStore(): Store {
  const database = openSqlite(`${temporaryFolder()}/profiles.db`, new Uint8Array(32).fill(1));
  for (const { sql } of commitMigrations) database.script(sql);
  for (const { sql } of migrations) database.script(sql);
  const store = createStore(
    database,
    new Set(scopedTables),
    () => undefined,
    () => undefined,
  );
  onTestFinished(() => store.close());
  return store;
}

function event(n: number, actor: string): Event {
  return {
    id: `e${n}`,
    timeMs: start + n * 60_000,
    source: 's',
    event_type: 'api_call',
    actor,
    success: true,
    ip_address: `10.0.${n % 7}.1`,
    details: {},
  };
}

const limits = { inMemory: 50, stored: 200, behind: 20, atOnce: 10 };

test('stay bounded in memory and in the store', () => {
  const store = openStore();
  const profiles = createProfiles(undefined, limits);
  for (let n = 1; n <= 1_000; n++) {
    store.write('default', (tx) => {
      profiles.take(tx, [event(n, `made-up-${n}`)], n, n);
      profiles.write(tx, n);
    });
    expect(profiles.inMemory()).toBeLessThanOrEqual(limits.inMemory + limits.behind + limits.atOnce);
  }
  const stored = store.read('default', (tx) =>
    tx.get<{ count: number }>('SELECT count(*) AS count FROM behaviour_profile WHERE workspace = :workspace'),
  );
  expect(stored?.count).toBeLessThanOrEqual(limits.stored + limits.atOnce * 5);
});

test('are the same after a crash at any event', () => {
  const events = Array.from({ length: 300 }, (_, n) => event(n + 1, `user-${(n * 7) % 9}`));
  const whole = run(events.length);
  for (const crash of [1, 19, 20, 21, 150, 299]) expect(run(crash)).toEqual(whole);

  function run(crash: number) {
    const store = openStore();
    let profiles = createProfiles(undefined, limits);
    for (const [index, one] of events.entries()) {
      const n = index + 1;
      store.write('default', (tx) => {
        profiles.take(tx, [one], n, n);
        profiles.write(tx, n);
      });
      if (n !== crash) continue;
      profiles = createProfiles(undefined, limits);
      const mark =
        store.read('default', (tx) =>
          tx.get<{ seq: number }>('SELECT seq FROM behaviour_mark WHERE workspace = :workspace'),
        )?.seq ?? 0;
      store.read('default', (tx) => {
        for (let seq = mark + 1; seq <= n; seq++) profiles.again(tx, events[seq - 1] ?? one, seq);
      });
    }
    store.write('default', (tx) => {
      while (profiles.waiting() > 0) profiles.write(tx, events.length, 0);
    });
    return store.read('default', (tx) =>
      tx.all('SELECT principal, profile FROM behaviour_profile WHERE workspace = :workspace ORDER BY principal'),
    );
  }
});

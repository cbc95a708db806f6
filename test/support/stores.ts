// Real encrypted stores in temporary folders, and a sealer with a fixed key.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite } from '../../src-main/adapters/sqlite/database.ts';
import { seal, unseal } from '../../src-main/base/seals.ts';
import type { Feature, Sealer } from '../../src-main/core/feature.ts';
import type { Randomness } from '../../src-main/core/ports.ts';
import { migrate } from '../../src-main/core/store/migrations.ts';
import { createStore, type Store } from '../../src-main/core/store/store.ts';

export type TestStore = Store & Disposable & { readonly folder: string; readonly announced: string[] };

export function temporaryFolder(): string & {} {
  return mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
}

/** An encrypted store with the tables of `features`, in a folder of its own that is removed on dispose. */
export function createTestStore(features: readonly Feature[], pageKey = new Uint8Array(32).fill(7)): TestStore {
  const folder = temporaryFolder();
  const database = openSqlite(join(folder, 'store.db'), pageKey);
  migrate(database, features, { beforeChange: () => undefined, now: 0 });
  const announced: string[] = [];
  const scoped = new Set(features.flatMap((feature) => feature.scopedTables));
  const store = createStore(
    database,
    scoped,
    (topic, workspace, ref, revision) => void announced.push(`${topic} ${workspace} ${ref ?? '-'} ${revision}`),
    (error) => {
      throw error;
    },
  );
  return {
    ...store,
    folder,
    announced,
    [Symbol.dispose]() {
      store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function createTestSealer(random: Randomness, key = new Uint8Array(32).fill(9)): Sealer {
  return {
    seal: (plain, context) => seal(key, plain, context, random.bytes(12)),
    open: (sealed, context) => unseal(key, sealed, context),
  };
}

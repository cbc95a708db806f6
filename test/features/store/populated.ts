// A console that was used, as files: stopped early, stopped later, and killed while its write-ahead log held what was acknowledged.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createStoreMarks } from '../../../src-main/adapters/files/store-marks.ts';
import { lookAtSqlite, openSqlite } from '../../../src-main/adapters/sqlite/database.ts';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { contradictionOf } from '../../../src-main/core/features/audit/witness.ts';
import { parseKeyFile } from '../../../src-main/core/features/keys/key-file.ts';
import { openKeyRing } from '../../../src-main/core/features/keys/key-ring.ts';
import type { Database } from '../../../src-main/core/ports.ts';
import { openStore, type Remark } from '../../../src-main/core/store/opening.ts';
import { createVerifierKey } from '../../../src-shared/evidence/signed-note.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';
import { temporaryFolder } from '../../support/stores.ts';

export const consoleKey = new Uint8Array(32).fill(5);

export type Populated = Disposable & {
  /** Stopped in good order, before the others. */
  readonly early: string;
  readonly stopped: string;
  readonly killed: string;
  /** As `killed`, but earlier: its log's commits are all in the later files. */
  readonly killedEarly: string;
};

export async function populate(): Promise<Populated> {
  const root = temporaryFolder();
  const live = join(root, 'live');
  mkdirSync(live, { mode: 0o700 });
  const copy = (name: string): string => {
    cpSync(live, join(root, name), { recursive: true });
    return join(root, name);
  };
  let first = await createTestConsole({ folder: live });
  const { session } = await first.signIn();
  const key = await first.createKey(['events.*', 'audit.*', 'alerts.*', '*.read'], session);
  for (let round = 0; round < 4; round++) await use(first, key, round);
  const killedEarly = copy('killed-early');
  await first[Symbol.asyncDispose]();
  const early = copy('early');
  first = await createTestConsole({ folder: live, host: first.host });
  for (let round = 4; round < 8; round++) await use(first, key, round);
  const killed = copy('killed');
  await first[Symbol.asyncDispose]();
  const stopped = copy('stopped');
  return {
    early,
    stopped,
    killed,
    killedEarly,
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

async function use(
  console: TestConsole,
  key: Awaited<ReturnType<TestConsole['createKey']>>,
  round: number,
): Promise<void> {
  const { accepted } = await console.call(
    'events.ingest',
    {
      events: Array.from({ length: 120 }, (_, index) => ({
        id: `00000000-0000-4000-8000-${String(round * 1_000 + index).padStart(12, '0')}`,
        time: new Date(console.host.clock.now() - 1_000 * index).toISOString(),
        source: 'orders',
        event_type: 'login' as const,
        actor: `user-${index % 7}`,
        success: index % 3 === 0,
        ip_address: `203.0.113.${index % 50}`,
        details: { note: 'x'.repeat((index % 11) * 60) },
      })),
    },
    key,
  );
  if (accepted !== 120) throw new Error(`${accepted} of 120 events were taken`);
  console.host.advance(61_000);
}

export type Outcome =
  | { readonly kind: 'refused'; readonly name: string; readonly message: string }
  | { readonly kind: 'opened'; readonly remarks: readonly Remark[]; readonly content: string };

/** Opens the store of `folder` as the core does, up to the point where it would be written. */
export function tryOpen(folder: string): Outcome {
  const file = parseKeyFile(readFileSync(join(folder, 'keys.json'), 'utf8'));
  const ring = openKeyRing(file, consoleKey, { bytes: (length) => new Uint8Array(length) });
  const path = join(folder, 'store.db');
  const origin = `gatehouse/${ring.instanceId}`;
  const signer = {
    origin,
    verifierKey: createVerifierKey(nodePrimitives, origin, ring.signing.publicKey),
    sign: ring.signing.sign,
    keep: () => undefined,
    anchors: [],
    wakeAnchors: () => undefined,
  };
  try {
    let content = '';
    const opened = openStore(
      {
        marks: { ...createStoreMarks(folder), opened: () => undefined },
        pageKey: () => ring.pageKey(),
        look: () => (existsSync(path) ? lookAtSqlite(path, ring.pageKey()) : undefined),
        lookAtCopy: (copy) => lookAtSqlite(copy, ring.pageKey()),
        open: (checked) => {
          const database = openSqlite(path, ring.pageKey(), checked);
          content = contentOf(database);
          return database;
        },
        acceptOlder: () => false,
        now: 0,
      },
      knownFeatures,
      (tx, notes) => contradictionOf(tx, notes, signer),
    );
    opened.database.close();
    return { kind: 'opened', remarks: opened.remarks, content };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { kind: 'refused', name: error.name, message: error.message };
  } finally {
    ring.destroy();
  }
}

let knownFeatures: Parameters<typeof openStore>[1] = [];

/** The features whose tables the stores have; what a program knows is none of these tests' business. */
export function learnFeatures(folder: string): void {
  const file = parseKeyFile(readFileSync(join(folder, 'keys.json'), 'utf8'));
  const ring = openKeyRing(file, consoleKey, { bytes: (length) => new Uint8Array(length) });
  const database = lookAtSqlite(join(folder, 'store.db'), ring.pageKey());
  const steps = database.all('SELECT feature, version FROM schema_migration');
  database.close();
  ring.destroy();
  const names = [...new Set(steps.map(({ feature }) => String(feature)))].filter((name) => name !== 'store');
  knownFeatures = names.map((name) => ({
    name,
    migrations: steps
      .filter(({ feature }) => feature === name)
      .map(({ version }) => ({ version: Number(version), sql: '' })),
    scopedTables: [],
    handlers: {},
  }));
}

/** Every row of every table. */
export function contentOf(database: Database): string {
  const hash = createHash('sha256');
  const tables = database.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name");
  for (const { name } of tables) {
    // The search index is made again from the events: its commits are not waited for, and count like any other.
    if (/^(event_terms|event_index|store_commit)/.test(String(name))) continue;
    for (const row of database.all(`SELECT * FROM "${String(name)}"`)) {
      for (const value of Object.values(row)) hash.update(value instanceof Uint8Array ? value : `${String(value)}|`);
    }
  }
  return hash.digest('hex');
}

/** All files but SQLite's index of the log, which holds nothing. */
export function digestsOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder)
      .filter((name) => !name.endsWith('-shm'))
      .sort()
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
  );
}

// Restores a backup into a file and looks at all of it: container, every page of the store, the audit tree against its signed
// checkpoint, sealed values, and whether this version can bring it to its own tables. Runs wherever it may block: in a thread, in the CLI.
import { rmSync } from 'node:fs';
import { rootAt } from '../../src-shared/evidence/merkle.ts';
import { createVerifierKey, openNote } from '../../src-shared/evidence/signed-note.ts';
import { openBackupFile, readContainer } from '../adapters/backups/container-reader.ts';
import { openSqlite } from '../adapters/sqlite/database.ts';
import { systemClock, systemRandom } from '../adapters/system/host-parts.ts';
import { toBase64, toHex } from '../base/bytes.ts';
import { nodePrimitives } from '../base/evidence-primitives.ts';
import { readNode, treeSize } from '../core/features/audit/audit-table.ts';
import { checkAll } from '../core/features/audit/self-check.ts';
import { BackupDamaged, NewerBackup } from '../core/features/backups/damage.ts';
import type { ParsedHeader } from '../core/features/backups/header.ts';
import type { Checked, KnownSchema, SealedValue } from '../core/features/backups/ports.ts';
import { integrityFault, sealedValues } from '../core/features/backups/restored-table.ts';
import { openKeyRing } from '../core/features/keys/index.ts';
import { DamagedStore, type Database, WrongStoreKey } from '../core/ports.ts';
import { migrate, NewerStore, pendingSteps } from '../core/store/migrations.ts';
import { createStore } from '../core/store/store.ts';

export type CheckRequest = {
  readonly path: string;
  readonly dataKey: Uint8Array;
  readonly master: Uint8Array;
  readonly target: string;
  readonly keep: boolean;
  readonly known: KnownSchema | undefined;
  /** @returns what is wrong with the first that doesn't open */
  openSealed?(values: readonly SealedValue[]): Promise<string | undefined>;
  progress(doneBytes: number): void;
  cancelled(): boolean;
};

/** @throws BackupDamaged, NewerBackup, BackupCancelled; then nothing stays at `target`. */
export async function checkBackup(request: CheckRequest): Promise<Checked> {
  let whole = false;
  try {
    const checked = await check(request);
    whole = true;
    return checked;
  } finally {
    if (!whole || !request.keep) removeStore(request.target);
  }
}

async function check(request: CheckRequest): Promise<Checked> {
  using file = openBackupFile(request.path);
  const { parsed } = file;
  const { header, keyFile } = parsed;
  const ring = openKeyRing(keyFile, request.master, systemRandom);
  try {
    const { sha256 } = await readContainer(file, {
      dataKey: request.dataKey,
      signers: [ring.signing.publicKey],
      target: request.target,
      progress: request.progress,
      cancelled: request.cancelled,
    });
    const database = openRestored(request.target, ring.pageKey());
    try {
      const fault = integrityFault(database);
      if (fault !== undefined) throw new BackupDamaged('store', `the store inside is damaged: ${fault}`);
      if (request.known !== undefined) refuseNewer(database, request.known);
      const tree = await checkLog(database, parsed, ring.signing.publicKey);
      const sealed = await checkSealed(database, request);
      if (request.known !== undefined && !request.keep) tryMigrations(database, request.known);
      return { header, sha256, sizeBytes: file.size, ...tree, sealedValues: sealed };
    } catch (cause) {
      if (cause instanceof DamagedStore)
        throw new BackupDamaged('store', `the store inside is damaged: ${cause.message}`, { cause });
      throw cause;
    } finally {
      database.close();
    }
  } finally {
    ring.destroy();
  }
}

function openRestored(path: string, pageKey: Uint8Array): Database {
  try {
    return openSqlite(path, pageKey, true);
  } catch (cause) {
    if (cause instanceof DamagedStore || cause instanceof WrongStoreKey)
      throw new BackupDamaged('store', `the store inside does not open: ${cause.message}`, { cause });
    throw cause;
  }
}

function refuseNewer(database: Database, known: KnownSchema): void {
  try {
    pendingSteps(database, known.features);
  } catch (cause) {
    if (cause instanceof NewerStore) throw new NewerBackup(cause.message, { cause });
    throw cause;
  }
}

function tryMigrations(database: Database, known: KnownSchema): void {
  try {
    migrate(database, known.features, { beforeChange: () => undefined, now: systemClock.now() });
  } catch (cause) {
    throw new BackupDamaged('store', `the store inside can not be brought to this version: ${String(cause)}`, {
      cause,
    });
  }
}

async function checkLog(
  database: Database,
  { header }: ParsedHeader,
  publicKey: Uint8Array,
): Promise<{ auditEntries: number; rootHash: string }> {
  const origin = `gatehouse/${header.instance_id}`;
  const verifierKey = createVerifierKey(nodePrimitives, origin, publicKey);
  const store = createStore(database, new Set(), ignore, ignore);
  const result = await checkAll(store, { origin, verifierKey }, async () => undefined, ignore);
  const wrong = (what: string): BackupDamaged => new BackupDamaged('audit', `the audit log inside: ${what}`);
  if (result.state === 'broken') throw wrong(result.detail);
  const size = store.readAll(treeSize);
  const root = store.readAll((tx) => rootAt(nodePrimitives, size, (level, index) => readNode(tx, level, index)));
  if (header.audit !== null) {
    if (header.audit.size !== size || header.audit.root !== toBase64(root))
      throw wrong(`it ends at #${size}, the header says #${header.audit.size}, or their roots differ`);
    const opened = openNote(nodePrimitives, header.audit.checkpoint, [verifierKey]);
    if (opened.verifiedBy.length === 0) throw wrong('the checkpoint in the header is not signed by this console');
  }
  return { auditEntries: size, rootHash: toHex(root) };
}

async function checkSealed(database: Database, request: CheckRequest): Promise<number | undefined> {
  const { known, openSealed } = request;
  if (known === undefined || openSealed === undefined) return undefined;
  let count = 0;
  for (const [index, source] of known.sealed.entries()) {
    for (const values of sealedValues(database, source, index)) {
      const fault = await openSealed(values);
      if (fault !== undefined) throw new BackupDamaged('sealed', fault);
      count += values.length;
    }
  }
  return count;
}

/** Also of a check that was killed. */
export function removeStore(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${suffix}`, { force: true });
}

function ignore(): void {}

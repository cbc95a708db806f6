// The key file says which versions there are; the ledger in the store remembers which there were. Where they differ, a version came or
// went, and the audit log gets its entry in the same transaction: after each change, and at the next start for one that a kill cut short.
import type { NewEntry } from '../../dispatch/performing.ts';
import type { WriteTx } from '../../store/store.ts';
import { type KeyFile, masterOf } from '../keys/index.ts';
import { insertVersion, type LedgerRow, ledgerRows, markDestroyed } from './versions-table.ts';

/** Who acted, and by which call. */
export type Cause = Pick<NewEntry, 'actor' | 'origin' | 'sessionId' | 'traceId' | 'action'>;

export const bySystem = (action: string): Cause => ({
  actor: { kind: 'system', id: null, name: 'system' },
  origin: { ip: null, userAgent: null },
  sessionId: null,
  traceId: null,
  action,
});

export type Record = (tx: WriteTx, entry: NewEntry) => void;

/** Brings the ledger to what the key file says, with an entry for each difference. A first ledger is only filled. */
export function reconcile(tx: WriteTx, file: KeyFile, record: Record, cause: Cause, now: number): void {
  const rows = ledgerRows(tx);
  const known = new Map(rows.filter((row) => row.destroyed_at === null).map((row) => [nameOf(row), row]));
  const { version, created_at } = masterOf(file);
  const there = [{ purpose: 'master', version, created_at }, ...file.keys];
  const entry = (type: 'key_rotation' | 'key_destroyed', details: { [name: string]: string | number | null }): void =>
    record(tx, {
      ...cause,
      type,
      success: true,
      resource: { type: 'key', id: null },
      details,
      dataAccessed: undefined,
      at: now,
    });
  for (const key of there) {
    if (known.has(nameOf(key))) continue;
    insertVersion(tx, key);
    if (rows.length > 0) entry('key_rotation', { key: key.purpose, from: newestBefore(rows, key), to: key.version });
  }
  const names = new Set(there.map(nameOf));
  for (const row of known.values()) {
    if (names.has(nameOf(row))) continue;
    markDestroyed(tx, row.purpose, row.version, now);
    entry('key_destroyed', { key: row.purpose, version: row.version });
  }
}

function newestBefore(
  rows: readonly LedgerRow[],
  { purpose, version }: Pick<LedgerRow, 'purpose' | 'version'>,
): number | null {
  const before = rows.filter((row) => row.purpose === purpose && row.version < version).map((row) => row.version);
  return before.length === 0 ? null : Math.max(...before);
}

function nameOf({ purpose, version }: Pick<LedgerRow, 'purpose' | 'version'>): string {
  return `${purpose}/${version}`;
}

// Opening the store: it is looked at first, without changing a byte, and held against what stands beside it. Only then may it be
// written. What is refused here stays as it is, so that it can be examined or put right.
import { concatBytes, equalBytes } from '../../base/bytes.ts';
import { deriveKey, hmacSha256 } from '../../base/hashes.ts';
import type { Feature } from '../feature.ts';
import { DamagedStore, type Database, OlderStore, type StoreMarks } from '../ports.ts';
import { findCommit } from './commit-table.ts';
import { pendingSteps } from './migrations.ts';
import { createStore, type ReadTx } from './store.ts';

/** What a checkpoint that was kept outside the store says against it; undefined when the store holds it. */
export type Witness = (tx: ReadTx, checkpoints: string) => Contradiction | undefined;
export type Contradiction = { readonly detail: string; readonly logSize: number; readonly checkpointSize: number };

export type StoreParts = {
  readonly marks: StoreMarks;
  /** The key of the store as it is now: it may be rotated while the store is open. */
  pageKey(): Uint8Array;
  /** undefined where there is no store yet. */
  look(): Database | undefined;
  /** A copy of the store, for reading only. @throws DamagedStore */
  lookAtCopy(path: string): Database;
  open(checked: boolean): Database;
  /** Asked where the store contradicts what stands beside it: whether a human has decided to go on with it all the same. */
  acceptOlder(reasons: readonly string[]): boolean;
  readonly now: number;
};

/** What was noticed and must stand in the audit log. */
export type Remark =
  | { readonly kind: 'mark-lost'; readonly state: 'missing' | 'unreadable'; readonly commit: number }
  | {
      readonly kind: 'rollback-accepted';
      readonly commit: number;
      readonly acknowledged: number | null;
      readonly contradiction: Contradiction | undefined;
      readonly reasons: readonly string[];
      readonly setAside: readonly string[];
    };

export type OpenedStore = {
  readonly database: Database;
  readonly remarks: readonly Remark[];
  /** A complete copy, read back and held against the store. @throws DamagedStore when it isn't the same. */
  copyTo(path: string): void;
  /** After the database was closed: notes the last commit, and seals the bytes at rest. */
  closed(commit: number): void;
};

/** @throws WrongStoreKey, DamagedStore, OlderStore, NewerStore; then nothing was changed. */
export function openStore(parts: StoreParts, features: readonly Feature[], witness: Witness): OpenedStore {
  const { marks } = parts;
  const seal = createSeal(parts.pageKey());
  const looked = parts.look();
  const remarks: Remark[] = [];
  let commit = 0;
  if (looked !== undefined) {
    try {
      pendingSteps(looked, features);
      commit = findCommit(looked);
      const found = compare(looked, commit, parts, witness, seal);
      if (found.reasons.length > 0 && !parts.acceptOlder(found.reasons)) throw new OlderStore(found.reasons.join('; '));
      if (found.lost !== undefined) remarks.push({ kind: 'mark-lost', state: found.lost, commit });
      if (found.reasons.length > 0) {
        const { reasons, acknowledged, contradiction } = found;
        const setAside = marks.setAside(parts.now);
        remarks.push({ kind: 'rollback-accepted', commit, acknowledged, contradiction, reasons, setAside });
      }
    } finally {
      looked.close();
    }
  }
  marks.opened(commit);
  const database = parts.open(looked !== undefined);
  return {
    database,
    remarks,
    copyTo(path) {
      database.copyTo(path);
      const copy = parts.lookAtCopy(path);
      try {
        if (rowCounts(copy) !== rowCounts(database)) throw new DamagedStore(`the copy ${path} is not complete`);
      } finally {
        copy.close();
      }
    },
    closed(last) {
      const bytes = marks.fingerprint();
      marks.closed(last, bytes === undefined ? undefined : createSeal(parts.pageKey()).of(last, bytes));
    },
  };
}

type Comparison = {
  readonly reasons: readonly string[];
  readonly acknowledged: number | null;
  readonly contradiction: Contradiction | undefined;
  readonly lost: 'missing' | 'unreadable' | undefined;
};

function compare(looked: Database, commit: number, { marks }: StoreParts, witness: Witness, seal: Seal): Comparison {
  const reasons: string[] = [];
  const mark = marks.read();
  const checkpoints = marks.lastCheckpoints();
  // A store from before commits were counted has nothing to be marked yet.
  const lost = typeof mark === 'string' && (commit > 0 || mark === 'unreadable') ? mark : undefined;
  if (typeof mark !== 'string' && mark.commit > commit) {
    reasons.push(
      `the store ends at commit ${commit}, but ${mark.commit} were acknowledged: its write-ahead log was cut, or an older store.db was put back`,
    );
  }
  // An older mark's seal is of bytes that were rightly changed since (a power cut may leave such a one), and so is that of an older key.
  if (typeof mark !== 'string' && mark.commit === commit && mark.seal !== undefined && seal.isOurs(mark.seal)) {
    const bytes = marks.fingerprint();
    if (bytes === undefined || !equalBytes(mark.seal, seal.of(commit, bytes))) {
      reasons.push(
        'store.db is not as it was when the console stopped: it was changed meanwhile, and not by Gatehouse',
      );
    }
  }
  const reader = createStore(looked, new Set(), ignore, ignore);
  const contradiction = checkpoints === undefined ? undefined : reader.readAll((tx) => witness(tx, checkpoints));
  if (contradiction !== undefined) reasons.push(contradiction.detail);
  return { reasons, acknowledged: typeof mark === 'string' ? null : mark.commit, contradiction, lost };
}

/** Vouches for the bytes of a closed store: which page key it was made under, and an HMAC under a key derived from that. */
type Seal = { of(commit: number, bytes: Uint8Array): Uint8Array; isOurs(seal: Uint8Array): boolean };

const keyNameLength = 8;
const sealLength = 32;

function createSeal(pageKey: Uint8Array): Seal {
  const key = deriveKey(pageKey, 'gatehouse/v1/store-at-rest');
  const keyName = deriveKey(pageKey, 'gatehouse/v1/store-at-rest/name', keyNameLength);
  return {
    of(commit, bytes) {
      const number = new Uint8Array(8);
      new DataView(number.buffer).setBigUint64(0, BigInt(commit));
      return concatBytes(keyName, hmacSha256(key, concatBytes(number, bytes))).subarray(0, sealLength);
    },
    isOurs: (seal) => equalBytes(seal.subarray(0, keyNameLength), keyName),
  };
}

function rowCounts(database: Database): string {
  // A virtual table has no rows of its own: those that it keeps stand in tables beside it.
  const tables = database.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name");
  const counts = tables.map(({ name }) => [name, database.get(`SELECT count(*) AS rows FROM "${String(name)}"`)?.rows]);
  return JSON.stringify([findCommit(database), counts]);
}

function ignore(): void {}

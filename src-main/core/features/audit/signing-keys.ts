// Whose signature counts for which checkpoint. Each signing key vouches for the time until its rotation, and its private half is gone
// after that: whoever holds today's key can't sign the past anew.
import type { Output } from '../../../../src-shared/contract/contract.ts';
import { FormatError } from '../../../../src-shared/evidence/format-error.ts';
import { followRotations } from '../../../../src-shared/evidence/key-history.ts';
import { parseVerifierKey, type VerifierKey } from '../../../../src-shared/evidence/signed-note.ts';
import { toHex } from '../../../base/bytes.ts';
import { nodePrimitives } from '../../../base/evidence-primitives.ts';
import { sha256 } from '../../../base/hashes.ts';
import { instant } from '../../../base/instants.ts';
import type { ReadTx } from '../../store/store.ts';
import { findCheckpoint } from './audit-table.ts';
import { hasSigningKeys, rotationNamedBy, type SigningKeyRow, signingKeyRows } from './signing-keys-table.ts';

/** The log's name, and the key that the key file holds for it today. */
export type Today = { readonly origin: string; readonly verifierKey: VerifierKey };

export type LogKeys = Today & {
  readonly rows: readonly SigningKeyRow[];
  /** The one key that may have signed a checkpoint of so many entries. */
  keyAt(size: number): VerifierKey;
  /** Every key of this log, for notes whose size is not known yet. */
  readonly all: readonly VerifierKey[];
};

/** @throws FormatError when a row holds something that is no key. */
export function readLogKeys(tx: ReadTx, today: Today): LogKeys {
  const rows = hasSigningKeys(tx) ? signingKeyRows(tx) : [];
  const keys = rows.map(({ verifier_key, after_size }) => ({
    key: parseVerifierKey(nodePrimitives, verifier_key),
    after: after_size,
  }));
  const recorded = keys.map(({ key }) => key);
  return {
    ...today,
    rows,
    keyAt: (size) => keys.findLast(({ after }) => after < size)?.key ?? recorded[0] ?? today.verifierKey,
    all: recorded.some(({ text }) => text === today.verifierKey.text) ? recorded : [...recorded, today.verifierKey],
  };
}

/** What bundles carry as `key_history`. */
export function keyHistory(tx: ReadTx): string[] {
  return signingKeyRows(tx).flatMap(({ note }) => (note === null ? [] : [note]));
}

export function presentKeys(tx: ReadTx, today: Today): Output<'audit.public_key'> {
  const { verifierKey, origin } = today;
  const { rows } = readLogKeys(tx, today);
  return {
    verifier_key: verifierKey.text,
    fingerprint: fingerprintOf(verifierKey),
    origin,
    earlier: rows.slice(0, -1).map(({ verifier_key }, index) => ({
      verifier_key,
      fingerprint: fingerprintOf(parseVerifierKey(nodePrimitives, verifier_key)),
      last_seq: rows[index + 1]?.after_size ?? 0,
      replaced_at: instant(rows[index + 1]?.since ?? 0),
    })),
    rotations: keyHistory(tx),
  };
}

function fingerprintOf({ publicKey }: VerifierKey): string {
  return toHex(sha256(publicKey));
}

export type KeyFault = { readonly detail: string; readonly seq: number | null };

/**
 * The rows against what they rest on: each key named by the one before, in an entry of the log, under a checkpoint of the old key.
 * Without that last one somebody could sign everything before it anew.
 */
export function checkKeys(tx: ReadTx, { rows, verifierKey, origin }: LogKeys): KeyFault | undefined {
  const last = rows.at(-1);
  if (last !== undefined && last.verifier_key !== verifierKey.text) {
    return { detail: 'the signing key that the log names is not the one in keys.json', seq: null };
  }
  for (const [index, row] of rows.entries()) {
    const before = rows[index - 1];
    const about = `signing key of version ${row.version}`;
    if (before === undefined) {
      if (row.after_size > 0) return { detail: `${about}: the keys before it are gone`, seq: null };
      continue;
    }
    const seq = row.after_size;
    if (row.after_size <= before.after_size)
      return { detail: `${about}: it stands before the one it follows`, seq: null };
    if (!isNamedBy(tx, row, before)) {
      return { detail: `entry #${seq}: it does not record the rotation to the ${about}`, seq };
    }
    if (row.note === null) continue;
    if (!isChained(row, before, origin)) return { detail: `${about}: the key before did not sign it`, seq: null };
    if (findCheckpoint(tx, seq) === undefined) {
      return {
        detail: `checkpoint for #${seq}: the last one of the key before version ${row.version} is missing`,
        seq: null,
      };
    }
  }
  return undefined;
}

function isChained(row: SigningKeyRow, before: SigningKeyRow, origin: string): boolean {
  try {
    const old = parseVerifierKey(nodePrimitives, before.verifier_key);
    const learnt = followRotations(nodePrimitives, [old], [row.note ?? '']);
    return learnt.some(({ text, name }) => text === row.verifier_key && name === origin);
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

function isNamedBy(tx: ReadTx, row: SigningKeyRow, before: SigningKeyRow): boolean {
  const named = rotationNamedBy(tx, row.after_size);
  return named?.verifier_key === row.verifier_key && named.previous_verifier_key === before.verifier_key;
}

// Rotating the signing key, in an order that a kill can't break: the new key stands in the key file, then one transaction makes it the
// one that signs (entry, last checkpoint of the old key, its note about the new one), then the old key is forgotten. A start looks which
// of the two the store names.
import { rotationNote } from '../../../../src-shared/evidence/key-history.ts';
import { createVerifierKey, type VerifierKey } from '../../../../src-shared/evidence/signed-note.ts';
import type { SigningKey } from '../../../base/ed25519.ts';
import { nodePrimitives } from '../../../base/evidence-primitives.ts';
import type { NewEntry } from '../../dispatch/performing.ts';
import type { WriteTx } from '../../store/store.ts';
import { treeSize } from './audit-table.ts';
import { type Signer, signCheckpoint } from './checkpoints.ts';
import { insertSigningKey, signingKeyRows } from './signing-keys-table.ts';

/** The signing keys that the key file holds. */
export type SigningKeys = {
  versions(): readonly number[];
  key(version: number): SigningKey;
};

export type RecordEntry = (tx: WriteTx, entry: NewEntry) => void;

export function verifierKeyOf(keys: SigningKeys, origin: string, version: number): VerifierKey {
  return createVerifierKey(nodePrimitives, origin, keys.key(version).publicKey);
}

/** The key of the version `to` signs from the next checkpoint on. @param signer of the key until now */
export function rotateSigningKey(
  tx: WriteTx,
  keys: SigningKeys,
  { from, to: version }: { from: number; to: number },
  signer: Signer,
  record: (details: Record<string, unknown>) => void,
  now: number,
): void {
  const next = verifierKeyOf(keys, signer.origin, version);
  const before = signingKeyRows(tx).at(-1);
  record({
    key: 'signing',
    from,
    to: version,
    verifier_key: next.text,
    previous_verifier_key: signer.verifierKey.text,
  });
  // Covers the entry: with the old private key gone, nobody can sign what is before it once more.
  const last = signCheckpoint(tx, signer, now);
  if (last === undefined) throw new Error('a log with the entry of the rotation has no checkpoint');
  insertSigningKey(tx, {
    version: (before?.version ?? 0) + 1,
    verifier_key: next.text,
    after_size: last.size,
    note: rotationNote(signer.verifierKey, next, signer.sign),
    since: now,
  });
}

/**
 * At the start: makes the key file agree with the store, which decides. A version that the store never came to name goes, and so does
 * one that it names no longer. @returns the version that signs.
 */
export function settleSigningKeys(
  tx: WriteTx,
  keys: SigningKeys,
  origin: string,
  record: RecordEntry,
  now: number,
): { version: number; surplus: readonly number[] } {
  const rows = signingKeyRows(tx);
  const active = rows.at(-1);
  const held = keys.versions();
  const chosen = (version: number) => ({ version, surplus: held.filter((other) => other !== version) });
  if (active === undefined) {
    // The first start: a second version here is of a rotation that was killed before the store heard of it.
    const version = Math.min(...held);
    insertSigningKey(tx, {
      version,
      verifier_key: verifierKeyOf(keys, origin, version).text,
      after_size: 0,
      note: null,
      since: now,
    });
    return chosen(version);
  }
  const named = held.find((version) => verifierKeyOf(keys, origin, version).text === active.verifier_key);
  if (named !== undefined) return chosen(named);
  // An older store was accepted: the key that it was signed with is destroyed, and nothing can chain it to the one that is left.
  const version = Math.max(...held);
  const next = verifierKeyOf(keys, origin, version);
  record(tx, {
    type: 'key_rotation',
    action: 'audit.start',
    success: true,
    actor: { kind: 'system', id: null, name: 'system' },
    resource: { type: 'key', id: null },
    origin: { ip: null, userAgent: null },
    sessionId: null,
    traceId: null,
    details: {
      key: 'signing',
      from: active.version,
      to: version,
      verifier_key: next.text,
      previous_verifier_key: active.verifier_key,
      chained: false,
    },
    dataAccessed: undefined,
    at: now,
  });
  insertSigningKey(tx, {
    // Rows count on by themselves: an older key file may give the same number again.
    version: active.version + 1,
    verifier_key: next.text,
    after_size: treeSize(tx),
    note: null,
    since: now,
  });
  return chosen(version);
}

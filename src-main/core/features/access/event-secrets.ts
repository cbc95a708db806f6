// What a key's events are signed with: sealed beside the key, because checking a signature needs the secret itself and not a hash of it.
import type { EventSigning } from '../../../../src-shared/contract/access.ts';
import { utf8 } from '../../../base/bytes.ts';
import { createEventSecret } from '../../../base/event-signature.ts';
import type { SealedColumn, Sealer } from '../../feature.ts';
import type { Randomness } from '../../ports.ts';
import type { ReadTx } from '../../store/store.ts';
import { findSealedEventSecret } from './keys-table.ts';

type SecretParts = { readonly sealer: Sealer; readonly host: { readonly random: Randomness } };

/** `text` is shown once, `sealed` is what may be stored; undefined for a key that signs nothing. */
export function issueEventSecret(
  { sealer, host }: SecretParts,
  keyId: string,
  signing: EventSigning,
): { readonly text: string; readonly sealed: Uint8Array } | undefined {
  if (signing === 'none') return undefined;
  const text = createEventSecret(host.random);
  return { text, sealed: sealer.seal(utf8(text), contextOf(keyId)) };
}

/** For the caller to zero; undefined for a key without one. */
export function openEventSecret({ sealer }: SecretParts, tx: ReadTx, keyId: string): Uint8Array | undefined {
  const sealed = findSealedEventSecret(tx, keyId);
  return sealed === undefined ? undefined : sealer.open(sealed, contextOf(keyId));
}

export const sealedEventSecrets: SealedColumn = {
  table: 'access_key',
  key: ['id'],
  column: 'sealed_event_secret',
  context: (row) => contextOf(String(row.id)),
};

function contextOf(keyId: string): string {
  return `access/event-secret/${keyId}`;
}

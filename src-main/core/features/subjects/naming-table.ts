// SQL of the key that subjects' names are made with.
import type { ReadTx, WriteTx } from '../../store/store.ts';

export function findNamingKey(tx: ReadTx): Uint8Array | undefined {
  return tx.get<{ sealed_key: Uint8Array }>('SELECT sealed_key FROM subject_naming WHERE id = 1')?.sealed_key;
}

export function insertNamingKey(tx: WriteTx, sealedKey: Uint8Array): void {
  tx.run('INSERT INTO subject_naming (id, sealed_key) VALUES (1, :sealedKey)', { sealedKey });
}

// Argon2id of a passphrase to raw bytes; runs in libuv's pool.
import argon2 from 'argon2';
import type { PassphraseKdf } from '../../core/features/keys/master-key.ts';

export const argon2idKdf: PassphraseKdf = async (passphrase, { salt, memoryKib, time, parallelism }) =>
  new Uint8Array(
    await argon2.hash(passphrase, {
      type: argon2.argon2id,
      salt: Buffer.from(salt),
      memoryCost: memoryKib,
      timeCost: time,
      parallelism,
      hashLength: 32,
      raw: true,
    }),
  );

// The cryptography of time-stamp authorities in Node.
import { createHash, createPublicKey, verify } from 'node:crypto';
import type { StampPrimitives } from '../../src-shared/evidence/stamps/stamp-primitives.ts';

export const nodeStamps: StampPrimitives = {
  digest: (name, data) => new Uint8Array(createHash(name).update(data).digest()),
  verifySignature(_key, spki, digest, message, signature) {
    try {
      const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
      return verify(digest, message, key, signature);
    } catch {
      return false;
    }
  },
};

// The leaf hash of an entry as the console tells it, compared with one computed here.

import { encodeHex, encodeUtf8 } from '../../../src-shared/evidence/bytes.ts';
import { leafHash } from '../../../src-shared/evidence/merkle.ts';
import type { Primitives } from '../../../src-shared/evidence/primitives.ts';

/** RFC 6962: SHA-256 of 0x00 and the canonical bytes, in hex as the API tells it. */
export function isLeafOf(primitives: Primitives, canonical: string, told: string): boolean {
  return encodeHex(leafHash(primitives, encodeUtf8(canonical))) === told.toLowerCase();
}

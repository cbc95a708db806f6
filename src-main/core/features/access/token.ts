// Opaque tokens of sessions (`ghs_`) and of half-finished logins (`ghp_`): 256 random bits, stored as SHA-256 only.
// At that entropy a plain hash can't be reversed by trying, and a look-up by it tells nothing through its timing.
import { toBase64Url } from '../../../base/bytes.ts';
import { sha256 } from '../../../base/hashes.ts';
import type { Randomness } from '../../ports.ts';

export type TokenPrefix = 'ghs_' | 'ghp_';

export function createToken(prefix: TokenPrefix, random: Randomness): { token: string; hash: Uint8Array } {
  const token = `${prefix}${toBase64Url(random.bytes(32))}`;
  return { token, hash: sha256(token) };
}

/** The hash to look for, or undefined when the text is no such token at all. */
export function hashOfToken(prefix: TokenPrefix, text: string): Uint8Array | undefined {
  return text.startsWith(prefix) && /^[A-Za-z0-9_-]{43}$/.test(text.slice(prefix.length)) ? sha256(text) : undefined;
}

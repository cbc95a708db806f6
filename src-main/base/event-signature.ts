// The one form in which tools sign events (v2): HMAC-SHA256 over the RFC 8785 form of the whole event without its signature, under the
// text of an API key's event secret, written as standard base64 with padding. Who must sign is the caller's policy.
import { canonicalize } from '../../src-shared/evidence/canonical-json.ts';
import { FormatError } from '../../src-shared/evidence/format-error.ts';
import { decodeBase64, equalBytes, toBase64, toBase64Url } from './bytes.ts';
import { hmacSha256 } from './hashes.ts';

export type EventSignature = { readonly alg: 'HMAC-SHA256'; readonly canon: 'v2'; readonly value: string };

const prefix = 'ghm_';
const secretLength = 32;

/** The secret's text, whose bytes are the HMAC's key: no client has to decode anything. */
export function createEventSecret(random: { bytes(length: number): Uint8Array }): string {
  return prefix + toBase64Url(random.bytes(secretLength));
}

export function isEventSecret(text: string): boolean {
  return /^ghm_[A-Za-z0-9_-]{43}$/.test(text);
}

/** @param event without a signature. @throws FormatError for what JSON can't carry safely. */
export function signEvent(event: object, secret: Uint8Array): EventSignature {
  return { alg: 'HMAC-SHA256', canon: 'v2', value: toBase64(macOf(event, secret)) };
}

/**
 * Does `signature`, as it was sent, sign `event`, which is all that was sent beside it?
 * SECURITY: every doubt is a no: another version, another spelling of the value, more members, an event without a canonical form.
 */
export function isSignedWith(secret: Uint8Array, event: object, signature: unknown): boolean {
  const shown = macIn(signature);
  if (shown === undefined) return false;
  try {
    return equalBytes(shown, macOf(event, secret));
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

/** Numbers are the doubles that they were read as: 1, 1.0 and 1e0 are one number to RFC 8785 and to the store. */
function macOf(event: object, secret: Uint8Array): Uint8Array {
  return hmacSha256(secret, canonicalize(event, { integers: 'any' }));
}

function macIn(signature: unknown): Uint8Array | undefined {
  if (typeof signature !== 'object' || signature === null || Object.keys(signature).length !== 3) return undefined;
  const { alg, canon, value } = signature as Partial<Record<string, unknown>>;
  if (alg !== 'HMAC-SHA256' || canon !== 'v2' || typeof value !== 'string') return undefined;
  if (!/^[A-Za-z0-9+/]{43}=$/.test(value)) return undefined;
  const bytes = decodeBase64(value);
  // The last character holds two bits that are not of the value: one spelling alone leaves them zero.
  return toBase64(bytes) === value ? bytes : undefined;
}

// The token that a page of the console must show beside its session cookie. It is derived from the session, so nothing is stored.
import { concatBytes, toBase64Url, utf8 } from './bytes.ts';
import { sha256 } from './hashes.ts';

const purpose = utf8('gatehouse/csrf\0');

/**
 * The CSRF token of a session: base64url of the first 18 bytes of SHA-256("gatehouse/csrf\0" ‖ SHA-256(session token)).
 * Another site can neither read it (the answer that carries it is same-origin) nor compute it without the session's token.
 * @param tokenHash SHA-256 of the session's token, 32 bytes: the form in which the store keeps it.
 */
export function csrfToken(tokenHash: Uint8Array): string {
  if (tokenHash.byteLength !== 32) throw new Error(`expected a SHA-256 of 32 bytes, got ${tokenHash.byteLength}`);
  return toBase64Url(sha256(concatBytes(purpose, tokenHash)).subarray(0, 18));
}

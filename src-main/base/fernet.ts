// Fernet tokens, version 0x80 (github.com/fernet/spec): opening them. The MAC is checked before anything is decrypted.
import { createDecipheriv } from 'node:crypto';
import { equalBytes } from './bytes.ts';
import { hmacSha256 } from './hashes.ts';

const version = 0x80;
const ivAt = 9;
const cipherAt = 25;
const blockLength = 16;
const macLength = 32;

/** Not a token of this key. Says what is wrong with the form; nothing of the token or key stands in it. */
export class FernetError extends Error {
  override readonly name = 'FernetError';
}

/** @throws FernetError when `text` isn't the base64url of 32 bytes. */
export function parseFernetKey(text: string): Uint8Array {
  const key = fromPaddedBase64Url(text);
  if (key === undefined || key.byteLength !== 32)
    throw new FernetError('expected a Fernet key: 32 bytes in base64url, 44 characters');
  return key;
}

/**
 * The message in `token`. Its age is for the caller to judge: what is imported may be old.
 * @param key 32 bytes: signing key ‖ encryption key.
 * @throws FernetError for another version, a wrong key, a changed or cut token, and anything around it.
 */
export function openFernet(key: Uint8Array, token: string): { plain: Uint8Array; timeMs: number } {
  const bytes = fromPaddedBase64Url(token);
  if (bytes === undefined) throw new FernetError('expected a Fernet token in base64url');
  if (bytes[0] !== version) throw new FernetError('expected a Fernet token of version 0x80');
  const macAt = bytes.byteLength - macLength;
  if (macAt < cipherAt + blockLength || (macAt - cipherAt) % blockLength !== 0)
    throw new FernetError('the Fernet token is cut off or too long');
  const expected = hmacSha256(key.subarray(0, 16), bytes.subarray(0, macAt));
  if (!equalBytes(expected, bytes.subarray(macAt)))
    throw new FernetError('the Fernet key is not the one of this token, or the token was changed');
  const decipher = createDecipheriv('aes-128-cbc', key.subarray(16, 32), bytes.subarray(ivAt, cipherAt));
  try {
    const plain = Buffer.concat([decipher.update(bytes.subarray(cipherAt, macAt)), decipher.final()]);
    const seconds = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(1);
    return { plain: new Uint8Array(plain), timeMs: Number(seconds) * 1000 };
  } catch (cause) {
    throw new FernetError('the Fernet token holds no properly padded message', { cause });
  }
}

/** The one spelling of the bytes, with padding: two texts are never the same token. */
function fromPaddedBase64Url(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]+={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  const padding = '='.repeat((4 - (bytes.toString('base64url').length % 4)) % 4);
  return bytes.toString('base64url') + padding === text ? new Uint8Array(bytes) : undefined;
}

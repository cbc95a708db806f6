// The two kinds of codes that a second factor consists of. Pure: whose they are and which were used is kept elsewhere.
// TOTP is RFC 6238 with SHA-1, 6 digits and 30 s, because every authenticator app can do that.
// Recovery codes are `xxxxx-xxxxx` in Crockford's base32 (no i, l, o, u), 50 bits each.
import { generateURI, ScureBase32Plugin, verifySync } from 'otplib';
import { hmacSha256 } from '../../../base/hashes.ts';
import type { Randomness } from '../../ports.ts';

const stepSeconds = 30;
/** RFC 4226 section 4 recommends 160 bits. */
export const totpSecretLength = 20;

export function isTotpCode(text: string): boolean {
  return /^[0-9]{6}$/.test(text);
}

/**
 * The time step whose code `code` is: the present one or one of its neighbours (RFC 6238 section 5.2). Undefined for a wrong code.
 * The caller refuses a step that was used before.
 */
export function stepOfCode(secret: Uint8Array, code: string, now: number): number | undefined {
  if (!isTotpCode(code)) return undefined;
  const outcome = verifySync({ secret, token: code, epoch: Math.floor(now / 1000), epochTolerance: stepSeconds });
  return outcome.valid && 'timeStep' in outcome ? outcome.timeStep : undefined;
}

export type Enrolment = {
  readonly secret: string;
  readonly uri: string;
  readonly issuer: string;
  readonly account: string;
};

/** What an authenticator app is given: the secret in base32 and the `otpauth://` URI that holds it. */
export function describeEnrolment(secret: Uint8Array, account: string, consoleName: string): Enrolment {
  const base32 = new ScureBase32Plugin().encode(secret, { padding: false });
  // A colon would end the issuer early in the URI's label.
  const name = consoleName.replaceAll(':', ' ');
  const issuer = name.startsWith('Gatehouse') ? name : `Gatehouse ${name}`;
  return { secret: base32, uri: generateURI({ issuer, label: account, secret: base32 }), issuer, account };
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const recoveryCodeLength = 10;
export const recoveryCodeCount = 10;

export function createRecoveryCode(random: Randomness): string {
  // 256 is a multiple of 32: five bits of each byte are evenly spread.
  const text = Array.from(random.bytes(recoveryCodeLength), (byte) => alphabet[byte & 31]).join('');
  return `${text.slice(0, 5)}-${text.slice(5)}`;
}

/** A code as somebody typed it from paper, or undefined when it can't be one. */
export function readRecoveryCode(text: string): string | undefined {
  const plain = text.toLowerCase().replace(/[\s-]/g, '').replaceAll('o', '0').replace(/[il]/g, '1');
  const known = plain.length === recoveryCodeLength && [...plain].every((character) => alphabet.includes(character));
  return known ? plain : undefined;
}

/**
 * The form in which a code is kept: HMAC-SHA256 under a random 256-bit key of the user that is itself sealed, as the TOTP secret beside
 * it is. Without the sealing key the hashes can't be tried at all; with it the TOTP secret is open too, so a slow hash would protect
 * nothing more.
 */
export function hashRecoveryCode(key: Uint8Array, plain: string): Uint8Array {
  return hmacSha256(key, plain);
}

// Users: what a name may be and when two are the same.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';

export type User = {
  readonly id: string;
  readonly username: string;
  readonly passwordHash: string;
  readonly disabledAt: number | null;
};

/** Two names that fold alike are one user's: "Anna", "ANNA" and full-width "Ａnna". */
export function foldUsername(username: string): string {
  return username.normalize('NFKC').toLowerCase().normalize('NFKC');
}

// No spaces, colons or invisible characters: the name stands in audit entries, otpauth URIs and command lines.
const form = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._@+-]{0,63}$/u;

/** The name as it will be shown. @throws ProblemError request/invalid when it can't be one. */
export function parseUsername(text: string): string {
  const username = text.normalize('NFC');
  if (!form.test(username)) {
    throw invalidUsername('expected 1 to 64 letters, digits or any of . _ @ + -, beginning with a letter or digit');
  }
  return username;
}

export function invalidUsername(message: string): ProblemError {
  return new ProblemError('request/invalid', `username: ${message}`, { fields: [{ path: 'username', message }] });
}

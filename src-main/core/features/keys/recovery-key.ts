// The recovery key on the console's side: its text form with our SHA-256, and the refusal that says what is wrong with it.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { formatRecoveryKey as format, readRecoveryKey } from '../../../../src-shared/recovery-key.ts';
import { sha256 } from '../../../base/hashes.ts';

export function formatRecoveryKey(key: Uint8Array): string {
  return format(key, sha256);
}

/** @throws ProblemError request/invalid when characters are missing or the check group doesn't fit. */
export function parseRecoveryKey(text: string): Uint8Array {
  const reading = readRecoveryKey(text, sha256);
  switch (reading.kind) {
    case 'key':
      return reading.key;
    case 'incomplete':
      throw new ProblemError(
        'request/invalid',
        'the recovery key has 14 groups of four characters after GH; some are missing or wrong',
      );
    case 'mistyped':
      throw new ProblemError('request/invalid', 'the recovery key has a typing mistake: its check group does not fit');
  }
}

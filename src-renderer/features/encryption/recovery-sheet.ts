// A recovery key as a text file that still makes sense in a drawer in three years, and the proof that it can be read there.

import { recoveryKeyCharacters } from '../../../src-shared/recovery-key.ts';

export interface IssuedKey {
  readonly recoveryKey: string;
  readonly consoleName: string;
  /** RFC 3339. */
  readonly issuedAt: string;
  /** What must be changed before the next start. */
  readonly nextStep?: string | undefined;
}

/** The groups between the prefix and the end. */
export function groupsOfKey(recoveryKey: string): readonly string[] {
  return recoveryKey.split('-').slice(1);
}

export function sheetText({ recoveryKey, consoleName, issuedAt }: IssuedKey): string {
  return [
    `Gatehouse recovery key of ${consoleName}`,
    `Issued ${issuedAt}. Keep it away from the computer it belongs to.`,
    '',
    `  ${recoveryKey}`,
    '',
    'Opens the encrypted store when keychain or passphrase are lost, and on a new computer the backups made from now on.',
    'A recovery key from before opens only the backups that were made while it was the current one.',
    '',
  ].join('\n');
}

export function lastGroupOf(recoveryKey: string): string {
  return recoveryKey.slice(recoveryKey.lastIndexOf('-') + 1);
}

export function isLastGroup(recoveryKey: string, typed: string): boolean {
  return recoveryKeyCharacters(typed) === recoveryKeyCharacters(lastGroupOf(recoveryKey));
}

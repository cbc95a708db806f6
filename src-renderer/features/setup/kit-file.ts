// The recovery kit as a text file that still makes sense in a drawer in three years.

import type { Output } from '../../../src-shared/contract/contract.ts';

export type RecoveryKit = Output<'setup.recovery_kit'>;

export function kitText(kit: RecoveryKit, username: string): string {
  return [
    `Gatehouse recovery kit of ${kit.console_name}`,
    `Made ${kit.created_at}. Keep it away from the computer it belongs to.`,
    '',
    `Recovery codes${username === '' ? '' : ` of ${username}`}`,
    'In place of the second factor when the phone is lost. Each works once.',
    ...kit.recovery_codes.map((code, position) => `  ${String(position + 1).padStart(2)}  ${code}`),
    '',
    'Recovery key',
    'Opens the encrypted store when keychain or passphrase are lost.',
    `  ${kit.recovery_key}`,
    '',
    'Verifier key (public)',
    'Whoever has it can check this console’s signed evidence. Send it to auditors by another way than the evidence.',
    `  ${kit.verifier_key}`,
    '',
  ].join('\n');
}

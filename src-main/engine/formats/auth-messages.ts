// Which program said what: picks the message parser by the syslog tag. The head of the line is syslog-header.ts.
import type { EventDraft } from '../event.ts';
import { accountMessage } from './auth-accounts.ts';
import { pamMessage } from './auth-pam.ts';
import { sshdMessage } from './auth-sshd.ts';
import { sudoMessage, suMessage } from './auth-sudo.ts';

/** Adds to the draft what `message` says; false when it isn't one we know. */
export type MessageParser = (message: string, draft: EventDraft) => boolean;

const byProgram: Readonly<Record<string, MessageParser>> = {
  sshd: sshdMessage,
  'sshd-session': sshdMessage,
  'sshd-auth': sshdMessage,
  sudo: sudoMessage,
  su: suMessage,
  useradd: accountMessage,
  userdel: accountMessage,
  usermod: accountMessage,
  groupadd: accountMessage,
  groupmod: accountMessage,
  groupdel: accountMessage,
  gpasswd: accountMessage,
  passwd: accountMessage,
  chpasswd: accountMessage,
  adduser: accountMessage,
};

/** True when the program is one that auth logs are about. */
export function isAuthProgram(program: string): boolean {
  return Object.hasOwn(byProgram, baseName(program)) || program === 'CRON' || program === 'systemd-logind';
}

/** Fills `draft` from the message; unknown messages leave it as it is. */
export function readAuthMessage(program: string, message: string, draft: EventDraft): void {
  const name = baseName(program);
  const known = Object.hasOwn(byProgram, name) ? byProgram[name] : undefined;
  if (known?.(message, draft)) return;
  if (message.startsWith('pam_')) pamMessage(message, draft);
}

function baseName(program: string): string {
  const slash = program.lastIndexOf('/');
  return slash < 0 ? program : program.slice(slash + 1);
}

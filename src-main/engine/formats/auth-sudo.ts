// Messages of sudo and su: commands run as somebody else, and refusals.
import { clip, type EventDraft, fieldLimits } from '../event.ts';
import { pamMessage } from './auth-pam.ts';

const longestCommand = 8192;

/** `alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/ls`, perhaps with a refusal before TTY. */
export function sudoMessage(message: string, draft: EventDraft): boolean {
  if (message.startsWith('pam_')) return pamMessage(message, draft);
  const text = message.trimStart();
  const colon = text.indexOf(' : ');
  if (colon <= 0) return false;
  const user = text.slice(0, colon);
  if (/\s/.test(user)) return false;
  const rest = text.slice(colon + 3);
  // The command is last and may itself hold " ; ", so it is cut off first. Newlines arrive escaped by sudo (#012).
  const commandAt = rest.indexOf('COMMAND=');
  const command = commandAt < 0 ? undefined : rest.slice(commandAt + 8);
  const parts = (commandAt < 0 ? rest : rest.slice(0, commandAt)).split(' ; ');
  let refusal = '';
  for (const part of parts) {
    if (part.startsWith('TTY=')) draft.details.tty = clip(part.slice(4), 60);
    else if (part.startsWith('PWD=')) draft.details.working_directory = clip(part.slice(4), 1024);
    else if (part.startsWith('USER=')) draft.details.run_as = clip(part.slice(5), fieldLimits.actor);
    else if (part.startsWith('GROUP=')) draft.details.run_as_group = clip(part.slice(6), fieldLimits.actor);
    else if (refusal === '' && part !== '') refusal = part;
  }
  if (command === undefined && refusal === '') return false;
  draft.event_type = 'shell_command';
  draft.actor = clip(user, fieldLimits.actor);
  if (command !== undefined) draft.details.command = clip(command, longestCommand);
  draft.success = refusal === '';
  draft.action = refusal === '' ? 'sudo' : refusalAction(refusal);
  if (refusal !== '') {
    draft.details.reason = clip(refusal, 200);
    const attempts = /^(\d{1,4}) incorrect password attempts?/.exec(refusal);
    if (attempts !== null) draft.details.attempts = Number(attempts[1]);
  }
  return true;
}

function refusalAction(refusal: string): string {
  if (/not in (?:the )?sudoers/i.test(refusal)) return 'sudo_not_in_sudoers';
  if (refusal.includes('incorrect password attempt')) return 'sudo_wrong_password';
  if (refusal.startsWith('command not allowed')) return 'sudo_command_not_allowed';
  return 'sudo_refused';
}

/** `FAILED SU (to root) alice on pts/0`, `(to root) alice on pts/0`, `Successful su for root by alice`. */
export function suMessage(message: string, draft: EventDraft): boolean {
  if (message.startsWith('pam_')) return pamMessage(message, draft);
  const modern = /^(FAILED SU )?\(to (\S{1,256})\) (\S{1,256}) on (\S{1,64})$/.exec(message);
  if (modern !== null) return su(draft, modern[3] ?? '', modern[2] ?? '', modern[1] === undefined);
  const old = /^(Successful|FAILED) su for (\S{1,256}) by (\S{1,256})$/.exec(message);
  return old !== null && su(draft, old[3] ?? '', old[2] ?? '', old[1] === 'Successful');
}

function su(draft: EventDraft, actor: string, target: string, success: boolean): boolean {
  draft.event_type = 'login';
  draft.action = 'su';
  draft.success = success;
  draft.actor = actor;
  draft.details.method = 'su';
  draft.details.target = target;
  return true;
}

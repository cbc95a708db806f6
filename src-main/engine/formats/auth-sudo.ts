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
  if (rest.startsWith(continuedMark)) return continued(user, rest.slice(continuedMark.length), draft);
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
    else if (setOther(part, draft)) continue;
    else if (refusal === '' && part !== '') refusal = part;
  }
  // Without a command it is a complaint about the set-up: "unable to resolve host web-1".
  if (command === undefined) return false;
  draft.event_type = 'shell_command';
  draft.actor = clip(user, fieldLimits.actor);
  draft.details.command = clip(command, longestCommand);
  draft.success = refusal === '';
  draft.action = refusal === '' ? 'sudo' : refusalAction(refusal);
  if (refusal !== '') {
    draft.details.reason = clip(refusal, 200);
    const attempts = /^(\d{1,4}) incorrect password attempts?/.exec(refusal);
    if (attempts !== null) draft.details.attempts = Number(attempts[1]);
  }
  return true;
}

const otherParts: readonly (readonly [prefix: string, name: string])[] = [
  ['ENV=', 'environment'],
  ['HOST=', 'run_on'],
  ['CHROOT=', 'chroot'],
  ['TSID=', 'session_log'],
  ['LOG=', 'session_log'],
];

function setOther(part: string, draft: EventDraft): boolean {
  const known = otherParts.find(([prefix]) => part.startsWith(prefix));
  if (known !== undefined) draft.details[known[1]] = clip(part.slice(known[0].length), 1024);
  return known !== undefined;
}

const continuedMark = '(command continued) ';

/** sudo cuts lines at 980 characters: the rest of a command, which syslog.ts puts behind its beginning. */
function continued(user: string, more: string, draft: EventDraft): boolean {
  draft.event_type = 'shell_command';
  draft.action = 'sudo_continued';
  draft.actor = clip(user, fieldLimits.actor);
  draft.details.continued = clip(more, longestCommand);
  return true;
}

/** Puts commands that sudo logged in parts together: the event of a part has the whole command so far. */
export function createSudoCommands(): (draft: EventDraft) => void {
  let last:
    | { readonly who: string; readonly details: EventDraft['details']; readonly success: boolean | undefined }
    | undefined;
  return (draft) => {
    const { action, actor, details, source, success } = draft;
    const who = `${source} ${details.pid ?? ''} ${actor}`;
    if (action !== 'sudo_continued') {
      if (details.command !== undefined) last = { who, details, success };
      return;
    }
    if (last?.who !== who || typeof last.details.command !== 'string') return;
    const { message: _, ...before } = last.details;
    Object.assign(details, { ...before, ...details });
    details.command = clip(`${last.details.command} ${details.continued}`, longestCommand);
    if (last.success !== undefined) draft.success = last.success;
    last = { who, details, success: last.success };
  };
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

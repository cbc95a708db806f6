// Messages of PAM modules, in whichever program they ran: pam_unix(sshd:auth): …, pam_sss(…), pam_faillock(…).
import { canonicalAddress } from '../address.ts';
import { clip, type EventDraft, fieldLimits } from '../event.ts';

const head = /^(pam_[a-z0-9_]+)\(([^:)]{1,64}):([a-z]{1,20})\): /;

/** Programs whose own line states the failure; their PAM line only announces it and must not count twice. */
const reportsItself = new Set(['sshd', 'sudo', 'su', 'su-l']);

/** Reads a PAM message; false when unknown. */
export function pamMessage(message: string, draft: EventDraft): boolean {
  if (message.startsWith('PAM ')) {
    failure(message, 'sshd', draft);
    return true;
  }
  const match = head.exec(message);
  if (match === null) return false;
  const [prefix, module = '', service = '', stage = ''] = match;
  const text = message.slice(prefix.length);
  draft.details.pam_module = module;
  draft.details.service = service;
  if (stage === 'session') return session(text, draft);
  if (text.startsWith('authentication failure; ')) {
    failure(text, service, draft);
    return true;
  }
  if (text.startsWith('password changed for ')) {
    draft.event_type = 'config_change';
    draft.action = 'password_changed';
    draft.resource_type = 'user';
    draft.resource_id = clip(text.slice(21), fieldLimits.resource_id);
    return true;
  }
  return false;
}

/** `authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.7  user=root` */
function failure(text: string, service: string, draft: EventDraft): void {
  const user = keyed(text, 'user');
  const byUser = keyed(text, 'ruser') || keyed(text, 'logname');
  const host = keyed(text, 'rhost');
  draft.event_type = 'login';
  if (reportsItself.has(service)) {
    draft.action = 'attempt';
    draft.details.announced = 'pam';
  } else {
    draft.action = 'failed';
    draft.success = false;
    draft.details.method = 'pam';
  }
  // For su and sudo the name after user= is whose password was asked; who asked is ruser or logname.
  const actor = service.startsWith('su') && byUser ? byUser : user || byUser;
  if (actor) draft.actor = clip(actor, fieldLimits.actor);
  if (user && user !== actor) draft.details.target = clip(user, fieldLimits.actor);
  if (!host) return;
  const address = canonicalAddress(host);
  if (address !== undefined) draft.ip_address = address;
  else draft.details.remote_host = clip(host, 255);
}

/** The value after ` key=`, up to the next blank; '' when empty or absent. */
function keyed(text: string, key: string): string {
  const found = text.lastIndexOf(` ${key}=`);
  if (found < 0) return '';
  const start = found + key.length + 2;
  const end = text.indexOf(' ', start);
  return text.slice(start, end < 0 ? undefined : end);
}

/** `session opened for user root(uid=0) by alice(uid=1000)`, `session closed for user root` */
function session(text: string, draft: EventDraft): boolean {
  const opened = text.startsWith('session opened for user ');
  if (!opened && !text.startsWith('session closed for user ')) return false;
  const rest = text.slice(24);
  const by = opened ? rest.lastIndexOf(' by ') : -1;
  const user = (by < 0 ? rest : rest.slice(0, by)).replace(/\(uid=\d+\)$/, '');
  draft.action = opened ? 'session_opened' : 'session_closed';
  if (!opened && draft.details.service === 'sshd') draft.event_type = 'logout';
  draft.actor = clip(user, fieldLimits.actor);
  if (by >= 0) {
    const opener = rest.slice(by + 4).replace(/\(uid=\d+\)$/, '');
    if (opener !== '') draft.details.opened_by = clip(opener, fieldLimits.actor);
  }
  return true;
}

// Messages of OpenSSH's server. User names come from the network and may hold blanks and words such as "from 10.0.0.1":
// the last ` from ADDRESS port N` of a line is the real one, because sshd writes it after the name.
import { canonicalAddress } from '../address.ts';
import { clip, type EventDraft, fieldLimits } from '../event.ts';
import { pamMessage } from './auth-pam.ts';

/** Reads one message of sshd; false when unknown. */
export function sshdMessage(message: string, draft: EventDraft): boolean {
  switch (message.charCodeAt(0)) {
    case 70: // Failed
      return outcome(message, 'Failed ', false, draft);
    case 65: // Accepted
      return outcome(message, 'Accepted ', true, draft);
    case 68: // Disconnected
      return ended(message, 'Disconnected from ', draft);
    case 67: // Connection
      return ended(message, 'Connection closed by ', draft) || ended(message, 'Connection reset by ', draft);
    case 73: // Invalid user alice from 203.0.113.7 port 22
      return attempt(message, 'Invalid user ', 'invalid_user', draft);
    case 112:
      return pamMessage(message, draft);
    case 80: // PAM 2 more authentication failures; …
      return /^PAM \d+ more authentication failures?; /.test(message) && pamMessage(message, draft);
    case 101:
      return attempt(message, 'error: maximum authentication attempts exceeded for ', 'too_many_attempts', draft);
    case 85: // User alice from 203.0.113.7 not allowed because …
      return notAllowed(message, draft);
    default:
      return false;
  }
}

/** `Failed password for invalid user alice from 203.0.113.7 port 22 ssh2`, `Accepted publickey for alice from … ssh2: RSA SHA256:…` */
function outcome(message: string, prefix: string, success: boolean, draft: EventDraft): boolean {
  if (!message.startsWith(prefix)) return false;
  const methodEnd = message.indexOf(' for ', prefix.length);
  if (methodEnd < 0) return false;
  const rest = message.slice(methodEnd + 5);
  if (!userFrom(rest, draft)) return false;
  const method = message.slice(prefix.length, methodEnd);
  draft.event_type = 'login';
  draft.success = success;
  draft.action = success ? 'accepted' : 'failed';
  draft.details.method = clip(method, 60);
  if (success) {
    const key = rest.lastIndexOf(' ssh2: ');
    if (key > 0) draft.details.key = clip(rest.slice(key + 7), 200);
  }
  return true;
}

/** A line that announces a failure which has, or may have, a line of its own: a login without outcome. */
function attempt(message: string, prefix: string, what: string, draft: EventDraft): boolean {
  if (!message.startsWith(prefix)) return false;
  const rest = message.slice(prefix.length);
  if (!userFrom(rest, draft)) return false;
  draft.event_type = 'login';
  draft.action = 'attempt';
  draft.details.announced = what;
  if (what === 'invalid_user') draft.details.invalid_user = true;
  return true;
}

/** `[invalid user |user ]NAME from ADDRESS port N …` into actor and address. */
function userFrom(text: string, draft: EventDraft): boolean {
  const at = text.lastIndexOf(' from ');
  if (at < 0) return false;
  setUser(text.slice(0, at), draft);
  setPeer(text.slice(at + 6), draft);
  return true;
}

function setUser(text: string, draft: EventDraft): void {
  let name = text;
  if (name.startsWith('invalid user ') || name.startsWith('illegal user ')) {
    name = name.slice(13);
    draft.details.invalid_user = true;
  } else if (name === 'invalid user') {
    name = '';
    draft.details.invalid_user = true;
  }
  if (name !== '') draft.actor = clip(name, fieldLimits.actor);
}

/** `ADDRESS port N …`, `ADDRESS` or a host name (UseDNS). */
function setPeer(text: string, draft: EventDraft): void {
  const end = text.indexOf(' ');
  const peer = end < 0 ? text : text.slice(0, end);
  const address = canonicalAddress(peer.endsWith(':') ? peer.slice(0, -1) : peer);
  if (address !== undefined) draft.ip_address = address;
  else if (peer !== '' && peer !== 'UNKNOWN') draft.details.remote_host = clip(peer, 255);
  if (end > 0 && text.startsWith('port ', end + 1)) {
    const port = Number.parseInt(text.slice(end + 6, end + 11), 10);
    if (port >= 0 && port <= 65_535) draft.details.port = port;
  }
}

/** `Disconnected from [invalid |authenticating ]user alice 203.0.113.7 port 22 [preauth]`, `Connection closed by …` */
function ended(message: string, prefix: string, draft: EventDraft): boolean {
  if (!message.startsWith(prefix)) return false;
  let rest = message.slice(prefix.length);
  const beforeLogin = rest.endsWith(' [preauth]');
  if (beforeLogin) rest = rest.slice(0, -10);
  const port = rest.lastIndexOf(' port ');
  const head = port < 0 ? rest : rest.slice(0, port);
  const space = head.lastIndexOf(' ');
  setPeer(rest.slice(space + 1), draft);
  const who = space < 0 ? '' : head.slice(0, space);
  if (who.startsWith('invalid user ')) setUser(who, draft);
  else if (who.startsWith('authenticating user ')) setUser(who.slice(20), draft);
  else if (who.startsWith('user ')) setUser(who.slice(5), draft);
  if (who.startsWith('user ') && !beforeLogin) {
    draft.event_type = 'logout';
    draft.action = 'disconnected';
  } else if (draft.actor !== undefined || who.startsWith('invalid user')) {
    draft.event_type = 'login';
    draft.action = 'attempt';
    draft.details.announced = 'connection_ended';
  } else {
    draft.action = 'connection_ended';
  }
  return true;
}

function notAllowed(message: string, draft: EventDraft): boolean {
  const reason = message.lastIndexOf(' not allowed because ');
  if (!message.startsWith('User ') || reason < 0) return false;
  if (!userFrom(message.slice(5, reason), draft)) return false;
  draft.event_type = 'login';
  draft.action = 'attempt';
  draft.details.announced = 'not_allowed';
  draft.details.reason = clip(message.slice(reason + 21), 200);
  return true;
}

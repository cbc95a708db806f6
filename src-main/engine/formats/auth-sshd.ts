// Messages of OpenSSH's server. User names come from the network and may hold blanks and words such as "from 10.0.0.1": the last
// ` from ADDRESS port N` is the real one, because sshd writes it after the name. Behind it may stand what a client's certificate says.
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
      return (
        ended(message, 'Disconnected from ', draft) ||
        ended(message, 'Disconnecting ', draft) ||
        contact(message, draft)
      );
    case 67: // Connection
      return (
        ended(message, 'Connection closed by ', draft) ||
        ended(message, 'Connection reset by ', draft) ||
        contact(message, draft)
      );
    case 73: // Invalid user alice from 203.0.113.7 port 22
      return attempt(message, 'Invalid user ', 'invalid_user', draft);
    case 112:
      return pamMessage(message, draft);
    case 80: // PAM 2 more authentication failures; …
      return /^PAM \d+ more authentication failures?; /.test(message) && pamMessage(message, draft);
    case 101:
      return (
        attempt(message, 'error: maximum authentication attempts exceeded for ', 'too_many_attempts', draft) ||
        refusedByPam(message, draft)
      );
    case 85: // User alice from 203.0.113.7 not allowed because …
      return notAllowed(message, draft) || contact(message, draft);
    default:
      return contact(message, draft);
  }
}

/** `Failed password for invalid user alice from 203.0.113.7 port 22 ssh2`, `Accepted publickey for alice from … ssh2: RSA SHA256:…` */
function outcome(message: string, prefix: string, success: boolean, draft: EventDraft): boolean {
  if (!message.startsWith(prefix)) return false;
  const methodEnd = message.indexOf(' for ', prefix.length);
  if (methodEnd < 0) return false;
  const rest = message.slice(methodEnd + 5);
  // Nothing behind the address: nearly all lines.
  const peer = rest.endsWith(' ssh2') ? undefined : peerOf(rest, success);
  if (peer === undefined) {
    if (!userFrom(rest, draft)) return false;
  } else {
    setUser(rest.slice(0, peer.at), draft);
    setPeer(rest.slice(peer.at + 6), draft);
  }
  const method = message.slice(prefix.length, methodEnd);
  draft.event_type = 'login';
  draft.success = success;
  draft.action = success ? 'accepted' : 'failed';
  draft.details.method = clip(method, 60);
  if (success && peer !== undefined && peer.more !== '') draft.details.key = clip(peer.more, 200);
  return true;
}

/**
 * Where ` from ADDRESS port N ssh2` stands, and what follows it: nothing, `TYPE FINGERPRINT`, or more where a certificate or a host was
 * shown, whose id and user the client chose.
 */
function peerOf(text: string, success: boolean): { at: number; more: string } | undefined {
  const first = peerPattern.exec(text);
  // Accounts that exist have no blanks in their names, so the first is real.
  if (first === null || success) return first === null ? undefined : peerAt(first);
  const last = [...text.matchAll(everyPeer)].map(peerAt).at(-1);
  // Of others what is behind the last must look like a key.
  return last !== undefined && /^\S+ \S+$/.test(last.more) ? last : peerAt(first);
}

const peerPattern = / from \S+ port \d{1,5} ssh2(?=$|: )/;
const everyPeer = new RegExp(peerPattern, 'g');

function peerAt(match: RegExpExecArray): { at: number; more: string } {
  return { at: match.index, more: match.input.slice(match.index + match[0].length + 2) };
}

/** `error: PAM: Authentication failure for [illegal user ]root from 203.0.113.7`: announced, as by PAM's own line. */
function refusedByPam(message: string, draft: EventDraft): boolean {
  const at = message.startsWith('error: PAM: ') ? message.indexOf(' for ') : -1;
  return at > 0 && attempt(message, message.slice(0, at + 5), 'pam', draft);
}

const contactPattern =
  /^(?:Received disconnect from|Unable to negotiate with|Did not receive identification string from|Timeout before authentication for(?: connection from)?|(?:error: )?banner exchange: Connection from|Connection from) ([0-9A-Fa-f.:]{2,45})(?:[ ,:]+port (\d{1,5}))?/;

/** Lines that say of an address that it was there, and of nobody who it was. */
function contact(message: string, draft: EventDraft): boolean {
  const found = contactPattern.exec(message);
  if (found === null) return false;
  setPeer(`${(found[1] ?? '').replace(/:$/, '')}${found[2] === undefined ? '' : ` port ${found[2]}`}`, draft);
  draft.action = message.startsWith('Connection from') ? 'connected' : 'connection_ended';
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

// The Linux audit log: `type=SYSCALL msg=audit(1732175412.243:24287): key=value …`. Each record is an event, because rules name the
// fields of single records; `audit_id` says which records belong together.
import { canonicalAddress } from '../address.ts';
import { clip, type EventDraft, fieldLimits, type JsonValue } from '../event.ts';
import { type Parsed, type ReaderOptions, type RecordParser, rejected } from './format.ts';

const mostFields = 500;
const longestValue = 16_384;
const headPattern =
  /^(?:node=(\S{1,255}) )?type=([A-Za-z0-9_[\]]{1,64}) msg=audit\((\d{1,11})\.(\d{3}):(\d{1,20})\): ?/;
/** Fields whose values an attacker chooses: the kernel writes them in hex when they hold blanks, quotes or control characters. */
const encoded = /^(?:a\d+|acct|cmd|comm|cwd|data|dir|exe|file|key|name|new|ocomm|old|path|proctitle|sw|vm|watch)$/;

export function createAuditdParser(options: ReaderOptions): RecordParser {
  return (text) => {
    const head = headPattern.exec(text);
    if (head === null) return rejected('not an audit record: expected type=… msg=audit(time:serial): at its start');
    const [whole, node, type = '', seconds, milliseconds, serial] = head;
    const details: Record<string, JsonValue> = { type, audit_id: `${seconds}.${milliseconds}:${serial}` };
    if (node !== undefined) details.node = node;
    readFields(text.slice(whole.length), details);
    const draft: EventDraft = {
      timeMs: Number(seconds) * 1000 + Number(milliseconds),
      source: clip(node ?? options.source ?? 'auditd', fieldLimits.source),
      event_type: 'other',
      action: clip(type.toLowerCase(), fieldLimits.action),
      details,
    };
    interpret(type, details, draft);
    return { kind: 'draft', draft } satisfies Parsed;
  };
}

/** Is this the start of an audit record? */
export function isAuditRecord(text: string): boolean {
  return headPattern.test(text);
}

/** `key=value`, `key="…"`, and inside `msg='…'` the same again; after a group separator come the names that auditd looked up. */
function readFields(text: string, details: Record<string, JsonValue>): void {
  const field = /([A-Za-z0-9_-]{1,64})=(?:"([^"]*)"|'([^']*)'|([^\s\p{Cc}]*))/gu;
  let count = 0;
  for (let found = field.exec(text); found !== null; found = field.exec(text)) {
    const [, name = '', quoted, inner, bare] = found;
    if (inner !== undefined) readFields(inner, details);
    else if (name !== '__proto__') details[name] = clip(quoted ?? decoded(name, bare ?? ''), longestValue);
    if (++count > mostFields) return;
  }
}

function decoded(name: string, value: string): string {
  if (!encoded.test(name) || value.length % 2 !== 0 || !/^[0-9A-F]{2,}$/.test(value)) return value;
  // Of a SYSCALL a0 to a3 are numbers in lower case; here they are texts.
  const plain = Buffer.from(value, 'hex').toString('utf8').replace(/\0+$/, '');
  return name === 'proctitle' ? plain.replaceAll('\0', ' ') : plain;
}

function text(details: Record<string, JsonValue>, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = details[name];
    if (typeof value === 'string' && value !== '' && value !== '?' && value !== '(null)') return value;
  }
  return undefined;
}

function interpret(type: string, details: Record<string, JsonValue>, draft: EventDraft): void {
  const outcome = text(details, 'res', 'success');
  if (outcome !== undefined) draft.success = /^(?:success|yes|1)$/.test(outcome);
  const actor = text(details, 'acct', 'AUID', 'UID', 'auid', 'uid');
  // 4294967295 is -1: nobody logged in.
  if (actor !== undefined && actor !== '4294967295' && actor !== 'unset') draft.actor = clip(actor, fieldLimits.actor);
  const address = canonicalAddress(text(details, 'addr', 'hostname', 'laddr') ?? '');
  if (address !== undefined) draft.ip_address = address;
  const session = text(details, 'ses');
  if (session !== undefined && session !== '4294967295') draft.session_id = clip(session, fieldLimits.session_id);
  const path = text(details, 'name', 'path');
  if (path !== undefined) {
    draft.resource_type = 'file';
    draft.resource_id = clip(path, fieldLimits.resource_id);
  }
  switch (type) {
    case 'USER_LOGIN':
      draft.event_type = 'login';
      break;
    case 'USER_LOGOUT':
    case 'USER_END':
      draft.event_type = 'logout';
      break;
    case 'USER_CMD':
      command(draft, 'shell_command', text(details, 'cmd'));
      break;
    case 'EXECVE':
      command(draft, 'process_start', commandLine(details));
      break;
    case 'PROCTITLE':
      command(draft, 'other', text(details, 'proctitle'));
      break;
    case 'ADD_USER':
    case 'DEL_USER':
      draft.event_type = type === 'ADD_USER' ? 'user_create' : 'user_delete';
      account(details, draft);
      break;
    case 'ROLE_ASSIGN':
    case 'ROLE_REMOVE':
    case 'GRP_MGMT':
      draft.event_type = 'role_change';
      account(details, draft);
      break;
    case 'CONFIG_CHANGE':
    case 'DAEMON_END':
    case 'DAEMON_ABORT':
    case 'USER_CHAUTHTOK':
    case 'MAC_POLICY_LOAD':
      draft.event_type = 'config_change';
      break;
    default:
  }
}

function command(draft: EventDraft, type: string, line: string | undefined): void {
  draft.event_type = type;
  if (line !== undefined) draft.details.command = line;
}

/** The account that a record is about, which is not who did it. */
function account(details: Record<string, JsonValue>, draft: EventDraft): void {
  const target = text(details, 'acct', 'id', 'ID');
  const actor = text(details, 'AUID', 'auid', 'UID', 'uid');
  draft.resource_type = 'user';
  if (target !== undefined) {
    draft.resource_id = clip(target, fieldLimits.resource_id);
    draft.details.target = clip(target, fieldLimits.actor);
  }
  if (actor !== undefined) draft.actor = clip(actor, fieldLimits.actor);
  else delete draft.actor;
}

/** EXECVE's arguments as one line: `a0 a1 …`, in quotes where a shell would take them for something else than they were. */
function commandLine(details: Record<string, JsonValue>): string | undefined {
  const count = Math.min(Number(details.argc ?? 0) || 0, mostFields);
  const words: string[] = [];
  for (let at = 0; at < count; at++) {
    const word = details[`a${at}`];
    if (typeof word === 'string') words.push(quotedIfNeeded(word));
  }
  return words.length === 0 ? undefined : clip(words.join(' '), longestValue);
}

function quotedIfNeeded(word: string): string {
  return /^[\w@%+=:,./~*?-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

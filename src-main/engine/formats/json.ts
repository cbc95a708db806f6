// JSON records as events: Gatehouse's own fields, and generic logs by the names that common tools use (ECS, Bunyan, Logstash, …).
// What isn't understood stays under details with its own name.
import { canonicalAddress } from '../address.ts';
import { clip, type EventDraft, fieldLimits, type JsonObject, type JsonValue, type TextField } from '../event.ts';
import { looksLikeCloudTrail, readCloudTrailRecord } from './cloudtrail.ts';
import { type Parsed, type ReaderOptions, type RecordParser, rejected } from './format.ts';
import { looksLikeJournal, readJournalEntry } from './journal.ts';
import { copyObject, isObject, nameWithoutBlanks, parseJsonObject } from './json-value.ts';
import { createLocalClock, type LocalClock, readTime } from './time.ts';
import { looksLikeWindows, readWindowsEvent } from './windows.ts';

export const timeNames = [
  'time',
  'timestamp',
  '@timestamp',
  'ts',
  'datetime',
  'date',
  'eventTime',
  'event_time',
  'published',
  'created_at',
];

/** Other names of a field, best first; a dot leads into an inner object (or is part of the name). */
const aliases: Readonly<Record<TextField, readonly string[]>> = {
  source: ['source', 'host.name', 'hostname', 'host', 'service.name', 'service', 'app', 'logger', 'eventSource'],
  event_type: ['event_type', 'eventType', 'event.action', 'eventName', 'type', 'event', 'category'],
  actor: [
    'actor',
    'user.name',
    'username',
    'user_name',
    'user',
    'principal',
    'subject',
    'userIdentity.userName',
    'account',
    'email',
    'user_id',
    'uid',
  ],
  ip_address: [
    'ip_address',
    'source.ip',
    'client.ip',
    'src_ip',
    'source_ip',
    'client_ip',
    'remote_addr',
    'remote_ip',
    'remoteAddress',
    'sourceIPAddress',
    'ipAddress',
    'ip',
    'src',
  ],
  user_agent: ['user_agent.original', 'user_agent', 'userAgent', 'http_user_agent', 'useragent'],
  resource_type: ['resource_type', 'resourceType'],
  resource_id: ['resource_id', 'resourceId', 'resource', 'url.path', 'path', 'uri', 'url', 'request_uri', 'object'],
  action: ['action', 'event.action', 'http.request.method', 'method', 'request_method', 'operation', 'eventName'],
  session_id: ['session_id', 'sessionId', 'session'],
  trace_id: ['trace_id', 'traceId', 'trace.id'],
};
const successNames = ['success', 'event.outcome', 'outcome', 'result', 'ok'];
const statusNames = ['status', 'status_code', 'statusCode', 'http.response.status_code'];
const bytesNames = [
  'bytes',
  'bytes_sent',
  'body_bytes_sent',
  'bytesOut',
  'http.response.bytes',
  'response_bytes',
  'size',
];

/** What other tools call our event types. */
const typeNames: Readonly<Record<string, string>> = {
  auth: 'login',
  authentication: 'login',
  signin: 'login',
  sign_in: 'login',
  logon: 'login',
  user_login: 'login',
  login_failed: 'login',
  login_failure: 'login',
  failed_login: 'login',
  login_success: 'login',
  login_succeeded: 'login',
  user_logout: 'logout',
  signout: 'logout',
  sign_out: 'logout',
  logoff: 'logout',
  request: 'api_call',
  http_request: 'api_call',
  http: 'api_call',
  access: 'api_call',
  api: 'api_call',
  command: 'shell_command',
  exec: 'shell_command',
  shell: 'shell_command',
  tool: 'tool_execution',
  tool_call: 'tool_execution',
  export: 'data_export',
  download: 'data_export',
  user_created: 'user_create',
  create_user: 'user_create',
  role_assigned: 'role_change',
  permission_change: 'role_change',
  group_change: 'role_change',
  secret_read: 'credential_access',
  secret_access: 'credential_access',
  process: 'process_start',
  process_creation: 'process_start',
};
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

export function createJsonParser(options: ReaderOptions): RecordParser {
  const clock = createLocalClock(options.zone);
  return (text) => {
    const record = parseJsonObject(text);
    if (typeof record === 'string') return rejected(record);
    if (looksLikeWindows(record)) return readWindowsEvent(record, clock, options.keepTimeless);
    if (looksLikeCloudTrail(record)) return readCloudTrailRecord(record, clock, options.keepTimeless);
    if (looksLikeJournal(record)) return readJournalEntry(record, options.source ?? 'journal', options.keepTimeless);
    return readJsonRecord(record, clock, options.source ?? 'json', options.keepTimeless);
  };
}

/**
 * One JSON log record as an event draft. Used by files and by the API for records with a declared format.
 * @param source what stands in `source` when the record doesn't say.
 */
export function readJsonRecord(
  record: JsonObject,
  clock: LocalClock,
  source: string,
  keepTimeless: boolean = false,
): Parsed {
  const spelled = otherSpellings(record);
  const time = pick(record, timeNames, (value) => readTime(value, clock), spelled);
  if (time === undefined && !keepTimeless)
    return rejected(`no time: expected one of ${timeNames.slice(0, 5).join(', ')} as RFC 3339 text or epoch number`);
  const details = isObject(record.details) ? copyObject(record.details) : {};
  const used = new Set(['details']);
  const draft: EventDraft = { source, event_type: 'other', details };
  if (time !== undefined) {
    draft.timeMs = time.value;
    used.add(time.name);
  }
  const id = record.id;
  if (typeof id === 'string' && uuidPattern.test(id)) {
    draft.id = id.toLowerCase();
    used.add('id');
  }
  for (const field of Object.keys(aliases) as TextField[]) {
    const found = pick(record, aliases[field], (value) => readText(value, field), spelled);
    if (found === undefined) continue;
    draft[field] = found.value;
    // A cut text, a renamed host or a full URL lose something: only the plain name is taken out of details.
    if (found.name === field && found.value === record[field]) used.add(field);
  }
  readType(draft);
  readOutcome(record, draft, used, spelled);
  for (const key of Object.keys(record)) {
    if (!used.has(key) && key !== '__proto__' && !Object.hasOwn(details, key)) details[key] = record[key] ?? null;
  }
  nameWithoutBlanks(details);
  return { kind: 'draft', draft };
}

function readType(draft: EventDraft): void {
  const given = (draft.event_type ?? 'other').toLowerCase().replaceAll('-', '_').replaceAll(' ', '_');
  if (/(?:^|_)fail(?:ed|ure)?(?:_|$)/.test(given)) draft.success = false;
  else if (/(?:^|_)success(?:ful|_|$)|(?:^|_)succeeded$/.test(given)) draft.success = true;
  const known = Object.hasOwn(typeNames, given) ? typeNames[given] : undefined;
  if (known !== undefined) {
    draft.details.original_type = draft.event_type ?? '';
    draft.event_type = known;
  }
}

function readOutcome(record: JsonObject, draft: EventDraft, used: Set<string>, spelled: Spellings | undefined): void {
  const success = pick(record, successNames, readSuccess, spelled);
  const status = pick(
    record,
    statusNames,
    (value) => {
      const number = typeof value === 'string' ? Number(value) : value;
      return typeof number === 'number' && number >= 100 && number <= 599 ? number : undefined;
    },
    spelled,
  );
  if (success !== undefined) draft.success = success.value;
  else if (status !== undefined) draft.success = status.value < 400;
  if (success?.name === 'success' && typeof record.success === 'boolean') used.add('success');
  if (status !== undefined) draft.details.status ??= status.value;
  const bytes = pick(
    record,
    bytesNames,
    (value) => {
      const number = typeof value === 'string' && value !== '' ? Number(value) : value;
      return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
    },
    spelled,
  );
  if (bytes !== undefined) draft.bytes = bytes.value;
  if (bytes?.name === 'bytes' && bytes.value === record.bytes) used.add('bytes');
}

type Spellings = ReadonlyMap<string, string>;

/** Names as other tools spell them: `Timestamp`, `Source IP`, `UserName`. Undefined where all are in small letters. */
function otherSpellings(record: JsonObject): Spellings | undefined {
  let found: Map<string, string> | undefined;
  for (const key in record) {
    if (!/[A-Z -]/.test(key) || key.length > 60) continue;
    found ??= new Map();
    if (!found.has(plainName(key))) found.set(plainName(key), key);
  }
  return found;
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[ _-]/g, '');
}

const plainNames = new Map<string, string>();

/** Of our own names, which are few. */
function plainAlias(name: string): string {
  const known = plainNames.get(name) ?? plainName(name);
  plainNames.set(name, known);
  return known;
}

function pick<T>(
  record: JsonObject,
  names: readonly string[],
  read: (value: JsonValue) => T | undefined,
  spelled?: Spellings,
): { name: string; value: T } | undefined {
  for (const name of names) {
    const other = spelled?.get(plainAlias(name));
    const raw = lookUp(record, name) ?? (other === undefined ? undefined : record[other]);
    if (raw === undefined || raw === null) continue;
    const value = read(raw);
    if (value !== undefined) return { name, value };
  }
  return undefined;
}

function lookUp(record: JsonObject, name: string): JsonValue | undefined {
  if (Object.hasOwn(record, name)) return record[name];
  const dot = name.indexOf('.');
  if (dot < 0) return undefined;
  const outer = name.slice(0, dot);
  const inner = Object.hasOwn(record, outer) ? record[outer] : undefined;
  return isObject(inner) ? lookUp(inner, name.slice(dot + 1)) : undefined;
}

function readText(value: JsonValue, field: TextField): string | undefined {
  if (typeof value === 'number' && field !== 'ip_address') return String(value);
  if (typeof value !== 'string' || value === '') return undefined;
  if (field !== 'ip_address') return clip(value, fieldLimits[field]);
  return canonicalAddress(value);
}

function readSuccess(value: JsonValue): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  if (/^(?:success|succeeded|successful|ok|true|allow|allowed|granted|pass|passed)$/i.test(value)) return true;
  if (/^(?:fail|failed|failure|false|error|deny|denied|refused|rejected|unauthori[sz]ed)$/i.test(value)) return false;
  return undefined;
}

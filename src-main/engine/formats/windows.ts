// Windows events as JSON: nested (`Event.System`, `Event.EventData`) as EVTX tools write them, and flat as collectors forward them.
// The original fields are kept, flat, under details with their own names, so that Sigma rules find them.
import { canonicalAddress } from '../address.ts';
import { clip, type EventDraft, fieldLimits, type JsonObject, type JsonValue } from '../event.ts';
import { type Parsed, type ReaderOptions, type RecordParser, rejected } from './format.ts';
import { isObject, nameWithoutBlanks, parseJsonObject, withoutPrototypeKey } from './json-value.ts';
import { createLocalClock, type LocalClock, readTime } from './time.ts';

export function createWindowsParser(options: ReaderOptions): RecordParser {
  const clock = createLocalClock(options.zone);
  return (text) => {
    const record = parseJsonObject(text);
    if (typeof record === 'string') return rejected(record);
    if (!looksLikeWindows(record)) return rejected('not a Windows event: no EventID with Channel or Provider');
    return readWindowsEvent(record, clock, options.keepTimeless);
  };
}

/** Does a JSON record carry a Windows event? */
export function looksLikeWindows(record: JsonObject): boolean {
  if (isObject(record.Event) && isObject(record.Event.System)) return true;
  if (isObject(record.winlog) && record.winlog.event_id !== undefined) return true;
  if (record.EventID === undefined && record.EventId === undefined) return false;
  return ['Channel', 'Provider_Name', 'SourceName', 'ProviderName', 'Provider', 'System'].some(
    (name) => record[name] !== undefined,
  );
}

/**
 * A Windows event as a draft. The time is the system's own stamp, not that of a collector.
 * @param record becomes the draft's details.
 */
export function readWindowsEvent(
  record: Record<string, JsonValue>,
  clock: LocalClock,
  keepTimeless: boolean = false,
): Parsed {
  const fields = fieldsOf(record);
  nameWithoutBlanks(fields);
  const id = Number(fields.EventID ?? fields.EventId);
  if (!Number.isInteger(id) || id < 0 || id > 65_535) return rejected('EventID is not a number from 0 to 65535');
  fields.EventID = id;
  const timeMs = windowsTime(fields, clock);
  if (timeMs === undefined && !keepTimeless)
    return rejected('no time: expected TimeCreated, SystemTime, @timestamp, UtcTime or EventTime');
  const host = text(fields, 'Computer') ?? text(fields, 'Hostname') ?? text(fields, 'host');
  const draft: EventDraft = {
    ...(timeMs === undefined ? {} : { timeMs }),
    source: clip(host ?? 'windows', fieldLimits.source),
    event_type: 'other',
    details: fields,
  };
  const address = canonicalAddress(
    text(fields, 'IpAddress') ?? text(fields, 'ClientAddress') ?? text(fields, 'SourceIp') ?? '',
  );
  if (address !== undefined && !['127.0.0.1', '::1'].includes(address)) draft.ip_address = address;
  const channel = text(fields, 'Channel') ?? '';
  if (channel === 'Security' || text(fields, 'Provider_Name') === 'Microsoft-Windows-Security-Auditing')
    security(id, fields, draft);
  else if (id === 104 && channel === 'System') logCleared(draft, subjectOf(fields));
  else if (channel.startsWith('Microsoft-Windows-Sysmon') && id === 1)
    processStart(draft, text(fields, 'User'), text(fields, 'CommandLine'));
  const actor = draft.actor ?? text(fields, 'SubjectUserName') ?? text(fields, 'User');
  if (actor !== undefined) draft.actor = clip(actor, fieldLimits.actor);
  return { kind: 'draft', draft };
}

function fieldsOf(record: Record<string, JsonValue>): Record<string, JsonValue> {
  if (isObject(record.Event)) return flatten(record.Event);
  return isObject(record.winlog) ? flattenWinlog(record, record.winlog) : withoutPrototypeKey(record);
}

/** Winlogbeat and Elastic Agent: the event stands under `winlog`, with names of their own around it. */
function flattenWinlog(record: JsonObject, winlog: JsonObject): Record<string, JsonValue> {
  const fields: Record<string, JsonValue> = {};
  for (const part of [winlog.user_data, winlog.event_data]) if (isObject(part)) flattenData(part, fields);
  const known = {
    EventID: winlog.event_id,
    Channel: winlog.channel,
    Provider_Name: winlog.provider_name,
    Computer: winlog.computer_name,
    RecordID: winlog.record_id,
    '@timestamp': record['@timestamp'],
    Message: record.message,
  };
  for (const [name, value] of Object.entries(known)) if (value !== undefined) fields[name] = value;
  return fields;
}

/** `{System: {EventID: {#text: 4625}, Provider: {#attributes: {Name}}}, EventData: {Data: […]}}` as one flat object. */
function flatten(event: JsonObject): Record<string, JsonValue> {
  const fields: Record<string, JsonValue> = {};
  const system = isObject(event.System) ? event.System : {};
  for (const [key, value] of Object.entries(system)) {
    if (!isObject(value)) {
      set(fields, key, value);
      continue;
    }
    const plain = value['#text'] ?? value.Value ?? value._;
    if (plain !== undefined) set(fields, key, plain);
    const attributes = attributesOf(value);
    for (const [name, inner] of Object.entries(attributes)) if (!isObject(inner)) set(fields, `${key}_${name}`, inner);
  }
  for (const part of ['EventData', 'UserData']) {
    const data = event[part];
    if (isObject(data)) flattenData(data, fields);
  }
  return fields;
}

function flattenData(data: JsonObject, fields: Record<string, JsonValue>): void {
  for (const [key, value] of Object.entries(data)) {
    if (key === 'Data' && Array.isArray(value)) {
      // [{"@Name": "TargetUserName", "#text": "alice"}, …], or unnamed values.
      const unnamed: JsonValue[] = [];
      for (const item of value as readonly JsonValue[]) {
        if (!isObject(item)) unnamed.push(item);
        const name = isObject(item) ? (attributesOf(item).Name ?? item.Name) : undefined;
        if (isObject(item) && typeof name === 'string')
          set(fields, name, item['#text'] ?? item.Value ?? item._ ?? null);
      }
      if (unnamed.length > 0) set(fields, key, unnamed);
    } else if (key === '#attributes') continue;
    else if (isObject(value) && value['#text'] === undefined && key !== 'Data') flattenData(value, fields);
    else set(fields, key, isObject(value) ? (value['#text'] ?? null) : value);
  }
}

function attributesOf(value: JsonObject): JsonObject {
  const group = value['#attributes'] ?? value.$ ?? value['@attributes'];
  if (isObject(group)) return group;
  const found: Record<string, JsonValue> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (key.startsWith('@')) found[key.slice(1)] = inner;
    else if (!key.startsWith('#') && key !== 'Value' && key !== '_') found[key] = inner;
  }
  return found;
}

function set(fields: Record<string, JsonValue>, key: string, value: JsonValue): void {
  if (key !== '__proto__' && key !== '#attributes') fields[key] = value;
}

const timeFields = [
  'TimeCreated_SystemTime',
  'SystemTime',
  'TimeCreated',
  '@timestamp',
  'UtcTime',
  'EventTime',
  'timestamp',
  'Timestamp',
];

function windowsTime(fields: JsonObject, clock: LocalClock): number | undefined {
  for (const name of timeFields) {
    const value = fields[name];
    if (value === undefined || value === null) continue;
    // PowerShell's ConvertTo-Json writes "/Date(1732175412000)/".
    const old = typeof value === 'string' ? /^\/Date\((\d{1,15})\)\/$/.exec(value) : null;
    const instant = old === null ? readTime(value, clock) : Number(old[1]);
    if (instant !== undefined) return instant;
  }
  return undefined;
}

function text(fields: JsonObject, name: string): string | undefined {
  const value = fields[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' && value !== '-' ? value : undefined;
}

function security(id: number, fields: JsonObject, draft: EventDraft): void {
  const target = text(fields, 'TargetUserName');
  const subject = text(fields, 'SubjectUserName');
  switch (id) {
    case 4624:
    case 4625:
      login(draft, target, id === 4624, 'logon');
      break;
    case 4648:
      login(draft, subject, true, 'explicit_credentials');
      if (target !== undefined) draft.details.target = target;
      break;
    case 4771:
      login(draft, target, false, 'kerberos_preauthentication');
      break;
    case 4768:
      // Of those that were given, the logon itself tells.
      if (refusedStatus(fields)) login(draft, target, false, 'kerberos_ticket');
      break;
    case 4776:
      // The machine that asked tells of the logon; a failure here and there is one.
      if (refusedStatus(fields)) announced(draft, target, 'ntlm_validation');
      break;
    case 4740:
      draft.action = 'account_locked';
      resource(draft, 'user', target);
      break;
    case 4723:
    case 4724:
      changed(draft, 'password_changed', subject);
      resource(draft, 'user', target);
      break;
    case 4719:
      changed(draft, 'audit_policy_changed', subject);
      break;
    case 4634:
    case 4647:
      draft.event_type = 'logout';
      draft.action = 'logoff';
      assign(draft, target);
      break;
    case 4672:
      draft.action = 'special_privileges_assigned';
      assign(draft, subject);
      break;
    case 4688:
      processStart(draft, subject, text(fields, 'CommandLine') ?? text(fields, 'NewProcessName'));
      break;
    case 4720:
    case 4726:
      draft.event_type = id === 4720 ? 'user_create' : 'user_delete';
      draft.action = id === 4720 ? 'user_created' : 'user_deleted';
      draft.success = true;
      assign(draft, subject);
      resource(draft, 'user', target);
      break;
    case 4728:
    case 4732:
    case 4756:
    case 4729:
    case 4733:
    case 4757:
      draft.event_type = 'role_change';
      draft.action = [4728, 4732, 4756].includes(id) ? 'group_member_added' : 'group_member_removed';
      draft.success = true;
      assign(draft, subject);
      resource(draft, 'group', target);
      member(fields, draft);
      break;
    case 1102:
      logCleared(draft, subject);
      break;
    default:
  }
}

function login(draft: EventDraft, actor: string | undefined, success: boolean, action: string): void {
  draft.event_type = 'login';
  draft.success = success;
  draft.action = action;
  assign(draft, actor);
}

/** A failure that has a line of its own elsewhere. */
function announced(draft: EventDraft, actor: string | undefined, what: string): void {
  draft.event_type = 'login';
  draft.action = 'attempt';
  draft.details.announced = what;
  assign(draft, actor);
}

function changed(draft: EventDraft, action: string, actor: string | undefined): void {
  draft.event_type = 'config_change';
  draft.action = action;
  assign(draft, actor);
}

function logCleared(draft: EventDraft, actor: string | undefined): void {
  changed(draft, 'audit_log_cleared', actor);
  draft.success = true;
}

function subjectOf(fields: JsonObject): string | undefined {
  return text(fields, 'SubjectUserName');
}

/** `0x0` is the only good one. */
function refusedStatus(fields: JsonObject): boolean {
  const status = text(fields, 'Status');
  return status !== undefined && Number(status) !== 0;
}

function processStart(draft: EventDraft, actor: string | undefined, command: string | undefined): void {
  draft.event_type = 'process_start';
  draft.action = 'process_created';
  draft.success = true;
  assign(draft, actor);
  if (command !== undefined) draft.details.command = command;
}

function assign(draft: EventDraft, actor: string | undefined): void {
  if (actor !== undefined) draft.actor = actor;
}

function resource(draft: EventDraft, type: string, id: string | undefined): void {
  draft.resource_type = type;
  if (id !== undefined) draft.resource_id = clip(id, fieldLimits.resource_id);
}

/** Who was added: `CN=Bob,OU=…` gives Bob; without a name its security identifier. */
function member(fields: JsonObject, draft: EventDraft): void {
  const name = text(fields, 'MemberName');
  const common = name === undefined ? null : /^CN=((?:[^,\\]|\\.){1,200})/i.exec(name);
  const sid = text(fields, 'MemberSid');
  // Without a name there is the identifier, and who acted is known by name and identifier.
  const own = sid !== undefined && sid === text(fields, 'SubjectUserSid') ? subjectOf(fields) : undefined;
  const target = common?.[1]?.replaceAll('\\', '') ?? name ?? own ?? sid;
  if (target !== undefined) draft.details.target = clip(target, fieldLimits.actor);
}

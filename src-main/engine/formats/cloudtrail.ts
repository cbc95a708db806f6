// AWS CloudTrail records: those of a log file's `Records` list, or one a line as they are often forwarded. The whole record stays
// under details with its own names, which are those that rules use.
import { canonicalAddress } from '../address.ts';
import { clip, type EventDraft, fieldLimits, type JsonObject, type JsonValue } from '../event.ts';
import { type Parsed, type ReaderOptions, type RecordParser, rejected } from './format.ts';
import { isObject, parseJsonObject, withoutPrototypeKey } from './json-value.ts';
import { createLocalClock, type LocalClock, readTime } from './time.ts';

export function createCloudTrailParser(options: ReaderOptions): RecordParser {
  const clock = createLocalClock(options.zone);
  return (text) => {
    const record = parseJsonObject(text);
    if (typeof record === 'string') return rejected(record);
    if (!looksLikeCloudTrail(record)) return rejected('not a CloudTrail record: no eventName with eventSource');
    return readCloudTrailRecord(record, clock, options.keepTimeless);
  };
}

export function looksLikeCloudTrail(record: JsonObject): boolean {
  return (
    typeof record.eventName === 'string' &&
    typeof record.eventSource === 'string' &&
    (record.eventVersion !== undefined || record.userIdentity !== undefined || record.awsRegion !== undefined)
  );
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** What AWS calls our event types; every other call is an `api_call`. */
const typeNames: Readonly<Record<string, string>> = {
  ConsoleLogin: 'login',
  GetSecretValue: 'credential_access',
  BatchGetSecretValue: 'credential_access',
  GetPasswordData: 'credential_access',
  GetObject: 'data_access',
  CreateUser: 'user_create',
  DeleteUser: 'user_delete',
  AddUserToGroup: 'role_change',
  RemoveUserFromGroup: 'role_change',
  AttachUserPolicy: 'role_change',
  AttachGroupPolicy: 'role_change',
  AttachRolePolicy: 'role_change',
  DetachUserPolicy: 'role_change',
  DetachGroupPolicy: 'role_change',
  DetachRolePolicy: 'role_change',
  PutUserPolicy: 'role_change',
  PutGroupPolicy: 'role_change',
  PutRolePolicy: 'role_change',
  UpdateAssumeRolePolicy: 'role_change',
  StopLogging: 'config_change',
  DeleteTrail: 'config_change',
  UpdateTrail: 'config_change',
  PutEventSelectors: 'config_change',
};

/** @param record becomes the draft's details. */
export function readCloudTrailRecord(
  record: Record<string, JsonValue>,
  clock: LocalClock,
  keepTimeless: boolean = false,
): Parsed {
  const details = withoutPrototypeKey(record);
  const timeMs = readTime(details.eventTime ?? null, clock);
  if (timeMs === undefined && !keepTimeless) return rejected('no time: expected eventTime as RFC 3339 text');
  const name = text(details.eventName) ?? '';
  const draft: EventDraft = {
    ...(timeMs === undefined ? {} : { timeMs }),
    source: clip(text(details.eventSource) ?? 'cloudtrail', fieldLimits.source),
    event_type: Object.hasOwn(typeNames, name) ? (typeNames[name] ?? 'api_call') : 'api_call',
    action: clip(name, fieldLimits.action),
    success: succeeded(details),
    details,
  };
  const id = text(details.eventID);
  // The same record in two files is one event.
  if (id !== undefined && uuidPattern.test(id)) draft.id = id.toLowerCase();
  const actor = actorOf(details.userIdentity);
  if (actor !== undefined) draft.actor = clip(actor, fieldLimits.actor);
  // A service of AWS stands here by its name.
  const address = canonicalAddress(text(details.sourceIPAddress) ?? '');
  if (address !== undefined) draft.ip_address = address;
  const agent = text(details.userAgent);
  if (agent !== undefined) draft.user_agent = clip(agent, fieldLimits.user_agent);
  const request = text(details.requestID);
  if (request !== undefined) draft.trace_id = clip(request, fieldLimits.trace_id);
  readResource(details, draft);
  readGrant(name, details, draft);
  const more = details.additionalEventData;
  const bytes = isObject(more) ? more.bytesTransferredOut : undefined;
  if (typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes >= 0) draft.bytes = bytes;
  // The number that other services answer such a call with, and rules ask for.
  if (refusals.test(text(details.errorCode) ?? '')) details.status ??= 403;
  return { kind: 'draft', draft };
}

function succeeded(details: JsonObject): boolean {
  if (details.errorCode !== undefined && details.errorCode !== null) return false;
  const answer = details.responseElements;
  // A refused sign-in at the web console is not an error to CloudTrail.
  return !(isObject(answer) && answer.ConsoleLogin === 'Failure');
}

function actorOf(identity: JsonValue | undefined): string | undefined {
  if (!isObject(identity)) return undefined;
  for (const name of ['userName', 'arn', 'invokedBy', 'principalId', 'accountId', 'type']) {
    const value = text(identity[name]);
    if (value !== undefined) return value;
  }
  return undefined;
}

const refusals = /^(?:Client\.)?(?:AccessDenied(?:Exception)?|UnauthorizedOperation|UnauthorizedAccess)$/;
const grants = /^(?:(?:Attach|Put)(?:User|Group|Role)Policy|AddUserToGroup)$/;

/** What was given to whom, of changes that give: the resource is the policy or group, as it is the role elsewhere. */
function readGrant(name: string, details: Record<string, JsonValue>, draft: EventDraft): void {
  const asked = details.requestParameters;
  if (name === 'GetParameter' || name === 'GetParameters' || name === 'GetParametersByPath') {
    if (isObject(asked) && asked.withDecryption === true) draft.event_type = 'credential_access';
    return;
  }
  if (!grants.test(name) || !isObject(asked)) return;
  const to = text(asked.userName) ?? text(asked.roleName) ?? text(asked.groupName);
  // arn:aws:iam::aws:policy/AdministratorAccess
  const given = text(asked.policyArn)?.replace(/^.*\//, '') ?? text(asked.policyName) ?? text(asked.groupName);
  if (to !== undefined) details.target ??= clip(to, fieldLimits.actor);
  if (given === undefined) return;
  draft.resource_type = name === 'AddUserToGroup' ? 'group' : 'policy';
  draft.resource_id = clip(given, fieldLimits.resource_id);
}

function readResource(details: JsonObject, draft: EventDraft): void {
  const [first] = Array.isArray(details.resources) ? (details.resources as readonly JsonValue[]) : [];
  if (isObject(first)) {
    const type = text(first.type) ?? text(first.resourceType);
    const id = text(first.ARN) ?? text(first.resourceName);
    if (type !== undefined) draft.resource_type = clip(type, fieldLimits.resource_type);
    if (id !== undefined) draft.resource_id = clip(id, fieldLimits.resource_id);
  }
  const asked = details.requestParameters;
  if (!isObject(asked)) return;
  const id = ['userName', 'roleName', 'groupName', 'secretId', 'bucketName', 'name', 'instanceId', 'functionName']
    .map((name) => text(asked[name]))
    .find((value) => value !== undefined);
  if (id !== undefined) draft.resource_id ??= clip(id, fieldLimits.resource_id);
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

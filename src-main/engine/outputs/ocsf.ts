// OCSF 1.1.0 and 1.8.0. Sign-ins are Authentication (3002), changes of accounts Account Change (3001), calls and accesses API Activity
// (6003); what none of these is stays a Base Event (0) rather than being called what it isn't. What has no field there is in `unmapped`.
import { plainAddress } from '../../base/addresses.ts';
import { toHex } from '../../base/bytes.ts';
import type { Event } from '../event.ts';
import type { OutputEvent, OutputSource } from './output-event.ts';

export type OcsfVersion = '1.1.0' | '1.8.0';

type Kind = {
  readonly classUid: 0 | 3001 | 3002 | 6003;
  readonly activity: number;
  /** For activity 99, which stands for another one than the schema knows. */
  readonly activityName?: string;
};

const classes = {
  0: { name: 'Base Event', category: 0, categoryName: 'Uncategorized' },
  3001: { name: 'Account Change', category: 3, categoryName: 'Identity & Access Management' },
  3002: { name: 'Authentication', category: 3, categoryName: 'Identity & Access Management' },
  6003: { name: 'API Activity', category: 6, categoryName: 'Application Activity' },
} as const;

/** An activity of API Activity. */
const create = 1;
const read = 2;
const update = 3;
const remove = 4;
const other = 99;

export function ocsfEvent(
  output: OutputEvent,
  schema: OcsfVersion,
  { version }: OutputSource,
): Record<string, unknown> {
  const { event, format, receivedAtMs, sha256 } = output;
  const kind = kindOf(event);
  const { name, category, categoryName } = classes[kind.classUid];
  return {
    activity_id: kind.activity,
    ...(kind.activityName === undefined ? {} : { activity_name: kind.activityName }),
    category_uid: category,
    category_name: categoryName,
    class_uid: kind.classUid,
    class_name: name,
    type_uid: kind.classUid * 100 + kind.activity,
    time: event.timeMs,
    severity_id: 1,
    severity: 'Informational',
    status_id: event.success === undefined ? 0 : event.success ? 1 : 2,
    status: event.success === undefined ? 'Unknown' : event.success ? 'Success' : 'Failure',
    message: messageOf(event),
    metadata: {
      version: schema,
      uid: event.id,
      ...(event.trace_id === undefined ? {} : { correlation_uid: event.trace_id }),
      log_name: format,
      log_provider: event.source,
      logged_time: receivedAtMs,
      original_time: new Date(event.timeMs).toISOString(),
      product: { name: 'Gatehouse', vendor_name: 'Gatehouse', version },
    },
    ...partsOf(event, kind.classUid),
    unmapped: unmappedOf(event, sha256),
  };
}

function kindOf(event: Event): Kind {
  switch (event.event_type) {
    case 'login':
      return { classUid: 3002, activity: 1 };
    case 'logout':
      return { classUid: 3002, activity: 2 };
    case 'user_create':
      return { classUid: 3001, activity: 1 };
    case 'user_delete':
      return { classUid: 3001, activity: 6 };
    case 'role_change':
      // Which way it went is in the details; a role is no policy, so none of the schema's activities says it.
      return { classUid: 3001, activity: other, activityName: 'Role Change' };
    case 'api_call':
    case 'tool_execution':
      return { classUid: 6003, ...callOf(event) };
    case 'data_access':
    case 'data_export':
    case 'credential_access':
    case 'query':
      return { classUid: 6003, activity: read };
    case 'config_change':
      return { classUid: 6003, activity: update };
    default:
      return { classUid: 0, activity: other, activityName: event.event_type };
  }
}

const methods: Readonly<Record<string, number>> = {
  GET: read,
  HEAD: read,
  OPTIONS: read,
  POST: create,
  PUT: update,
  PATCH: update,
  DELETE: remove,
};

function callOf(event: Event): { activity: number; activityName?: string } {
  const action = event.action?.toUpperCase() ?? '';
  const activity = Object.hasOwn(methods, action) ? methods[action] : undefined;
  return activity === undefined ? { activity: other, activityName: event.action ?? event.event_type } : { activity };
}

function partsOf(event: Event, classUid: Kind['classUid']): Record<string, unknown> {
  const session = event.session_id === undefined ? {} : { session: { uid: event.session_id } };
  const actor = { user: userOf(event.actor), ...session };
  const origin = originOf(event);
  const request = event.user_agent === undefined ? {} : { http_request: { user_agent: event.user_agent } };
  switch (classUid) {
    case 3002:
      return {
        user: userOf(event.actor),
        service: { name: event.source },
        ...session,
        ...(origin === undefined ? {} : { src_endpoint: origin }),
        ...request,
      };
    case 3001:
      return {
        actor,
        user: userOf(targetOf(event)),
        ...(origin === undefined ? {} : { src_endpoint: origin }),
        ...request,
      };
    case 6003:
      return {
        actor,
        api: { operation: event.action ?? event.event_type, service: { name: event.source } },
        // Required there; the service that recorded the call is the only other end that is known.
        src_endpoint: origin ?? { svc_name: event.source },
        ...request,
        ...(event.resource_id === undefined && event.resource_type === undefined
          ? {}
          : {
              resources: [
                {
                  name: event.resource_id ?? event.resource_type,
                  ...(event.resource_type === undefined ? {} : { type: event.resource_type }),
                },
              ],
            }),
      };
    case 0:
      return {};
  }
}

function userOf(name: string | undefined): Record<string, unknown> {
  return name === undefined ? { name: 'unknown', type_id: 0, type: 'Unknown' } : { name };
}

function originOf({ ip_address }: Event): Record<string, unknown> | undefined {
  if (ip_address === undefined) return undefined;
  const plain = plainAddress(ip_address);
  return plain === undefined ? { name: ip_address } : { ip: plain };
}

/** Whose account it was: named in the details, or the thing that was made. */
function targetOf({ details, resource_id }: Event): string | undefined {
  return typeof details.target === 'string' && details.target !== '' ? details.target : resource_id;
}

function messageOf({ details, event_type, action }: Event): string {
  const { message } = details;
  return typeof message === 'string' && message !== ''
    ? message.slice(0, 8_192).toWellFormed()
    : (action ?? event_type);
}

/** All that the schema has no field for; for a Base Event that is nearly all. */
function unmappedOf(event: Event, sha256: Uint8Array): Record<string, unknown> {
  const { id: _id, timeMs: _time, details, ...fields } = event;
  return { ...fields, sha256: toHex(sha256), details };
}

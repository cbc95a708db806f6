// The console watches itself: its own sign-ins, refused calls and key changes become events, so that the same detectors see them.

import type { AuditType } from '../../src-shared/audit-types.ts';
import { problems } from '../../src-shared/contract/problems.ts';
import { uuidV7 } from '../base/ids.ts';
import type { Event } from '../engine/event.ts';
import type { RefusedCall } from './dispatch/dispatch.ts';
import type { NewEntry } from './dispatch/performing.ts';
import { defaultWorkspace } from './feature.ts';
import type { EventItem, Intake } from './features/events/index.ts';
import type { GatheredEntries } from './gathered-entries.ts';
import type { Host } from './ports.ts';
import { recordRefusal } from './refusal-entries.ts';

const source = 'gatehouse';

/** Audit types that are events to the detectors, and what kind of event. */
const eventTypes: Partial<Record<AuditType, Event['event_type']>> = {
  login: 'login',
  mfa_verify: 'login',
  console_unlock: 'login',
  user_create: 'user_create',
  key_create: 'config_change',
  key_revoke: 'config_change',
  config_change: 'config_change',
  provider_change: 'config_change',
  secret_reveal: 'credential_access',
  secret_grant: 'config_change',
  secret_purge: 'config_change',
  audit_damaged: 'audit_damaged',
  disk_low: 'disk_low',
  mirror_stopped: 'mirror_stopped',
  anchor_stopped: 'anchor_stopped',
  rule_disable: 'config_change',
};

/** The event that an audit entry is to the detectors, if any; it shares the entry's moment and says so by its trace. */
export function selfEventOf(entry: NewEntry, id: string): EventItem | undefined {
  const type = eventTypes[entry.type];
  if (type === undefined || entry.action.startsWith('setup.')) return undefined;
  // The right password alone is half a login: counting it and the code would count one sign-in twice.
  if (entry.type !== 'login' && type === 'login' && entry.success) return undefined;
  const tried = entry.details.username;
  const actor = entry.actor.kind === 'anonymous' ? (typeof tried === 'string' ? tried : undefined) : entry.actor.name;
  return selfEventItem({
    id,
    timeMs: entry.at,
    source,
    event_type: type,
    success: entry.success,
    action: entry.action,
    details: detailsOf(entry),
    ...(actor === undefined ? {} : { actor: actor.slice(0, 256).toWellFormed() }),
    ...(entry.origin.ip === null ? {} : { ip_address: entry.origin.ip }),
    ...(entry.resource?.id == null ? {} : { resource_type: entry.resource.type, resource_id: entry.resource.id }),
    ...(entry.traceId === null ? {} : { trace_id: entry.traceId }),
  });
}

/** An event of the console itself, as intake takes it. */
export function selfEventItem(event: Event): EventItem {
  return { kind: 'event', format: source, event };
}

/** What rules group and explain secrets' readings by; two keys may bear the same name. */
function detailsOf({ type, actor, details }: NewEntry): Event['details'] {
  if (type === 'audit_damaged' || type === 'disk_low') return { detail: String(details.detail) };
  if (type === 'mirror_stopped' || type === 'anchor_stopped')
    return { since: String(details.since), why: String(details.why).slice(0, 500).toWellFormed() };
  if (type === 'rule_disable')
    return { rule: String(details.rule ?? details.path), reason: String(details.reason ?? '') };
  if (!type.startsWith('secret_')) return {};
  return {
    ...(typeof details.name === 'string' ? { name: details.name } : {}),
    ...(actor.kind === 'key' && actor.id !== null ? { key_id: actor.id } : {}),
  };
}

export type RefusalWatch = {
  refused(call: RefusedCall): void;
  flush(): Promise<void>;
};

/** Refused calls wait here at most so long and so many: an attacker must not make one durable write a request. */
const flushMs = 250;
const mostWaiting = 500;

/** @returns what to call for each refusal, and a timer that hands them to intake and to the log. */
export function watchRefusals(host: Host, intake: Intake, entries: GatheredEntries): RefusalWatch & Disposable {
  let waiting: EventItem[] = [];
  let dropped = 0;

  async function flush(scope: 'due' | 'all'): Promise<void> {
    entries.flush(scope);
    const items = waiting;
    waiting = [];
    if (dropped > 0) host.log.warn('refused calls not kept as events', { count: dropped });
    dropped = 0;
    if (items.length > 0) await intake.take(defaultWorkspace, items);
  }

  const timer = host.timers.every(flushMs, () => {
    flush('due').catch((error: unknown) =>
      host.log.error('refused calls could not be stored', { error: String(error) }),
    );
  });
  return {
    refused(call) {
      recordRefusal(entries, call);
      if (waiting.length >= mostWaiting) {
        dropped += 1;
        return;
      }
      const id = uuidV7(call.at, host.random.bytes(10));
      waiting.push(selfEventItem(refusalEvent(call, id)));
    },
    flush: () => flush('all'),
    [Symbol.dispose]() {
      timer[Symbol.dispose]();
      entries[Symbol.dispose]();
    },
  };
}

function refusalEvent(call: RefusedCall, id: string): Event {
  const status = problems[call.code as keyof typeof problems]?.status ?? 403;
  return {
    id,
    timeMs: call.at,
    source,
    event_type: 'api_call',
    success: false,
    action: call.operation,
    resource_type: 'operation',
    resource_id: call.operation,
    details: { status, code: call.code },
    ...(call.actor === null || call.actor === 'anonymous' ? {} : { actor: call.actor }),
    ...(call.origin.ip === null ? {} : { ip_address: call.origin.ip }),
  };
}

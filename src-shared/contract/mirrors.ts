// Mirrors: copies of the audit log, alerts and events that go to files and to other systems while they happen.
import { z } from 'zod';
import type { AuditType } from '../audit-types.ts';
import { none, operation, permission } from './grammar.ts';
import { instant, nothing } from './values.ts';

export const mirrorStreams = ['audit', 'activity', 'alerts', 'events'] as const;
export type MirrorStream = (typeof mirrorStreams)[number];

export const mirrorFormats = ['json', 'cef', 'ecs', 'ocsf-1.1.0', 'ocsf-1.8.0'] as const;
export type MirrorFormat = (typeof mirrorFormats)[number];

export const mirrorKinds = ['file', 'syslog', 'otlp'] as const;
export type MirrorKind = (typeof mirrorKinds)[number];

/**
 * The entries of the stream `activity`: what people and their tools did from day to day, apart from what changed how the console is
 * guarded. `audit` has these and all others.
 */
export const activityTypes = [
  'login',
  'logout',
  'session_end',
  'mfa_verify',
  'recovery_code_used',
  'console_lock',
  'console_unlock',
  'vault_lock',
  'vault_unlock',
  'api_call',
  'events_import',
  'query',
  'events_export',
  'alerts_export',
  'search_saved',
  'search_deleted',
  'alert_acknowledged',
  'alert_closed',
  'alert_reopened',
  'alert_assigned',
  'alert_noted',
  'alert_undone',
  'secret_reveal',
  'audit_export',
  'rule_pack_export',
  'access_request',
] as const satisfies readonly AuditType[];

const carried = z.strictObject({
  stream: z.enum(mirrorStreams),
  /** Number of the last one that is kept there; 0 for none. */
  position: z.int(),
  /** How many numbers of the stream it does not hold yet. */
  behind: z.int(),
  /** Taken by the receiver and refused one by one: they are not sent again. */
  rejected: z.int(),
});

const mirror = z.strictObject({
  name: z.string(),
  kind: z.enum(mirrorKinds),
  format: z.enum(mirrorFormats),
  /** False where the bytes leave this computer in the clear. */
  encrypted: z.boolean(),
  /** `sending`: something is on its way. `lagging`: it works, but has not caught up for five minutes. */
  state: z.enum(['well', 'sending', 'lagging', 'failing']),
  streams: z.array(carried),
  last_at: instant.nullable().describe('when something was last kept there'),
  failing_since: instant.nullable(),
  error: z.string().nullable(),
});
export type MirrorStatus = z.output<typeof mirror>;

export const mirrorsOperations = {
  'mirrors.list': operation({
    summary: 'Where the audit log, alerts and events are mirrored to, and how far each mirror is',
    method: 'GET',
    path: '/api/v1/mirrors',
    access: permission('console.read'),
    input: nothing,
    output: z.strictObject({ items: z.array(mirror) }),
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'mirrors.retry': operation({
    summary: 'Try all failing mirrors again now, without waiting for their pause to end',
    method: 'POST',
    path: '/api/v1/mirrors/retry',
    access: permission('audit.checkpoint'),
    input: nothing,
    output: z.strictObject({ failing: z.int().describe('how many are tried again') }),
    audit: none('it changes nothing: what waits goes out a little sooner'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
};

// Retention of the audit log: which entries are kept how long, legal holds, and the runs that take expired ones away.
import { z } from 'zod';
import type { AuditType } from '../audit-types.ts';
import { none, operation, permission } from './grammar.ts';
import { done, instant, instantIn, nothing, uuid } from './values.ts';

export const retentionCategories = [
  'pii',
  'security_events',
  'api_calls',
  'tool_executions',
  'credential_access',
  'compliance',
] as const;
export type RetentionCategory = (typeof retentionCategories)[number];

/** An entry belongs to exactly one category: that of its type, or `compliance` where the type is not listed here. */
const categories: Partial<Record<AuditType, RetentionCategory>> = {
  access_request: 'pii',
  login: 'security_events',
  logout: 'security_events',
  session_end: 'security_events',
  mfa_verify: 'security_events',
  console_lock: 'security_events',
  console_unlock: 'security_events',
  vault_lock: 'security_events',
  vault_unlock: 'security_events',
  alert_raised: 'security_events',
  alert_acknowledged: 'security_events',
  alert_closed: 'security_events',
  alert_reopened: 'security_events',
  alert_assigned: 'security_events',
  alert_noted: 'security_events',
  alert_undone: 'security_events',
  service_start: 'security_events',
  service_stop: 'security_events',
  api_call: 'api_calls',
  events_import: 'tool_executions',
  secret_reveal: 'credential_access',
};

/** The log's own proof rests on them: they are never taken away. */
const kept: ReadonlySet<string> = new Set<AuditType>([
  'key_rotation',
  'erasure',
  'retention_run',
  'retention_hold',
  'audit_damaged',
]);

/** null: never. */
export function categoryOf(type: string): RetentionCategory | null {
  if (kept.has(type)) return null;
  return (categories as Partial<Record<string, RetentionCategory>>)[type] ?? 'compliance';
}

const category = z.enum(retentionCategories);

const hold = z.strictObject({
  id: uuid,
  label: z.string(),
  category: category.nullable(),
  since: instant.nullable(),
  until: instant.nullable(),
  placed_at: instant,
  placed_by: z.string(),
});

const status = z.strictObject({
  auto_delete_expired: z.boolean(),
  categories: z.array(
    z.strictObject({
      category,
      days: z.int(),
      entries: z.int(),
      expired: z.int().describe('what a run would delete now'),
      held: z.int().describe('expired, but kept by a legal hold'),
    }),
  ),
  next_run_at: instant.nullable(),
  pruned: z.int().describe('entries whose bodies are gone; their leaves stay in the tree'),
  events: z.strictObject({
    days: z.int(),
    expired: z
      .int()
      .describe('at most so many would go now; those that an alert names or a hold over everything covers stay'),
    deleted: z.int().describe('how many went so far'),
  }),
  holds: z.array(hold),
});
export type RetentionStatus = z.output<typeof status>;

export const retentionOperations = {
  'retention.status': operation({
    summary: 'How long audit entries and events are kept, what a run would delete now, legal holds',
    method: 'GET',
    path: '/api/v1/admin/retention',
    access: permission('privacy.read'),
    input: nothing,
    output: status,
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'retention.run': operation({
    summary:
      'Delete expired events and the bodies of expired audit entries now; leaves stay, so every proof still holds',
    method: 'POST',
    path: '/api/v1/admin/retention/run',
    access: permission('privacy.manage'),
    input: nothing,
    output: z.strictObject({ deleted: z.int(), events_deleted: z.int() }),
    audit: 'retention_run',
    effect: 'task',
    rate: 'login',
    window: true,
    stepUp: true,
  }),
  'retention.hold': operation({
    summary: 'Place a legal hold: what it covers is not deleted until it is released',
    method: 'POST',
    path: '/api/v1/admin/retention/holds',
    access: permission('privacy.manage'),
    input: z.strictObject({
      label: z.string().trim().min(1).max(200).describe('the case or the reason; stands in the log'),
      category: category.optional().describe('only this category'),
      since: instantIn.optional(),
      until: instantIn.optional(),
    }),
    output: hold,
    audit: 'retention_hold',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
  'retention.release': operation({
    summary: 'Release a legal hold',
    method: 'POST',
    path: '/api/v1/admin/retention/holds/{id}/release',
    access: permission('privacy.manage'),
    input: z.strictObject({ id: uuid }),
    output: done,
    audit: 'retention_hold',
    effect: 'write',
    rate: 'general',
    window: true,
    stepUp: true,
  }),
};

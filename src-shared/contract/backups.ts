// Backups: made online, encrypted, verified by a test restore, kept by a schedule, restored after verification.
import { z } from 'zod';
import { none, operation, permission } from './grammar.ts';
import { done, instant, nothing, page, pageInput, uuid } from './values.ts';

/** What can open a backup: this console's own keys, its recovery key, or a passphrase. */
export const backupOpener = z.enum(['backup_key', 'recovery_key', 'passphrase']);
export type BackupOpener = z.infer<typeof backupOpener>;

export const backupVerification = z.strictObject({
  at: instant,
  passed: z.boolean(),
  detail: z.string(),
  audit_entries: z.int().nullable().describe('size of the audit tree that was rebuilt from the restored store'),
  root_hash: z.string().nullable(),
});
export type BackupVerification = z.output<typeof backupVerification>;

const backup = z.strictObject({
  backup_id: uuid,
  kind: z.enum(['manual', 'scheduled', 'before_migration']),
  state: z
    .enum(['running', 'complete', 'failed', 'missing'])
    .describe('missing: its file is no longer where it was written'),
  encrypted: z.boolean(),
  encryption_algorithm: z.string().nullable(),
  opens_with: z.array(backupOpener),
  created_at: instant,
  finished_at: instant.nullable(),
  size_bytes: z.number().nullable(),
  sha256: z.string().nullable(),
  path: z.string(),
  audit_entries: z.int().nullable(),
  done_bytes: z.number(),
  total_bytes: z.number(),
  keep: z
    .array(z.enum(['daily', 'weekly', 'monthly']))
    .describe('why the retention keeps it; empty for manual ones, which are kept'),
  verification: backupVerification.nullable(),
  error: z.string().nullable(),
});
export type Backup = z.output<typeof backup>;

const schedule = z.strictObject({
  enabled: z.boolean(),
  every: z.enum(['day', 'week']),
  at: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'expected a time of day such as 02:30' }),
  folder: z.string().max(1000).nullable().describe('null: the folder backups in the profile'),
  keep_daily: z.int().min(1).max(366),
  keep_weekly: z.int().min(0).max(520),
  keep_monthly: z.int().min(0).max(240),
});
export type BackupSchedule = z.output<typeof schedule>;

const scheduleStatus = schedule.extend({ next_at: instant.nullable(), encryption_required: z.boolean() });

const passphrase = z.string().min(12).max(256);

export const backupsOperations = {
  'backups.create': operation({
    summary: 'Make a backup while the console runs; answers when it is complete',
    method: 'POST',
    path: '/api/v1/admin/backup',
    access: permission('backups.manage'),
    input: z.strictObject({
      encrypted: z
        .boolean()
        .default(true)
        .describe("false leaves out the backup's own layer; the store's pages inside stay encrypted as on the disk"),
      compliance_mode: z.enum(['hipaa']).optional().describe('hipaa refuses an unencrypted backup'),
      passphrase: passphrase
        .optional()
        .describe('opens the backup beside the recovery key; without it the backup key does'),
    }),
    output: z.strictObject({
      backup_id: uuid,
      encrypted: z.boolean(),
      encryption_algorithm: z.string().nullable(),
      created_at: instant,
      size_bytes: z.number(),
      sha256: z.string(),
    }),
    audit: 'backup_create',
    effect: 'task',
    rate: 'general',
    window: true,
    success: 201,
  }),
  'backups.list': operation({
    summary: 'Backups, newest first, with the one under way',
    method: 'GET',
    path: '/api/v1/admin/backups',
    access: permission('backups.read'),
    input: z.strictObject(pageInput),
    output: page(backup),
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'backups.cancel': operation({
    summary: 'Cancel the backup under way; its file is removed',
    method: 'POST',
    path: '/api/v1/admin/backups/{id}/cancel',
    access: permission('backups.manage'),
    input: z.strictObject({ id: uuid }),
    output: done,
    audit: none('the cancelled backup leaves its own entry'),
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'backups.verify': operation({
    summary: 'Restore a backup into a scratch store, check it whole, and verify its audit tree',
    method: 'POST',
    path: '/api/v1/admin/backups/{id}/verify',
    access: permission('backups.manage'),
    input: z.strictObject({ id: uuid, passphrase: z.string().max(256).optional() }),
    output: backupVerification,
    audit: 'backup_verify',
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'backups.restore': operation({
    summary: 'Put a backup in the place of the store, after verification; the store as it was is set aside',
    method: 'POST',
    path: '/api/v1/admin/backups/{id}/restore',
    access: permission('backups.manage'),
    input: z.strictObject({ id: uuid, passphrase: z.string().max(256).optional() }),
    output: z.strictObject({ set_aside: z.string(), verification: backupVerification }),
    audit: 'backup_restore',
    effect: 'task',
    rate: 'login',
    window: true,
    stepUp: true,
  }),
  'backups.delete': operation({
    summary: 'Delete a backup and its file',
    method: 'DELETE',
    path: '/api/v1/admin/backups/{id}',
    access: permission('backups.manage'),
    input: z.strictObject({ id: uuid }),
    output: done,
    audit: 'backup_delete',
    effect: 'task',
    rate: 'general',
    window: true,
    stepUp: true,
  }),
  'backups.schedule': operation({
    summary: 'When backups are made by themselves, where, and how long they are kept',
    method: 'GET',
    path: '/api/v1/admin/backups/schedule',
    access: permission('backups.read'),
    input: nothing,
    output: scheduleStatus,
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'backups.set_schedule': operation({
    summary: 'Change the schedule, the folder and the retention of backups',
    method: 'PUT',
    path: '/api/v1/admin/backups/schedule',
    access: permission('backups.manage'),
    input: schedule,
    output: scheduleStatus,
    audit: 'config_change',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
};

// The console's own keys: what there is, how old it is, rotation, how the master key is kept, and the vault's lock.
import { z } from 'zod';
import { none, open, operation, permission } from './grammar.ts';
import { keyProtection } from './setup.ts';
import { done, instant, nothing, uuid } from './values.ts';

export const keyPurpose = z.enum(['master', 'page', 'sealing', 'backup', 'signing']);
export type KeyPurposeName = z.infer<typeof keyPurpose>;
/** Each of them. */
export const rotatableKey = z.enum(keyPurpose.options);
export type RotatableKey = z.infer<typeof rotatableKey>;

const keyVersion = z.strictObject({
  key: keyPurpose,
  version: z.int(),
  state: z.enum(['current', 'retiring']).describe('a retiring version is destroyed when nothing uses it any more'),
  created_at: instant,
  due_at: instant.nullable().describe('when it should be rotated'),
  overdue: z.boolean(),
  uses: z
    .int()
    .nullable()
    .describe('sealed values or backups that still need this version; null where that is not counted'),
});
export type KeyVersion = z.output<typeof keyVersion>;

const rotationTask = z.strictObject({
  id: uuid,
  key: rotatableKey,
  state: z.enum(['running', 'paused', 'finished', 'failed']),
  phase: z.string().describe('what is being done now'),
  done: z.int(),
  total: z.int(),
  unit: z.enum(['values', 'bytes', 'keys']),
  started_at: instant,
  finished_at: instant.nullable(),
  error: z.string().nullable(),
});
export type RotationTask = z.output<typeof rotationTask>;

const status = z.strictObject({
  protection: keyProtection,
  protection_detail: z.string().describe('which keychain, variable or file'),
  recovery_key_issued_at: instant.nullable(),
  rotation_days: z.int(),
  keys: z.array(keyVersion),
  subject_keys: z.int().describe('keys of single data subjects and secrets, each destroyed to shred what it seals'),
  task: rotationTask.nullable().describe('the rotation under way, or the last one'),
});
export type EncryptionStatus = z.output<typeof status>;

const passphrase = z.string().min(12).max(256);

export const encryptionOperations = {
  'encryption.status': operation({
    summary: 'The encryption keys: versions, age, due dates, how the master key is kept, rotation under way',
    method: 'GET',
    path: '/api/v1/admin/encryption',
    access: permission('encryption.read'),
    input: nothing,
    output: status,
    audit: none('an ordinary read; no key is in it'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'encryption.rotate': operation({
    summary: 'Rotate a key; re-sealing and page rotation go on in the background',
    method: 'POST',
    path: '/api/v1/admin/encryption/rotate',
    access: permission('encryption.manage'),
    input: z.strictObject({
      key: rotatableKey,
      passphrase: passphrase.optional().describe('the new passphrase, where a passphrase keeps the master key'),
      new_key: z
        .string()
        .max(100)
        .optional()
        .describe('32 bytes in base64: the new master key, where environment, key file or Vault gives it'),
    }),
    output: z.strictObject({
      status,
      recovery_key: z.string().optional().describe('new with each rotation of the master key; shown once'),
      next_step: z
        .string()
        .optional()
        .describe(
          'what must be changed before the next start, where environment, key file or Vault gives the master key',
        ),
    }),
    audit: 'key_rotation',
    effect: 'task',
    rate: 'login',
    window: true,
    stepUp: true,
    reveals: true,
  }),
  'encryption.task': operation({
    summary: 'Pause or resume the rotation under way',
    method: 'POST',
    path: '/api/v1/admin/encryption/task',
    access: permission('encryption.manage'),
    input: z.strictObject({ action: z.enum(['pause', 'resume']) }),
    output: status,
    audit: 'key_rotation',
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'encryption.protection': operation({
    summary: 'Change how the master key is kept, or its passphrase',
    method: 'PUT',
    path: '/api/v1/admin/encryption/protection',
    access: permission('encryption.manage'),
    input: z.strictObject({ protection: keyProtection, passphrase: passphrase.optional() }),
    output: status,
    audit: 'key_protection_change',
    effect: 'task',
    rate: 'login',
    window: true,
    stepUp: true,
  }),
  'encryption.recovery_key': operation({
    summary: 'Issue a new recovery key; the one before opens nothing any more',
    method: 'POST',
    path: '/api/v1/admin/encryption/recovery-key',
    access: permission('encryption.manage'),
    input: nothing,
    output: z.strictObject({ recovery_key: z.string(), console_name: z.string(), created_at: instant }),
    audit: 'recovery_key_issued',
    effect: 'task',
    rate: 'login',
    window: true,
    stepUp: true,
    reveals: true,
  }),
  'vault.lock': operation({
    summary: 'Lock the vault: every key is zeroed and the store closed until somebody unlocks it',
    method: 'POST',
    path: '/api/v1/admin/encryption/lock',
    access: permission('encryption.manage'),
    input: nothing,
    output: done,
    audit: 'vault_lock',
    effect: 'task',
    rate: 'login',
    window: true,
    stepUp: true,
  }),
  'vault.unlock': operation({
    summary:
      'Unlock a locked vault with its passphrase, its recovery key, or the token that lies in the profile folder',
    method: 'POST',
    path: '/api/v1/unlock',
    access: open,
    input: z.strictObject({
      passphrase: z.string().max(256).optional(),
      recovery_key: z.string().max(200).optional(),
      token: z
        .string()
        .max(200)
        .optional()
        .describe('from the file unlock.token of the profile, which its owner alone can read'),
    }),
    output: done,
    audit: 'vault_unlock',
    effect: 'task',
    rate: 'login',
    window: true,
  }),
};

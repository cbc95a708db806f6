// The secrets vault: names and metadata apart from values; a value is only ever in the answer of `secrets.reveal`.
import { z } from 'zod';
import { none, operation, permission } from './grammar.ts';
import { done, instant, instantIn, page, pageInput, queryText, uuid } from './values.ts';

export const secretType = z.enum(['password', 'api_key', 'certificate', 'ssh_key', 'note', 'key_value']);
export type SecretType = z.infer<typeof secretType>;

/** Path-like: `db/password`. Segments of letters, digits, `_ . -`; no empty or dot segment. */
export const secretName = z
  .string()
  .max(200)
  .regex(/^(?!\.{1,2}(?:\/|$))[\w.-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.-]+)*$/, {
    error: 'expected a name such as db/password: letters, digits, _ . - and single slashes between them',
  });

const field = z
  .string()
  .max(200)
  .regex(/^[\w.-]+$/, { error: 'expected a field name of letters, digits, _ . -' });
const text = z.string().min(1).max(65_536);

/** `value` for all types but `key_value`, which has `fields`. */
const content = { value: text.optional(), fields: z.record(field, text).optional() };

const tag = z.string().trim().min(1).max(60);
const state = z.enum(['current', 'rotation_due', 'expiring', 'expired', 'deleted', 'purged']);
export type SecretState = z.infer<typeof state>;

const generate = z.strictObject({
  length: z.int().min(12).max(256).default(32),
  alphabet: z.enum(['letters_digits', 'letters_digits_symbols', 'hex', 'base64url']).default('letters_digits_symbols'),
});
export type SecretGenerator = z.output<typeof generate>;

const metadata = {
  description: z.string().max(500),
  owner: z.string().max(200).describe('who answers for it'),
  tags: z.array(tag).max(20),
};

/** What is read off a certificate, private key or SSH key without showing it. */
const parsed = z.strictObject({
  kind: z.string().describe('certificate, private key, SSH public key, …'),
  subject: z.string().nullable(),
  issuer: z.string().nullable(),
  algorithm: z.string().nullable(),
  fingerprint: z.string().nullable(),
  not_after: instant.nullable(),
});
export type ParsedSecret = z.output<typeof parsed>;

const principalKind = z.enum(['user', 'role', 'key']);

const grant = z.strictObject({
  kind: principalKind,
  subject: z.string().min(1).max(100).describe('user name, role name or API key id'),
  actions: z.array(z.enum(['read', 'reveal', 'manage'])).min(1),
});
export type SecretGrant = z.output<typeof grant>;

const summary = z.strictObject({
  id: uuid,
  name: z.string(),
  type: secretType,
  ...metadata,
  version: z.int(),
  created_at: instant,
  changed_at: instant.describe('when the current version was set'),
  expires_at: instant.nullable(),
  rotation_days: z.int().nullable(),
  rotation_due_at: instant.nullable(),
  state,
  limited: z.boolean().describe('only those named in its grants may use it'),
  last_read_at: instant.nullable(),
  last_read_by: z.string().nullable(),
  reads: z.int(),
});
export type SecretSummary = z.output<typeof summary>;

const version = z.strictObject({
  version: z.int(),
  created_at: instant,
  created_by: z.string(),
  state: z.enum(['current', 'overlapping', 'old', 'purged']),
  usable_until: instant.nullable().describe('end of the overlap after a rotation'),
  fields: z
    .array(z.strictObject({ name: z.string(), change: z.enum(['same', 'changed', 'added', 'removed']) }))
    .describe('against the version before; never values'),
});

const read = z.strictObject({
  at: instant,
  by: z.string(),
  kind: z.enum(['user', 'key']),
  version: z.int(),
  ip_address: z.string().nullable(),
  user_agent: z.string().nullable(),
  via: z.string(),
});

const detail = summary.extend({
  parsed: parsed.nullable(),
  field_names: z.array(z.string()),
  versions: z.array(version),
  recent_reads: z.array(read).describe('the last 50'),
  consumers: z.array(
    z.strictObject({ by: z.string(), kind: z.enum(['user', 'key']), last_at: instant, reads: z.int() }),
  ),
  grants: z.array(grant),
});
export type SecretDetail = z.output<typeof detail>;

const common = { rate: 'general', window: true } as const;

export const secretsOperations = {
  'secrets.list': operation({
    summary: "Secrets' names and metadata; never values",
    method: 'GET',
    path: '/api/v1/secrets',
    access: permission('secrets.read'),
    input: z.strictObject({
      ...pageInput,
      text: queryText.optional().describe('occurs in name, description, owner or a tag'),
      name: secretName.optional().describe('exactly this name'),
      path: queryText.optional().describe('names under this path, such as db/'),
      type: secretType.optional(),
      tag: queryText.optional(),
      state: state.optional().describe('deleted and purged ones are listed only when asked for'),
    }),
    output: page(summary),
    audit: none('an ordinary read of metadata'),
    effect: 'read',
    ...common,
  }),
  'secrets.create': operation({
    summary: 'Keep a new secret',
    method: 'POST',
    path: '/api/v1/secrets',
    access: permission('secrets.manage'),
    input: z.strictObject({
      name: secretName,
      type: secretType.default('password'),
      ...content,
      generate: generate.optional().describe('instead of a value: password and api_key only'),
      description: metadata.description.optional(),
      owner: metadata.owner.optional(),
      tags: metadata.tags.optional(),
      expires_at: instantIn.optional(),
      rotation_days: z.int().min(1).max(3650).optional(),
      grants: z.array(grant).max(50).optional(),
    }),
    output: detail,
    audit: 'secret_create',
    effect: 'write',
    success: 201,
    ...common,
  }),
  'secrets.reveal': operation({
    summary: "Read a secret's value; each reading is tracked",
    method: 'GET',
    path: '/api/v1/secrets/{name+}',
    access: permission('secrets.reveal'),
    input: z.strictObject({
      name: secretName,
      version: z.int().min(1).optional(),
      field: queryText.optional().describe('one field of a key_value secret'),
    }),
    output: z.strictObject({
      id: uuid,
      name: z.string(),
      type: secretType,
      version: z.int(),
      value: z.string().nullable(),
      fields: z.record(z.string(), z.string()).nullable(),
      expires_at: instant.nullable(),
    }),
    audit: 'secret_reveal',
    effect: 'write',
    stepUp: true,
    reveals: true,
    ...common,
  }),
  'secrets.get': operation({
    summary: "A secret's metadata, versions, grants and readers; never its value",
    method: 'GET',
    path: '/api/v1/admin/secrets/{id}',
    access: permission('secrets.read'),
    input: z.strictObject({ id: uuid }),
    output: detail,
    audit: none('an ordinary read of metadata'),
    effect: 'read',
    ...common,
  }),
  'secrets.update': operation({
    summary: "Change a secret's metadata",
    method: 'PATCH',
    path: '/api/v1/admin/secrets/{id}',
    access: permission('secrets.manage'),
    input: z.strictObject({
      id: uuid,
      description: metadata.description.optional(),
      owner: metadata.owner.optional(),
      tags: metadata.tags.optional(),
      expires_at: instantIn.nullable().optional(),
      rotation_days: z.int().min(1).max(3650).nullable().optional(),
    }),
    output: detail,
    audit: 'secret_update',
    effect: 'write',
    ...common,
  }),
  'secrets.rotate': operation({
    summary: 'Set a new version: a given value, or one made here; the version before may stay readable for an overlap',
    method: 'POST',
    path: '/api/v1/admin/secrets/{id}/rotate',
    access: permission('secrets.manage'),
    input: z.strictObject({
      id: uuid,
      ...content,
      generate: generate.optional().describe('instead of a value: password and api_key only'),
      expires_at: instantIn
        .nullable()
        .optional()
        .describe("of the new value; unless given, a certificate's own end, or what it was unless that has passed"),
      overlap_hours: z.int().min(0).max(720).default(0),
    }),
    output: detail,
    audit: 'secret_rotate',
    effect: 'write',
    ...common,
  }),
  'secrets.set_grants': operation({
    summary: 'Say who may use a secret; an empty list leaves it to permissions alone',
    method: 'PUT',
    path: '/api/v1/admin/secrets/{id}/grants',
    access: permission('secrets.manage'),
    input: z.strictObject({ id: uuid, grants: z.array(grant).max(50) }),
    output: detail,
    audit: 'secret_grant',
    effect: 'write',
    ...common,
  }),
  'secrets.delete': operation({
    summary: 'Delete a secret; it can be brought back until it is purged',
    method: 'DELETE',
    path: '/api/v1/admin/secrets/{id}',
    access: permission('secrets.manage'),
    input: z.strictObject({ id: uuid }),
    output: done,
    audit: 'secret_delete',
    effect: 'write',
    ...common,
  }),
  'secrets.restore': operation({
    summary: 'Bring a deleted secret back',
    method: 'POST',
    path: '/api/v1/admin/secrets/{id}/restore',
    access: permission('secrets.manage'),
    input: z.strictObject({ id: uuid }),
    output: detail,
    audit: 'secret_restore',
    effect: 'write',
    ...common,
  }),
  'secrets.purge': operation({
    summary: 'Shred a secret: the key of all its versions is destroyed; nothing brings them back',
    method: 'POST',
    path: '/api/v1/admin/secrets/{id}/purge',
    access: permission('secrets.manage'),
    input: z.strictObject({ id: uuid, name: secretName.describe('typed again, so that the right one is shredded') }),
    output: done,
    audit: 'secret_purge',
    effect: 'write',
    stepUp: true,
    ...common,
  }),
  'secrets.import': operation({
    summary: 'Import secrets from .env, CSV or Fernet-encrypted JSON; all of them or none',
    method: 'POST',
    path: '/api/v1/admin/secrets/import',
    access: permission('secrets.manage'),
    input: z.strictObject({
      format: z.enum(['env', 'csv', 'fernet_json']),
      content: z.string().min(1).max(900_000),
      fernet_key: z.string().max(100).optional(),
      path: z.string().max(150).optional().describe('put before each name, such as imported/'),
      existing: z.enum(['refuse', 'skip', 'rotate']).default('refuse').describe('what becomes of names that are taken'),
      dry_run: z.boolean().default(false),
    }),
    output: z.strictObject({
      created: z.int(),
      rotated: z.int(),
      skipped: z.int(),
      items: z.array(
        z.strictObject({
          line: z.int().nullable(),
          name: z.string(),
          outcome: z.enum(['created', 'rotated', 'skipped']),
        }),
      ),
    }),
    audit: 'secret_import',
    effect: 'write',
    ...common,
  }),
};

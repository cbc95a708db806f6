// Audit: the log, its chain's health and checkpoints.
import { z } from 'zod';
import { auditTypes } from '../audit-types.ts';
import { frameworkFilters } from './frameworks.ts';
import { anySession, none, operation, permission } from './grammar.ts';
import { instant, instantIn, nothing, page, pageInput, queryText, uuid } from './values.ts';

const auditType = z.enum(Object.keys(auditTypes) as [string, ...string[]]);

const entry = z.strictObject({
  seq: z.int(),
  id: uuid,
  time: instant,
  workspace: z.string(),
  event_type: auditType,
  action: z.string(),
  success: z.boolean(),
  actor: z.strictObject({ kind: z.string(), id: z.string().nullable(), name: z.string() }),
  resource: z.strictObject({ type: z.string(), id: z.string().nullable() }).nullable(),
  ip_address: z.string().nullable(),
  user_agent: z.string().nullable(),
  session_id: z.string().nullable(),
  trace_id: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
  phi: z.boolean(),
  /** Some of its fields are sealed for the person whom they are about. */
  about_subject: z.boolean(),
  /** Those that nobody can read any more: that person's key was destroyed. */
  erased: z.array(z.string()),
  data_accessed: z.string().nullable(),
  leaf_hash: z.string(),
  /** The canonical bytes that the leaf hash covers. */
  canonical: z.string(),
});
export type AuditEntry = z.output<typeof entry>;

export const auditFilters = {
  event_type: auditType.optional(),
  ...frameworkFilters,
  actor: queryText.optional(),
  session_id: queryText.optional(),
  success: z.boolean().optional(),
  since: instantIn.optional(),
  until: instantIn.optional(),
  from_seq: z.int().min(1).optional(),
  to_seq: z.int().min(1).optional(),
};

const anchor = z.strictObject({
  name: z.string(),
  kind: z.enum(['file', 'webhook', 's3', 'witness', 'timestamp']),
  /** `contradicts`: what it holds is not this log as it stands here. */
  state: z.enum(['anchored', 'waiting', 'failing', 'contradicts']),
  anchored_size: z.int(),
  /** Entries of the last checkpoint that it does not hold yet. */
  behind: z.int(),
  at: instant.nullable(),
  error: z.string().nullable(),
});

const checkpoint = z.strictObject({ size: z.int(), root: z.string(), note: z.string(), signed_at: instant });

export const auditOperations = {
  'audit.entries': operation({
    summary: 'Entries of the audit log, newest first',
    method: 'GET',
    path: '/api/v1/audit/entries',
    access: permission('audit.read'),
    input: z.strictObject({ ...pageInput, ...auditFilters }),
    output: page(entry),
    audit: none('reading the log is an ordinary read; exporting it is an entry'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'audit.status': operation({
    summary: "The chain's health: size, last checkpoint, self-check, anchors",
    method: 'GET',
    path: '/api/v1/audit/status',
    access: permission('console.read'),
    input: nothing,
    output: z.strictObject({
      size: z.int(),
      checkpoint: checkpoint.nullable(),
      check: z.strictObject({
        state: z.enum(['checking', 'intact', 'broken']),
        checked_to: z.int(),
        at: instant.nullable(),
        first_bad_seq: z.int().nullable(),
        detail: z.string(),
      }),
      anchors: z.array(anchor),
      origin: z.string(),
      verifier_key: z.string(),
    }),
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'audit.checkpoint': operation({
    summary: 'Sign a checkpoint now and send it to all anchors',
    method: 'POST',
    path: '/api/v1/audit/checkpoints',
    access: permission('audit.checkpoint'),
    input: nothing,
    output: checkpoint,
    audit: none('a checkpoint covers the log; an entry for it would ask for the next one'),
    effect: 'write',
    rate: 'general',
    window: true,
    success: 201,
  }),
  'audit.public_key': operation({
    summary: 'The verifier key line that checks this console’s checkpoints and bundles, and those before it',
    method: 'GET',
    path: '/api/v1/audit/public-key',
    access: anySession,
    input: nothing,
    output: z.strictObject({
      verifier_key: z.string(),
      fingerprint: z.string(),
      origin: z.string(),
      earlier: z
        .array(
          z.strictObject({
            verifier_key: z.string(),
            fingerprint: z.string(),
            last_seq: z.int().describe('its last checkpoint covers the log to this entry, the one of its rotation'),
            replaced_at: instant,
          }),
        )
        .describe('keys that signed before, oldest first'),
      rotations: z.array(z.string()).describe('signed notes by which each key names the next, as bundles carry them'),
    }),
    audit: none('a public key'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
};

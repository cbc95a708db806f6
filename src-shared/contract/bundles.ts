// Bundles: the export of signed evidence. Receipts and pinned signers are bundle-verification.ts. In one call, or step by step for who wants to attach files, see how far it is and stop it.
import { z } from 'zod';
import { auditFilters } from './audit.ts';
import { bundleVerificationOperations } from './bundle-verification.ts';
import { none, operation, permission } from './grammar.ts';
import { done, instant, queryText, uuid } from './values.ts';

/** What a bundle keeps back: the fields stay in the leaf as commitments, so that everything still verifies. */
export const redaction = z.enum(['nothing', 'people', 'all']);
export type Redaction = z.infer<typeof redaction>;

/** What the console itself can put into a bundle. */
export const bundleExtra = z.enum(['pdf', 'public_key', 'verifier']);
export type BundleExtra = z.infer<typeof bundleExtra>;

export const bundleSelection = {
  ...auditFilters,
  resource_type: queryText.optional().describe('only entries about something of this type, such as alert'),
  resource_id: queryText.optional().describe('only entries about this one; needs resource_type'),
  incident: queryText
    .optional()
    .describe('only entries about this incident: resource_type incident and this resource_id'),
};

const asked = {
  ...bundleSelection,
  reason: z.string().trim().min(1).max(200).optional(),
  redact: redaction
    .optional()
    .describe(
      'people opens only counts, states, fixed words and random ids, as docs/redaction.md lists them: no name, address or text; all opens nothing but type, action, time and outcome',
    ),
};

const sealed = z.strictObject({
  entries: z.int(),
  from_seq: z.int(),
  to_seq: z.int(),
  whole_range: z.boolean().describe('nothing between the first and the last is missing'),
  opened_fields: z.int(),
  redacted_fields: z.int(),
  checkpoint_size: z.int(),
  root_hash: z.string().describe('of the checkpoint, in hex: what is compared by phone'),
  content_digest: z.string(),
  size_bytes: z.int(),
});
export type SealedBundle = z.output<typeof sealed>;

const state = z.strictObject({
  id: uuid,
  state: z
    .enum(['open', 'sealing', 'ready', 'failed'])
    .describe('open: files can be attached; ready: the bundle can be fetched'),
  /** How far the sealing is: entries counted, then read, then rendered for people. */
  phase: z.enum(['counting', 'reading', 'rendering']).nullable(),
  done: z.int(),
  total: z.int(),
  attachments: z.array(z.strictObject({ name: z.string(), size: z.int(), sha256: z.string() })),
  bundle: sealed.nullable(),
  error: z.string().nullable(),
  expires_at: instant,
});
export type BundleState = z.output<typeof state>;

const one = z.strictObject({ id: uuid });
const bundleDocument = {
  type: 'application/vnd.gatehouse.bundle+json',
  extension: 'ghbundle',
  streamed: true,
} as const;
const leavesItsOwn = none('the sealed bundle leaves the entry audit_export');

export const bundlesOperations = {
  'audit.export': operation({
    summary: 'Export a signed bundle of entries with their proofs',
    method: 'GET',
    path: '/api/v1/audit/export',
    access: permission('audit.export'),
    input: z.strictObject(asked),
    output: z.string(),
    audit: 'audit_export',
    effect: 'task',
    rate: 'general',
    window: false,
    stepUp: true,
    document: bundleDocument,
  }),
  'bundles.count': operation({
    summary: 'How many entries a bundle of these would hold now',
    method: 'GET',
    path: '/api/v1/audit/export/count',
    access: permission('audit.export'),
    input: z.strictObject(bundleSelection),
    output: z.strictObject({ entries: z.int(), from_seq: z.int().nullable(), to_seq: z.int().nullable() }),
    audit: none('an ordinary read'),
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'bundles.start': operation({
    summary: 'Begin a bundle: which entries, why, what is kept back',
    method: 'POST',
    path: '/api/v1/audit/bundles',
    access: permission('audit.export'),
    input: z.strictObject({
      ...asked,
      include: z
        .array(bundleExtra)
        .max(bundleExtra.options.length)
        .optional()
        .describe('files that the console attaches: the report, its public key, the verifier as one HTML file'),
    }),
    output: state,
    audit: leavesItsOwn,
    effect: 'task',
    rate: 'general',
    window: true,
    stepUp: true,
    success: 201,
  }),
  'bundles.attach': operation({
    summary: 'Attach a file, in chunks of at most 1 MiB; 16 MiB for all files of a bundle',
    method: 'PUT',
    path: '/api/v1/audit/bundles/{id}/files/{name}/chunks/{offset}',
    access: permission('audit.export'),
    body: 'bytes',
    input: z.strictObject({
      id: uuid,
      name: z.string().min(1).max(200),
      offset: z.int().min(0),
      data: z.instanceof(Uint8Array),
    }),
    output: state,
    audit: leavesItsOwn,
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'bundles.seal': operation({
    summary: 'Gather the entries and sign; answers at once, the state says how far it is',
    method: 'POST',
    path: '/api/v1/audit/bundles/{id}/seal',
    access: permission('audit.export'),
    input: one,
    output: state,
    audit: leavesItsOwn,
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'bundles.state': operation({
    summary: 'How far a bundle is',
    method: 'GET',
    path: '/api/v1/audit/bundles/{id}',
    access: permission('audit.export'),
    input: one,
    output: state,
    audit: none('an ordinary read'),
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'bundles.fetch': operation({
    summary: 'The file of a sealed bundle',
    method: 'GET',
    path: '/api/v1/audit/bundles/{id}/file',
    access: permission('audit.export'),
    input: one,
    output: z.string(),
    audit: leavesItsOwn,
    effect: 'task',
    rate: 'general',
    window: true,
    document: bundleDocument,
  }),
  'bundles.discard': operation({
    summary: 'Stop and forget a bundle; one that was fetched stays what it is',
    method: 'DELETE',
    path: '/api/v1/audit/bundles/{id}',
    access: permission('audit.export'),
    input: one,
    output: done,
    audit: leavesItsOwn,
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  ...bundleVerificationOperations,
};

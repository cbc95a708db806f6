// Verification of bundles as the console takes part in it: receipts that it signs, and the keys of other consoles that people here know.
// Verifying itself needs none of this: it happens in the window, on the command line, in one HTML file.
import { z } from 'zod';
import { CHECK_TITLES, type CheckId, FINDING_CHECKS, type FindingCode } from '../evidence/verdict.ts';
import { none, operation, permission } from './grammar.ts';
import { done, instant, nothing, uuid } from './values.ts';

/** What a canonical statement can hold: no half characters. */
function words(most: number) {
  return z
    .string()
    .max(most)
    .refine((text) => text.isWellFormed(), 'expected well-formed Unicode');
}
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits');
const count = z.int().min(0);
const most = 50;
const checkIds = Object.keys(CHECK_TITLES) as [CheckId, ...CheckId[]];
const findingCodes = Object.keys(FINDING_CHECKS) as [FindingCode, ...FindingCode[]];

/** What somebody's verifier found in a file, as it says it. */
const checkedFile = {
  file: z.strictObject({ name: words(200), sha256, size: count }),
  verdict: z.enum(['VERIFIED', 'VERIFIED WITH LIMITS', 'NOT VERIFIED', 'CANNOT CHECK']),
  summary: words(4_000),
  checks: z
    .array(
      z.strictObject({
        detail: words(4_000),
        id: z.enum(checkIds),
        state: z.enum(['proven', 'limited', 'failed', 'not_checkable']),
        title: words(100),
      }),
    )
    .max(most),
  findings: z.array(z.strictObject({ code: z.enum(findingCodes), detail: words(4_000), where: words(1_000) })).max(100),
  findings_left_out: count,
  not_proven: z.array(words(1_000)).max(most),
  bundle: z
    .strictObject({
      console: words(1_000),
      content_digest: words(200),
      entries: count,
      exported_at: words(100),
      origin: words(1_000),
      range: z.strictObject({ from: count, to: count }),
      root: sha256,
      signer: words(1_000),
      tree_size: count,
    })
    .nullable()
    .describe('what the bundle says of itself; null where it could not be read'),
  trusted: z
    .strictObject({
      authorities: z.array(sha256).max(most),
      checkpoints: z.array(sha256).max(most),
      keys: z.array(words(1_000)).max(most),
      witnesses: z.array(words(1_000)).max(most),
    })
    .describe('what it was held against'),
  program: words(100).min(1).describe('which verifier, with its version'),
};

const pin = z.strictObject({
  id: uuid,
  verifier_key: z.string(),
  note: z.string(),
  pinned_by: z.string(),
  pinned_at: instant,
});
export type PinnedSigner = z.output<typeof pin>;

export const bundleVerificationOperations = {
  'bundles.receipt': operation({
    summary: 'Have the console sign what your verifier found in a file, with your name and the time',
    method: 'POST',
    path: '/api/v1/audit/receipts',
    access: permission('audit.verify'),
    input: z.strictObject(checkedFile),
    output: z.strictObject({ receipt: z.string().describe('the file, byte for byte') }),
    audit: 'bundle_receipt',
    effect: 'write',
    rate: 'general',
    window: true,
    success: 201,
  }),
  'bundles.pins': operation({
    summary: 'Keys of signers that people here have compared and pinned',
    method: 'GET',
    path: '/api/v1/audit/pins',
    access: permission('audit.verify'),
    input: nothing,
    output: z.strictObject({ items: z.array(pin) }),
    audit: none('public keys'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'bundles.pin': operation({
    summary: "Pin a signer's key for everybody who verifies here; again with another note changes the note",
    method: 'POST',
    path: '/api/v1/audit/pins',
    access: permission('audit.verify'),
    input: z.strictObject({
      verifier_key: words(1_000).min(1),
      note: words(200).optional().describe('whose key it is, and how it was compared'),
    }),
    output: pin,
    audit: 'signer_pin',
    effect: 'write',
    rate: 'general',
    window: true,
    success: 201,
  }),
  'bundles.unpin': operation({
    summary: 'Take a pinned key away',
    method: 'DELETE',
    path: '/api/v1/audit/pins/{id}',
    access: permission('audit.verify'),
    input: z.strictObject({ id: uuid }),
    output: done,
    audit: 'signer_pin',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
};

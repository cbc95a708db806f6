// Rules that are being written and not saved: each person's own, kept at the console so that no closed window, lock or end of a session
// takes them away. They detect nothing.
import { z } from 'zod';
import { none, operation, permission } from './grammar.ts';
import { done, instant } from './values.ts';

const of = z
  .string()
  .regex(
    /^(new|(copy-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/,
    'expected a rule’s id, copy- and a rule’s id, or new',
  )
  .describe('the rule whose text it shall become; copy- and its id for a copy of it; new for another one');

const draft = z.strictObject({
  source: z.string(),
  note: z.string(),
  number: z.int().nullable().describe('the version of the rule that it was begun from'),
  saved_at: instant,
});
export type RuleDraft = z.output<typeof draft>;

const manage = permission('detections.manage');
const path = '/api/v1/admin/rule-drafts/{of}';

export const draftsOperations = {
  'drafts.get': operation({
    summary: 'The text that you were writing for a rule and did not save',
    method: 'GET',
    path,
    access: manage,
    input: z.strictObject({ of }),
    output: z.strictObject({ draft: draft.nullable() }),
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'drafts.save': operation({
    summary: 'Keep a text that is being written; your latest 20 are kept, and nobody else sees them',
    method: 'PUT',
    path,
    access: manage,
    input: z.strictObject({
      of,
      source: z.string().max(1_000_000),
      note: z.string().max(1000).default(''),
      number: z.int().min(1).nullable().default(null).describe('the version of the rule that it was begun from'),
    }),
    output: draft,
    audit: none('detects nothing; the rule that is saved is the entry'),
    effect: 'write',
    rate: 'general',
    window: true,
  }),
  'drafts.discard': operation({
    summary: 'Throw a draft of yours away; that there is none is as good',
    method: 'DELETE',
    path,
    access: manage,
    input: z.strictObject({ of }),
    output: done,
    audit: none('detected nothing'),
    effect: 'write',
    rate: 'general',
    window: true,
  }),
};

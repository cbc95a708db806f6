// Data subjects: what the audit log keeps about one, and erasing one by destroying the key that all of it is sealed under.
import { z } from 'zod';
import { operation, permission } from './grammar.ts';
import { instant } from './values.ts';

const subjectId = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .describe('an address, a customer number: whatever the entries were made with');
const reason = z.string().trim().min(1).max(200);

export const subjectsOperations = {
  'subjects.access': operation({
    summary: 'Which audit entries are about a person',
    method: 'POST',
    path: '/api/v1/admin/subjects/access',
    access: permission('privacy.manage'),
    input: z.strictObject({ subject_id: subjectId, reason }),
    output: z.strictObject({
      subject: z.string().describe("the subject's name in the log: a keyed hash of the id"),
      state: z.enum(['kept', 'erased', 'unknown']),
      entries: z.int(),
      seqs: z.array(z.int()).describe('their numbers, newest first; at most 1,000'),
    }),
    audit: 'access_request',
    effect: 'write',
    rate: 'general',
    window: true,
    stepUp: true,
  }),
  'subjects.erase': operation({
    summary: 'Erase a person: the key that everything about that person is sealed under is destroyed, for good',
    method: 'POST',
    path: '/api/v1/admin/subjects/erase',
    access: permission('privacy.manage'),
    input: z.strictObject({
      subject_id: subjectId,
      reason: reason.describe('stands in the log in the open: do not name the person'),
    }),
    output: z.strictObject({
      erasure_id: z.uuid(),
      status: z.literal('completed'),
      records_deleted: z.int(),
      completed_at: instant,
      audit_reference: z.string(),
    }),
    audit: 'erasure',
    effect: 'write',
    rate: 'login',
    window: true,
    stepUp: true,
  }),
};

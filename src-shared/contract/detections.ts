// Detections: the detectors that are on, with their parameters and their cases.
import { z } from 'zod';
import { none, operation, permission } from './grammar.ts';
import { instant, nothing, severity } from './values.ts';

const detector = z.strictObject({
  id: z.string(),
  name: z.string(),
  title: z.string(),
  description: z.string(),
  severity,
  version: z.string(),
  techniques: z.array(z.string()),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  false_positives: z.array(z.string()),
  references: z.array(z.string()),
  runbook: z.array(z.string()),
  source: z.string().describe('the YAML text of the rule file'),
  alerts_24h: z.int(),
  last_alert_at: instant.nullable(),
});
export type Detector = z.output<typeof detector>;

export const detectionsOperations = {
  'detections.list': operation({
    summary: 'The detectors that are on, and the rules that were refused with the reason',
    method: 'GET',
    path: '/api/v1/admin/detections',
    access: permission('detections.read'),
    input: nothing,
    output: z.strictObject({
      items: z.array(detector),
      next_cursor: z.null(),
      refused: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
    }),
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
};

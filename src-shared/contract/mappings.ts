// What rules mean by a log source on this console's events: a mapping of the workspace's own, which comes before the standard one.
import { z } from 'zod';
import { none, operation, permission } from './grammar.ts';
import { done, instant } from './values.ts';

/** Characters: room for a line for each of some thousand rules. */
export const longestMapping = 900_000;

const entry = z.strictObject({
  product: z.string().nullable(),
  category: z.string().nullable(),
  service: z.string().nullable(),
  alternatives: z.int().describe('ways to be of that log source; an event needs one'),
  fields: z.array(z.string()).describe("rules' fields that have other names in the events"),
});

const says = {
  problem: z
    .strictObject({ message: z.string(), line: z.int().nullable() })
    .nullable()
    .describe('why it can not be used; null where it can'),
  entries: z.array(entry),
  single_rules: z.int().describe('rules named by their ids, each with what it applies to'),
};
const checked = z.strictObject(says);
export type CheckedMapping = z.output<typeof checked>;

const mapping = z.strictObject({
  text: z.string(),
  sha256: z.string(),
  changed_at: instant,
  changed_by: z.string(),
  ...says,
});
export type MappingFull = z.output<typeof mapping>;

const text = z.string().trim().min(1).max(longestMapping).describe('YAML or JSON; docs/rules.md, "Log sources"');
const path = '/api/v1/admin/rules/log-sources';

export const mappingsOperations = {
  'mappings.get': operation({
    summary: "The workspace's own mapping of log sources; null where it has none",
    method: 'GET',
    path,
    access: permission('detections.read'),
    input: z.strictObject({}),
    output: z.strictObject({ mapping: mapping.nullable() }),
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'mappings.check': operation({
    summary: 'What a mapping of log sources says, or what is wrong with it; changes nothing',
    method: 'POST',
    path: `${path}/check`,
    access: permission('detections.read'),
    input: z.strictObject({ text }),
    output: checked,
    audit: none('changes nothing'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'mappings.set': operation({
    summary: 'Set the mapping of log sources; all rules are compiled with it',
    method: 'PUT',
    path,
    access: permission('detections.manage'),
    input: z.strictObject({ text, note: z.string().trim().min(1).max(500).optional() }),
    output: mapping,
    audit: 'log_source_mapping_change',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
  'mappings.remove': operation({
    summary: 'Go back to the standard log sources alone',
    method: 'DELETE',
    path,
    access: permission('detections.manage'),
    input: z.strictObject({}),
    output: done,
    audit: 'log_source_mapping_change',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
};

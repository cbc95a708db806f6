// Frameworks: catalogues of controls, and which entries of the audit log are evidence for each. What is exported by them is bundles.ts.
import { z } from 'zod';
import { none, operation, permission } from './grammar.ts';
import { queryText } from './values.ts';

const eventTypes = z.array(z.string()).describe('types of audit entries that are evidence for it');

const control = z.strictObject({
  ref: z.string().describe('the official number'),
  title: z.string(),
  evidence: z.array(z.string()).describe('kinds of evidence'),
  event_types: eventTypes,
  no_evidence: z.string().nullable().describe('why nothing in the log bears on it, and what to do instead'),
});

const section = z.strictObject({
  ref: z.string(),
  title: z.string(),
  event_types: eventTypes,
  controls: z.array(control),
});

const framework = z.strictObject({
  id: z.string(),
  title: z.string(),
  edition: z.string(),
  unit: z.string().nullable().describe('what a number is called, such as Article'),
  event_types: eventTypes,
  sections: z.array(section),
});
export type FrameworkListed = z.output<typeof framework>;

/** Conditions that stand for types of entries. */
export const frameworkFilters = {
  framework: queryText.optional().describe('only entries that are evidence for it, such as soc2; frameworks.list'),
  control: queryText.optional().describe('only for this control or section, such as CC6.1; needs framework'),
};

export const frameworksOperations = {
  'frameworks.list': operation({
    summary: 'Frameworks with their controls, and the types of audit entries that are evidence for each',
    method: 'GET',
    path: '/api/v1/audit/frameworks',
    access: permission('audit.read'),
    input: z.strictObject({ framework: queryText.optional().describe('only this one, such as soc2') }),
    output: z.strictObject({
      catalogue_version: z.int(),
      frameworks: z.array(framework),
      evidence: z.array(z.strictObject({ id: z.string(), title: z.string(), event_types: z.array(z.string()) })),
    }),
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
};

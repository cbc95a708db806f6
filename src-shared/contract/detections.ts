// Detections: the detectors of a workspace, what they cover, and what changed ones would have found in the events that are stored.
import { z } from 'zod';
import { verdict } from './alerts.ts';
import { none, operation, permission } from './grammar.ts';
import { exceptionInput, parameterValues, ruleState, ruleText, suppressionInput } from './rules.ts';
import { done, instant, instantIn, nothing, severity, uuid } from './values.ts';

const detector = z.strictObject({
  id: z.string(),
  /** The file it stands in; a file may hold several detectors. */
  rule: uuid,
  pack: z.string(),
  name: z.string(),
  title: z.string(),
  severity,
  state: ruleState,
  techniques: z.array(z.string()),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  alerts_24h: z.int(),
  /** What it would have raised in 24 h while simulated. */
  simulated_24h: z.int(),
  last_alert_at: instant.nullable(),
});
export type Detector = z.output<typeof detector>;

const period = {
  since: instantIn.optional().describe('30 days ago unless said'),
  until: instantIn.optional(),
  most_events: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('stops there, the newest first kept; 200,000 unless said'),
};
const task = uuid.optional().describe('a new id of your own, to ask for the progress by and to cancel');
const lookProgress = z.strictObject({
  phase: z.enum(['compiling', 'counting', 'running', 'comparing']),
  /** Events, while comparing alerts; a total of 0 is not known yet. */
  done: z.int(),
  total: z.int(),
});
export type LookProgress = z.output<typeof lookProgress>;
const examined = {
  events: z.int(),
  since: instant,
  until: instant,
  /** There were more events than looked at. */
  truncated: z.boolean(),
};
const wouldBe = z.strictObject({
  detector: z.string(),
  title: z.string(),
  sentence: z.string(),
  severity,
  count: z.int(),
  first_at: instant,
  last_at: instant,
  events: z.array(z.string()).describe('ids of the first ten'),
});
export type WouldBeAlert = z.output<typeof wouldBe>;
const shownAlert = z.strictObject({ id: uuid, number: z.int(), title: z.string(), verdict: verdict.nullable() });

const whatIf = z.strictObject({
  ...examined,
  /** Alerts that the rules as they are would raise over the period, and as they would be. */
  before: z.int(),
  after: z.int(),
  /** Stored alerts of the period that would not have been raised. */
  hidden: z.array(shownAlert),
  hidden_true_positives: z.int(),
  /** Would-be alerts that share no event with one of before. */
  added: z.array(wouldBe),
});
export type WhatIf = z.output<typeof whatIf>;

const replay = z.strictObject({
  outcome: z.enum(['same', 'different', 'incomplete']),
  detector_version: z.string(),
  events: z.int(),
  /** Events that are not as they were when the alert was raised. */
  changed: z.array(z.string()),
  /** What the replay needs and the store does not have. */
  missing: z.array(z.string()),
  differences: z.array(z.strictObject({ what: z.string(), stored: z.string(), replayed: z.string() })),
});
export type Replay = z.output<typeof replay>;

const coverage = z.strictObject({
  technique: z.string(),
  on: z.int(),
  simulated: z.int(),
  off: z.int(),
  alerts_30d: z.int(),
});
export type Coverage = z.output<typeof coverage>;

const manage = permission('detections.manage');

export const detectionsOperations = {
  'detections.list': operation({
    summary: 'The detectors with their states, and the rules that were refused with the reason',
    method: 'GET',
    path: '/api/v1/admin/detections',
    access: permission('detections.read'),
    input: nothing,
    output: z.strictObject({
      items: z.array(detector),
      next_cursor: z.null(),
      refused: z.array(z.strictObject({ rule: uuid, name: z.string(), reason: z.string() })),
      /** Changed rules are being compiled; until that is done the ones of before run. */
      compiling: z.boolean(),
    }),
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'detections.coverage': operation({
    summary: 'ATT&CK techniques with how many detectors look for each, and how often they raised in 30 days',
    method: 'GET',
    path: '/api/v1/admin/detections/coverage',
    access: permission('detections.read'),
    input: nothing,
    output: z.strictObject({ items: z.array(coverage), next_cursor: z.null() }),
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'detections.dry_run': operation({
    summary: 'Run a rule over stored events without raising anything',
    method: 'POST',
    path: '/api/v1/admin/detections/dry-run',
    access: manage,
    input: z.strictObject({
      source: ruleText,
      rule: uuid.optional().describe('the rule that it would replace'),
      parameters: parameterValues.optional(),
      task,
      ...period,
    }),
    output: z.strictObject({
      ...examined,
      matched: z.int().describe('events that take part'),
      alerts: z.int(),
      shown: z.array(wouldBe).describe('the first 100'),
    }),
    audit: none('changes nothing'),
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'detections.what_if': operation({
    summary:
      'What a changed rule, limit or suppression or a new exception would have made of the stored events and alerts',
    method: 'POST',
    path: '/api/v1/admin/detections/what-if',
    access: manage,
    input: z.strictObject({
      rule: uuid.nullable().describe('null with an exception for all rules'),
      source: ruleText.optional(),
      parameters: parameterValues.nullable().optional(),
      exception: exceptionInput.shape.conditions.optional(),
      suppression: suppressionInput.nullable().optional().describe('null: none; as it is unless given'),
      without_exception: uuid.optional().describe('an exception that would not be there: what it keeps away is added'),
      task,
      ...period,
    }),
    output: whatIf,
    audit: none('changes nothing'),
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'detections.look': operation({
    summary: 'How far a dry run or what-if is, by the task that it was begun with',
    method: 'GET',
    path: '/api/v1/admin/detections/looks/{task}',
    access: manage,
    input: z.strictObject({ task: uuid }),
    output: lookProgress,
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'detections.cancel_look': operation({
    summary: 'End a dry run or what-if that is under way; who waits for it is told so',
    method: 'DELETE',
    path: '/api/v1/admin/detections/looks/{task}',
    access: manage,
    input: z.strictObject({ task: uuid }),
    output: done,
    audit: none('changes nothing'),
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'detections.replay': operation({
    summary: 'Compute an alert anew from its stored events, with the version of the rule that raised it',
    method: 'POST',
    path: '/api/v1/admin/security/alerts/{id}/replay',
    access: permission('alerts.read'),
    input: z.strictObject({ id: uuid }),
    output: replay,
    audit: none('changes nothing'),
    effect: 'task',
    rate: 'general',
    window: true,
  }),
};

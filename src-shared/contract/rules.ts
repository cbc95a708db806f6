// Rules: the detection rules that a workspace runs, with versions, states, limits and exceptions. The packs they come in are in
// rule-packs.ts.
import { z } from 'zod';
import { none, operation, permission } from './grammar.ts';
import { done, instant, instantIn, nothing, severity, uuid } from './values.ts';

/** `switched_off`: by the console, because it took more work than a rule may. */
export const ruleState = z.enum(['on', 'simulated', 'off', 'refused', 'switched_off']);
export type RuleState = z.infer<typeof ruleState>;
/** What people choose; a simulated rule raises nothing and counts what it would have raised. */
export const chosenState = z.enum(['on', 'simulated', 'off']);
export type ChosenState = z.infer<typeof chosenState>;

/** A rule file is at most 1 MiB; what is sent as JSON has to fit a request with room to spare. */
export const ruleText = z.string().min(1).max(400_000);
const parameterValue = z.union([z.string().max(200), z.number(), z.boolean()]);
export const parameterValues = z.record(z.string().max(61), parameterValue);
const note = z.string().trim().min(1).max(1000);
export const exceptionInput = z.strictObject({
  rule: uuid.nullable().describe('the rule it is for; null for all of them'),
  conditions: z
    .array(z.strictObject({ field: z.string().min(1).max(200), value: z.string().max(1000) }))
    .min(1)
    .max(8)
    .describe('all must hold; values compare without case, * and ? are wildcards'),
  reason: note,
  expires_at: instantIn
    .nullable()
    .optional()
    .describe('30 days from now unless said, at most a year; null for never, which needs exceptions.permanent'),
});
const owner = z.string().trim().min(1).max(200).describe('who answers for it');
const exception = z.strictObject({
  ...exceptionInput.shape,
  id: uuid,
  reason: z.string(),
  owner: z.string(),
  created_at: instant,
  /** null: never. */
  expires_at: instant.nullable(),
  expired: z.boolean(),
  /** Matches that it kept from a rule. */
  hits: z.int(),
  alerts: z.int().describe('alerts that it kept away, at least: those that would have come of the kept matches alone'),
  last_hit_at: instant.nullable(),
});
export type RuleException = z.output<typeof exception>;

export const longestSuppressionMinutes = 10_080;
export const suppressionInput = z.strictObject({
  fields: z
    .array(z.string().trim().min(1).max(200))
    .min(1)
    .max(3)
    .describe('alerts with the same values in all of these are one group; of a correlation, fields that it groups by'),
  minutes: z
    .int()
    .min(1)
    .max(longestSuppressionMinutes)
    .describe('from an alert on, others of its group are not raised; they do not lengthen it'),
  missing: z
    .enum(['as_null', 'not_suppressed'])
    .describe('of an alert without one of the fields: as a group of its own, or always raised'),
});
export type RuleSuppression = z.output<typeof suppressionInput>;

const problem = z.strictObject({
  kind: z.enum(['error', 'note']),
  message: z.string(),
  line: z.int().nullable(),
  column: z.int().nullable(),
});
const caseResult = z.strictObject({
  detector: z.string(),
  name: z.string(),
  expected: z.enum(['match', 'no match']),
  passed: z.boolean(),
  /** What came out otherwise. */
  detail: z.string().nullable(),
});

const parameter = z.strictObject({
  name: z.string(),
  label: z.string(),
  setting: z.string(),
  value: parameterValue,
  default: parameterValue,
  minimum: z.number().nullable(),
  maximum: z.number().nullable(),
  /** Set for this rule alone, whatever the settings say. */
  overridden: z.boolean(),
});

const detectorFull = z.strictObject({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  severity,
  version: z.string(),
  techniques: z.array(z.string()),
  false_positives: z.array(z.string()),
  references: z.array(z.string()),
  runbook: z.array(z.string()),
  cases: z.int(),
});

const ruleFull = z.strictObject({
  id: uuid,
  pack: z.string(),
  path: z.string(),
  title: z.string(),
  /** Rules of packs are read as they came; copy one to change it. */
  editable: z.boolean(),
  state: ruleState,
  /** Why it is refused or switched off. */
  reason: z.string().nullable(),
  own_severity: severity.nullable(),
  severity_override: severity.nullable(),
  parameters: z.array(parameter),
  suppression: suppressionInput.nullable(),
  source: z.string(),
  number: z.int().describe('of the version that runs'),
  revision: z.int(),
  notes: z.array(z.string()),
  detectors: z.array(detectorFull),
  versions: z.array(
    z.strictObject({ number: z.int(), sha256: z.string(), at: instant, by: z.string(), note: z.string().nullable() }),
  ),
  exceptions: z.array(exception),
  simulated: z.strictObject({
    total: z.int(),
    since: instant.nullable(),
    latest: z.array(
      z.strictObject({
        title: z.string(),
        sentence: z.string(),
        severity,
        count: z.int(),
        at: instant,
        last_at: instant,
      }),
    ),
  }),
});
export type RuleFull = z.output<typeof ruleFull>;

const read = permission('detections.read');
const manage = permission('detections.manage');
const base = '/api/v1/admin/rules';

export const rulesOperations = {
  'rules.get': operation({
    summary: 'One rule: its text, state, limits, versions, exceptions and what it would have raised',
    method: 'GET',
    path: `${base}/{id}`,
    access: read,
    input: z.strictObject({ id: uuid }),
    output: ruleFull,
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'rules.version': operation({
    summary: 'The text of an earlier version of a rule',
    method: 'GET',
    path: `${base}/{id}/versions/{number}`,
    access: read,
    input: z.strictObject({ id: uuid, number: z.int().min(1) }),
    output: z.strictObject({ number: z.int(), source: z.string() }),
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'rules.validate': operation({
    summary: 'What is wrong with a rule, with line and column, and what it would be',
    method: 'POST',
    path: `${base}/validate`,
    access: read,
    input: z.strictObject({ source: ruleText, rule: uuid.optional().describe('the rule that it would replace') }),
    output: z.strictObject({
      valid: z.boolean(),
      problems: z.array(problem),
      detectors: z.array(
        z.strictObject({
          id: z.string(),
          title: z.string(),
          severity,
          techniques: z.array(z.string()),
          cases: z.int(),
        }),
      ),
    }),
    audit: none('changes nothing'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'rules.test': operation({
    summary: 'Run the cases that stand in a rule',
    method: 'POST',
    path: `${base}/test`,
    access: read,
    input: z.strictObject({ source: ruleText, rule: uuid.optional().describe('the rule that it would replace') }),
    output: z.strictObject({ passed: z.int(), failed: z.int(), results: z.array(caseResult) }),
    audit: none('changes nothing'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'rules.create': operation({
    summary: 'Add a rule of the workspace’s own',
    method: 'POST',
    path: base,
    access: manage,
    input: z.strictObject({ source: ruleText, state: chosenState.optional(), note: note.optional() }),
    output: ruleFull,
    audit: 'rule_create',
    effect: 'write',
    rate: 'general',
    window: true,
    success: 201,
  }),
  'rules.update': operation({
    summary:
      'Change a rule: its text (of own rules), state, severity, parameters or suppression; what is not given stays',
    method: 'PATCH',
    path: `${base}/{id}`,
    access: manage,
    input: z.strictObject({
      id: uuid,
      revision: z.int().optional().describe('refused when the rule was changed since'),
      source: ruleText.optional(),
      state: chosenState.nullable().optional().describe('null: as its pack'),
      severity: severity.nullable().optional().describe('null: as the rule says'),
      parameters: parameterValues.nullable().optional().describe('of this rule alone; null: as the settings say'),
      suppression: suppressionInput.nullable().optional().describe('null: every alert is raised'),
      note: note.optional(),
    }),
    output: ruleFull,
    audit: 'rule_update',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
  'rules.delete': operation({
    summary: 'Delete a rule of the workspace’s own; alerts that it raised keep what they need to be replayed',
    method: 'DELETE',
    path: `${base}/{id}`,
    access: manage,
    input: z.strictObject({ id: uuid }),
    output: done,
    audit: 'rule_delete',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
  'exceptions.list': operation({
    summary: 'Exceptions: what rules do not alert on, why, and until when',
    method: 'GET',
    path: '/api/v1/admin/rule-exceptions',
    access: read,
    input: nothing,
    output: z.strictObject({ items: z.array(exception), next_cursor: z.null() }),
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'exceptions.create': operation({
    summary: 'Except events from a rule, or from all, for a reason and a time',
    method: 'POST',
    path: '/api/v1/admin/rule-exceptions',
    access: manage,
    input: exceptionInput,
    output: exception,
    audit: 'rule_exception_create',
    effect: 'write',
    rate: 'general',
    window: true,
    success: 201,
  }),
  'exceptions.extend': operation({
    summary: 'Give an exception another end, at most a year from now, and say why it is still needed',
    method: 'PATCH',
    path: '/api/v1/admin/rule-exceptions/{id}',
    access: manage,
    input: z.strictObject({
      id: uuid,
      expires_at: instantIn
        .nullable()
        .describe('at most a year from now; null for never, which needs exceptions.permanent'),
      reason: note.optional(),
    }),
    output: exception,
    audit: 'rule_exception_extend',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
  'exceptions.transfer': operation({
    summary: 'Give an exception to another owner, who is asked whether it is still needed',
    method: 'PUT',
    path: '/api/v1/admin/rule-exceptions/{id}/owner',
    access: manage,
    input: z.strictObject({ id: uuid, owner }),
    output: exception,
    audit: 'rule_exception_transfer',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
  'exceptions.delete': operation({
    summary: 'End an exception',
    method: 'DELETE',
    path: '/api/v1/admin/rule-exceptions/{id}',
    access: manage,
    input: z.strictObject({ id: uuid }),
    output: done,
    audit: 'rule_exception_delete',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
};

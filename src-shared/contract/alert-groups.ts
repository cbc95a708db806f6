// Alerts by what they have in common: the groups of the queue, and triage of all that one holds.
import { z } from 'zod';
import { groupFields, mostMatching } from '../alert-words.ts';
import { alertFilters, alertStatus, alertsBase, note, resetSuppression, verdict } from './alerts.ts';
import { none, operation, permission } from './grammar.ts';
import { instant, page, pageInput, severity, uuid } from './values.ts';

const alertGroup = z.strictObject({
  key: z.string().describe('what `within` calls it'),
  value: z.string().nullable().describe('what its alerts have in common; null: that they have none'),
  name: z.string().nullable().describe('what people call it: of a detector its title'),
  count: z.int(),
  severities: z.record(severity, z.int()),
  statuses: z.record(alertStatus, z.int()),
  risk: z.int().describe('the highest'),
  users: z.int().describe('different ones'),
  ips: z.int().describe('different addresses'),
  first_seen_at: instant,
  last_seen_at: instant,
  due_at: instant.nullable().describe('the first of its alerts’ clocks to run out; null when all are closed'),
  clock_from_at: instant.nullable().describe('when that clock began'),
});
export type AlertGroup = z.output<typeof alertGroup>;

/** What can still be changed has no verdict yet. */
const { verdict: _, ...openFilters } = alertFilters;
const expected = z
  .int()
  .min(1)
  .max(mostMatching)
  .describe('how many alerts that is, as they were shown; with another number nothing is changed');
const changedMatching = z.strictObject({
  changed: z.int(),
  refused: z.array(z.strictObject({ id: uuid, reason: z.string() })),
  /** Each takes back its part. */
  change_ids: z.array(uuid),
});

export const alertGroupsOperations = {
  'alerts.groups': operation({
    summary:
      'Alerts by what they have in common, the worst group first; open and acknowledged ones unless a status is given',
    method: 'GET',
    path: `${alertsBase}/groups`,
    access: permission('alerts.read'),
    input: z.strictObject({ ...pageInput, ...alertFilters, by: z.enum(groupFields) }),
    output: z.strictObject({
      ...page(alertGroup).shape,
      groups: z.int().describe('how many there are'),
      matching: z.int().describe('alerts in them'),
      memberships: z.int().describe('sum of their counts: an alert with two users is in two groups'),
      as_of: instant.describe(
        'later alerts are not in it; as raised_until it keeps further answers to the same alerts',
      ),
    }),
    audit: none('an ordinary read'),
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'alerts.acknowledge_matching': operation({
    summary: 'Acknowledge all alerts that the filters find, if they are as many as expected',
    method: 'POST',
    path: `${alertsBase}/acknowledge-matching`,
    access: permission('alerts.triage'),
    input: z.strictObject({ ...openFilters, expected, note: note.optional() }),
    output: changedMatching,
    audit: 'alert_acknowledged',
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'alerts.close_matching': operation({
    summary: 'Close all alerts that the filters find with one verdict and note, if they are as many as expected',
    method: 'POST',
    path: `${alertsBase}/close-matching`,
    access: permission('alerts.triage'),
    input: z.strictObject({
      ...openFilters,
      expected,
      verdict,
      note: note.optional(),
      reset_suppression: resetSuppression,
    }),
    output: changedMatching,
    audit: 'alert_closed',
    effect: 'task',
    rate: 'general',
    window: true,
  }),
};

// How each person sees the queue's views: which columns, in which order, how dense; and the view that was used last. Each person's own.
import { z } from 'zod';
import { alertColumns, alertDensities, alertSorts, alertViews } from '../alert-words.ts';
import { alertsBase } from './alerts.ts';
import { none, operation, permission } from './grammar.ts';
import { done } from './values.ts';

const view = z.enum(alertViews).describe('a built-in view; filtered: any other query');

const layout = {
  columns: z
    .array(z.enum(alertColumns))
    .min(1)
    .max(alertColumns.length)
    .refine((columns) => new Set(columns).size === columns.length, 'names a column twice')
    .refine((columns) => columns.includes('title'), 'needs the column title')
    .describe('from left to right'),
  sort: z.enum(alertSorts),
  density: z.enum(alertDensities).nullable().describe('null: as everywhere else'),
};
const alertLayout = z.strictObject({ view, ...layout });
export type AlertLayout = z.output<typeof alertLayout>;

const read = permission('alerts.read');
const base = `${alertsBase.replace(/alerts$/, 'alert-views')}`;
const whyNone = 'how a person sees a list says nothing about the alerts';

export const alertViewsOperations = {
  'alert_views.list': operation({
    summary: 'How you see the views of the queue, where that is not as usual, and the view you used last',
    method: 'GET',
    path: base,
    access: read,
    input: z.strictObject({}),
    output: z.strictObject({ layouts: z.array(alertLayout), last_view: view.nullable() }),
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'alert_views.use': operation({
    summary: 'Remember the view you use, to begin with it next time',
    method: 'POST',
    path: `${base}/{view}/use`,
    access: read,
    input: z.strictObject({ view }),
    output: done,
    audit: none(whyNone),
    effect: 'write',
    rate: 'general',
    window: true,
  }),
  'alert_views.arrange': operation({
    summary: 'Columns, order and density of a view, for you alone',
    method: 'PUT',
    path: `${base}/{view}/layout`,
    access: read,
    input: alertLayout,
    output: alertLayout,
    audit: none(whyNone),
    effect: 'write',
    rate: 'general',
    window: true,
  }),
  'alert_views.reset': operation({
    summary: 'A view as it usually is; that it is so already is as good',
    method: 'DELETE',
    path: `${base}/{view}/layout`,
    access: read,
    input: z.strictObject({ view }),
    output: done,
    audit: none(whyNone),
    effect: 'write',
    rate: 'general',
    window: true,
  }),
};

// Search: events by the search language, at a glance and page by page, in the formats of other tools; and searches that are kept.
import { z } from 'zod';
import { longestQuery } from '../event-query.ts';
import { eventOut } from './events.ts';
import { none, operation, permission } from './grammar.ts';
import { done, instant, instantIn, page, pageInput, queryText, uuid } from './values.ts';

/** What events and alerts are written as for other tools. Docs: docs/events.md. */
export const outputFormat = z.enum(['jsonl', 'csv', 'ocsf-1.1.0', 'ocsf-1.8.0', 'ecs', 'cef', 'rfc5424']);
export type OutputFormat = z.infer<typeof outputFormat>;

const filters = {
  q: z
    .string()
    .max(longestQuery)
    .optional()
    .describe('in the search language: event_type:login -success:true since:24h'),
  event_type: queryText.optional(),
  source: queryText.optional(),
  actor: queryText.optional(),
  ip_address: queryText.optional(),
  success: z.boolean().optional(),
  since: instantIn.optional(),
  until: instantIn.optional(),
  text: queryText.optional().describe('words that occur anywhere in the event, taken as they are'),
};
export type SearchFilters = z.output<z.ZodObject<typeof filters>>;

const saved = z.strictObject({
  id: uuid,
  name: z.string(),
  query: z.string(),
  shared: z.boolean(),
  owner: z.string(),
  mine: z.boolean(),
  changed_at: instant,
});
export type SavedSearch = z.output<typeof saved>;

const savedFields = {
  name: z.string().trim().min(1).max(80),
  query: z.string().trim().min(1).max(longestQuery),
  shared: z.boolean().describe('everybody in the workspace who may read events sees it; only its owner changes it'),
};

const unfinished = z
  .boolean()
  .describe('much was looked at for few matches: the page is short, and the next one goes on with the search');
const unindexed = z.int().describe('events from before the index was there that words and fields do not find yet');

export const searchOperations = {
  'events.list': operation({
    summary: 'Search events, newest first',
    method: 'GET',
    path: '/api/v1/events',
    access: permission('events.read'),
    input: z.strictObject({ ...pageInput, ...filters }),
    output: page(eventOut).extend({ is_unfinished: unfinished, unindexed }),
    audit: none('an ordinary read'),
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'events.summary': operation({
    summary:
      'What a search finds at a glance: how many events in each span of time, and the most frequent values of the latest',
    method: 'GET',
    path: '/api/v1/events/summary',
    access: permission('events.read'),
    input: z.strictObject({
      ...filters,
      bars: z.int().min(1).max(120).optional().describe('at most so many; 48 unless said'),
    }),
    output: z.strictObject({
      bars: z.array(z.strictObject({ at: instant, count: z.int(), failures: z.int() })),
      bar_seconds: z.int(),
      total: z.int(),
      is_exact: z
        .boolean()
        .describe('false: what the index can not tell apart is counted too, so the counts may be too high'),
      facets: z.array(
        z.strictObject({ field: z.string(), values: z.array(z.strictObject({ value: z.string(), count: z.int() })) }),
      ),
      facets_of: z.int().describe('the latest events that the facets were counted in'),
      unindexed,
    }),
    audit: none('an ordinary read'),
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'events.export': operation({
    summary: 'Search events and answer them as lines for other tools, newest first',
    method: 'GET',
    path: '/api/v1/events/export',
    access: permission('events.read'),
    input: z.strictObject({
      ...filters,
      format: outputFormat,
      cursor: pageInput.cursor,
      limit: z.int().min(1).max(5_000).optional().describe('lines a page, 1000 unless said'),
    }),
    output: z.strictObject({
      format: outputFormat,
      header: z.string().nullable().describe('what stands before the first line of a file: the column names of CSV'),
      lines: z.array(z.string()).describe('one event each, without line ends'),
      next_cursor: z.string().nullable(),
      is_unfinished: unfinished,
      unindexed,
    }),
    audit: 'events_export',
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'searches.list': operation({
    summary: 'Saved searches: your own and those shared in the workspace',
    method: 'GET',
    path: '/api/v1/events/searches',
    access: permission('events.read'),
    input: z.strictObject({}),
    output: z.strictObject({ items: z.array(saved) }),
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'searches.save': operation({
    summary: 'Save a search under a name; one of your own with that name is replaced',
    method: 'POST',
    path: '/api/v1/events/searches',
    access: permission('events.read'),
    input: z.strictObject(savedFields),
    output: saved,
    audit: 'search_saved',
    effect: 'write',
    rate: 'general',
    window: true,
    success: 201,
  }),
  'searches.delete': operation({
    summary: 'Delete a saved search of your own',
    method: 'DELETE',
    path: '/api/v1/events/searches/{id}',
    access: permission('events.read'),
    input: z.strictObject({ id: uuid }),
    output: done,
    audit: 'search_deleted',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
};

// What a search found, at a glance: how many events in each span of time, and which values stand most often in the latest of them.
import type { Output } from '../../../../src-shared/contract/contract.ts';
import type { EventQuery } from '../../../../src-shared/event-query.ts';
import { instant } from '../../../base/instants.ts';
import type { ReadTx } from '../../store/store.ts';
import { countBetween, edgesOf, type StoredEvent } from '../events/index.ts';
import { countPlaces, findEdge, readIndex, secondOf } from './index-table.ts';
import type { IndexQuestion } from './index-terms.ts';
import { questionIn, type Searching, secondsOf, walk } from './search.ts';

const facetFields = ['event_type', 'source', 'actor', 'ip_address', 'action', 'success', 'format'] as const;
const facetEvents = 1_000;
const facetValues = 8;
const facetMs = 500;
/** Spans that people read easily, in seconds. */
const steps = [
  1, 5, 15, 30, 60, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000, 31_536_000, 315_360_000,
];

export type Summary = Output<'events.summary'>;

export async function summarise(searching: Searching, query: EventQuery, mostBars: number): Promise<Summary> {
  const { store, workspace, host } = searching;
  const read = <T>(run: (tx: ReadTx) => T): T => store.read(workspace, run);
  const question = await questionIn(searching, query);
  const failures: IndexQuestion = { ...question, wanted: [...question.wanted, '"success=false"'] };
  const plain = query.terms.length === 0;
  const range = read((tx) => rangeOf(tx, query, question));
  const bars: Summary['bars'] = [];
  let step = steps[0] ?? 1;
  if (range !== undefined) {
    step = steps.find((one) => Math.floor(range.to / one) - Math.floor(range.from / one) < mostBars) ?? step;
    for (let at = Math.floor(range.from / step) * step; at <= range.to; at += step) {
      // The edges of the range lie within the outer bars.
      const from = Math.max(at, range.from);
      const to = { second: Math.min(at + step, range.to + 1), seq: 0 };
      bars.push(
        read((tx) => ({
          at: instant(at * 1000),
          count: plain
            ? countBetween(
                tx,
                Math.max(msOf(from), query.since ?? Number.MIN_SAFE_INTEGER),
                Math.min(msOf(to.second) - 1, query.until ?? Number.MAX_SAFE_INTEGER),
              )
            : countPlaces(tx, question, { from, to }),
          failures: countPlaces(tx, failures, { from, to }),
        })),
      );
      await host.timers.breathe();
    }
  }
  const latest = await latestOf(searching, query);
  return {
    bars,
    bar_seconds: step,
    total: bars.reduce((sum, { count }) => sum + count, 0),
    is_exact: plain || question.isExact,
    facets: facetsOf(latest),
    facets_of: latest.length,
    unindexed: read((tx) => readIndex(tx).low - 1) + searching.missing,
  };
}

/** When a second begins; the outermost hold all that is beyond them. */
function msOf(second: number): number {
  if (second <= secondOf(Number.MIN_SAFE_INTEGER)) return Number.MIN_SAFE_INTEGER;
  return second > secondOf(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : second * 1000;
}

/** The seconds between which events can be. */
function rangeOf(
  tx: ReadTx,
  query: EventQuery,
  question: IndexQuestion,
): { readonly from: number; readonly to: number } | undefined {
  const asked = secondsOf(query);
  if (query.terms.length === 0) {
    const edges = edgesOf(tx);
    if (edges === undefined) return undefined;
    return within(asked, query, secondOf(edges.first), secondOf(edges.last));
  }
  const all = { from: asked.from, to: { second: asked.to + 1, seq: 0 } };
  const first = findEdge(tx, question, all, 'first');
  const last = findEdge(tx, question, all, 'last');
  return first === undefined || last === undefined ? undefined : within(asked, query, first, last);
}

/** What the caller asked for is shown as a whole, empty spans included; an open end reaches as far as there are events. */
function within(
  asked: { readonly from: number; readonly to: number },
  { since, until }: EventQuery,
  first: number,
  last: number,
): { from: number; to: number } | undefined {
  const from = since === undefined ? first : asked.from;
  const to = until === undefined ? last : asked.to;
  return from > to ? undefined : { from, to };
}

async function latestOf(searching: Searching, query: EventQuery): Promise<StoredEvent[]> {
  const started = searching.host.clock.now();
  const latest: StoredEvent[] = [];
  for await (const { events } of walk(searching, query, undefined, facetEvents)) {
    latest.push(...events);
    if (latest.length >= facetEvents || searching.host.clock.now() - started > facetMs) break;
  }
  return latest.slice(0, facetEvents);
}

function facetsOf(events: readonly StoredEvent[]): Summary['facets'] {
  const counts = new Map<string, Map<string, number>>(facetFields.map((field) => [field, new Map()]));
  for (const event of events) {
    const record = { ...(JSON.parse(event.record) as Record<string, unknown>), format: event.format };
    for (const [field, values] of counts) {
      const value = record[field as keyof typeof record];
      if (value !== undefined) values.set(String(value), (values.get(String(value)) ?? 0) + 1);
    }
  }
  return [...counts].flatMap(([field, values]) => {
    const most = [...values].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, facetValues);
    return most.length === 0 ? [] : [{ field, values: most.map(([value, count]) => ({ value, count })) }];
  });
}

// Finding events, newest first: the index says where to look, the query's matcher decides. In slices, so that a search over millions of
// events holds up nothing, and with an end to the work of one call: whoever asks goes on from where it stopped.
import type { EventQuery } from '../../../../src-shared/event-query.ts';
import type { Host } from '../../ports.ts';
import type { ReadTx, Store } from '../../store/store.ts';
import { type EventKey, eventsById, eventsNewest, eventsOf, keysOf, type StoredEvent } from '../events/index.ts';
import { findPlaces, type Place, readIndex, secondOf } from './index-table.ts';
import { beginsIn, type IndexQuestion, questionOf } from './index-terms.ts';
import { createMatcher, type Matcher } from './match.ts';
import { findTermsBeginning } from './vocabulary.ts';

/** Where a walk stands: everything that is not before it was looked at. */
export type Passed = EventKey;

export type Found = {
  readonly events: readonly StoredEvent[];
  /** null: nothing is left. */
  readonly passed: Passed | null;
};

export type Page = {
  readonly events: readonly StoredEvent[];
  /** Where the next page begins; null on the last one. */
  readonly next: Passed | null;
  /** The work of one call was used up before the page was full. */
  readonly isUnfinished: boolean;
};

export type Searching = {
  readonly store: Store;
  readonly host: Pick<Host, 'clock' | 'timers'>;
  readonly workspace: string;
  /** The latest events, which the index lacks for now. */
  readonly missing: number;
};

const placesAtOnce = 256;
const recordsAtOnce = 64;
/** A second of which so many events are filed is gathered in several reads. */
const gatheredAtOnce = 20_000;
const workMs = 800;

/** At most `limit` events beyond `beyond`. */
export async function findPage(
  searching: Searching,
  query: EventQuery,
  { limit, beyond }: { limit: number; beyond: Passed | undefined },
): Promise<Page> {
  const started = searching.host.clock.now();
  const events: StoredEvent[] = [];
  for await (const found of walk(searching, query, beyond, limit + 1)) {
    events.push(...found.events);
    if (events.length > limit) {
      const page = events.slice(0, limit);
      return { events: page, next: page.at(-1) ?? null, isUnfinished: false };
    }
    if (found.passed === null) break;
    if (searching.host.clock.now() - started > workMs) return { events, next: found.passed, isUnfinished: true };
  }
  return { events, next: null, isUnfinished: false };
}

/** All matching events, latest first, beyond `beyond`; `passed` says how far the walk is. */
export async function* walk(
  searching: Searching,
  query: EventQuery,
  beyond: Passed | undefined,
  expected: number,
): AsyncGenerator<Found> {
  const matches = createMatcher(query);
  const ids = idsOf(query);
  if (ids !== undefined) {
    const events = read(searching, (tx) => eventsById(tx, ids)).filter(
      (event) => isWithin(event, query, beyond) && fits(event, matches),
    );
    yield { events: events.sort(latestFirst), passed: null };
  } else if (query.terms.length === 0) yield* walkByTime(searching, query, beyond, expected);
  else yield* walkIndex(searching, query, beyond, matches);
}

async function* walkByTime(
  searching: Searching,
  query: EventQuery,
  beyond: Passed | undefined,
  expected: number,
): AsyncGenerator<Found> {
  const limit = Math.min(expected, 1_000);
  let from = beyond;
  for (;;) {
    const events = read(searching, (tx) => eventsNewest(tx, { since: query.since, until: query.until }, from, limit));
    from = events.at(-1);
    if (events.length < limit || from === undefined) {
      yield { events, passed: null };
      return;
    }
    yield { events, passed: from };
    await searching.host.timers.breathe();
  }
}

/** Every event, for what the index can't tell. */
async function* walkEvents(
  searching: Searching,
  query: EventQuery,
  beyond: Passed | undefined,
  matches: Matcher,
): AsyncGenerator<Found> {
  for await (const { events, passed } of walkByTime(searching, query, beyond, recordsAtOnce))
    yield { events: events.filter((event) => fits(event, matches)), passed };
}

async function* walkIndex(
  searching: Searching,
  query: EventQuery,
  beyond: Passed | undefined,
  matches: Matcher,
): AsyncGenerator<Found> {
  const question = await questionIn(searching, query);
  // Where the index can't tell anything, reading by time is cheaper than asking it for everything.
  if (question.wanted.length === 0 && question.refused.length === 0) {
    yield* walkEvents(searching, query, beyond, matches);
    return;
  }
  const range = secondsOf(query);
  const atOnce = placesAtOnce;
  let to: Place = { second: range.to + 1, seq: 0 };
  if (beyond !== undefined && secondOf(beyond.at) < to.second) to = { second: secondOf(beyond.at) + 1, seq: 0 };
  for (;;) {
    const places = read(searching, (tx) => findPlaces(tx, question, { from: range.from, to }, atOnce));
    const last = places.at(-1);
    const isLast = places.length < atOnce || last === undefined;
    // Within a second places stand in the order of numbers, not of time: a second is looked at as a whole.
    if (!isLast) places.push(...(await restOfSecond(searching, question, last)));
    const keys = gather(searching, places)
      .filter((key) => isWithin(key, query, beyond))
      .sort(latestFirst);
    for (let from = 0; from < keys.length; from += recordsAtOnce) {
      const piece = keys.slice(from, from + recordsAtOnce);
      const events = read(searching, (tx) =>
        eventsOf(
          tx,
          piece.map(({ seq }) => seq),
        ),
      )
        .filter((event) => fits(event, matches))
        .sort(latestFirst);
      const end = piece.at(-1);
      if (end !== undefined) yield { events, passed: end };
      await searching.host.timers.breathe();
    }
    if (isLast) {
      yield { events: [], passed: null };
      return;
    }
    to = { second: last.second, seq: 0 };
    await searching.host.timers.breathe();
  }
}

async function restOfSecond(searching: Searching, question: IndexQuestion, last: Place): Promise<Place[]> {
  const rest: Place[] = [];
  for (let to = last; ; ) {
    const more = read(searching, (tx) => findPlaces(tx, question, { from: last.second, to }, gatheredAtOnce));
    rest.push(...more);
    const end = more.at(-1);
    if (more.length < gatheredAtOnce || end === undefined) return rest;
    to = end;
    await searching.host.timers.breathe();
  }
}

function gather(searching: Searching, places: readonly Place[]): EventKey[] {
  return read(searching, (tx) =>
    keysOf(
      tx,
      places.map(({ seq }) => seq),
    ),
  );
}

/** The query as a question to the index as it is now. */
export async function questionIn(searching: Searching, query: EventQuery): Promise<IndexQuestion> {
  const begins = new Map<string, readonly string[] | undefined>();
  for (const begin of beginsIn(query)) begins.set(begin, await findTermsBeginning(searching, begin));
  const hasCut = read(searching, (tx) => readIndex(tx).cut > 0);
  return questionOf(query, hasCut, (begin) => begins.get(begin));
}

/** The first and the last second of the query's range. */
export function secondsOf({ since, until }: Pick<EventQuery, 'since' | 'until'>): { from: number; to: number } {
  return {
    from: secondOf(since ?? Number.MIN_SAFE_INTEGER),
    to: secondOf(until ?? Number.MAX_SAFE_INTEGER),
  };
}

/** Ids are not in the index: they have one of their own. */
function idsOf({ terms }: EventQuery): string[] | undefined {
  for (const { not, test } of terms) {
    if (not || test.kind !== 'field' || test.field !== 'id') continue;
    const ids = test.values.map((value) => (value.kind === 'equals' ? value.text.toLowerCase() : undefined));
    if (ids.every((id) => id !== undefined)) return ids;
  }
  return undefined;
}

function isWithin(key: EventKey, { since, until }: EventQuery, beyond: Passed | undefined): boolean {
  if (since !== undefined && key.at < since) return false;
  if (until !== undefined && key.at > until) return false;
  return beyond === undefined || latestFirst(beyond, key) < 0;
}

function fits(event: StoredEvent, matches: Matcher): boolean {
  return matches({ ...(JSON.parse(event.record) as Record<string, unknown>), format: event.format });
}

function latestFirst(a: EventKey, b: EventKey): number {
  return b.at - a.at || b.seq - a.seq;
}

function read<T>({ store, workspace }: Searching, run: (tx: ReadTx) => T): T {
  return store.read(workspace, run);
}

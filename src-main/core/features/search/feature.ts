// Searching events. Start here: the operations. search.ts finds, match.ts says what a query means, index-terms.ts and indexer.ts keep the
// index that makes it quick, summary.ts counts, asked.ts reads requests.
import type { Output } from '../../../../src-shared/contract/contract.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import type { searchOperations } from '../../../../src-shared/contract/search.ts';
import { defaultLimit } from '../../../../src-shared/contract/values.ts';
import { parseEventQuery } from '../../../../src-shared/event-query.ts';
import { uuidV7 } from '../../../base/ids.ts';
import { instant } from '../../../base/instants.ts';
import { createOutput } from '../../../engine/outputs/output.ts';
import type { Call, Handlers } from '../../dispatch/handler.ts';
import { requireUser } from '../../dispatch/principal.ts';
import type { Feature } from '../../feature.ts';
import type { GatheredEntries } from '../../gathered-entries.ts';
import type { Host } from '../../ports.ts';
import type { Store } from '../../store/store.ts';
import { eventOf, type StoredEvent, wireEvent } from '../events/index.ts';
import { parseAsked, parseCursor, writeCursor } from './asked.ts';
import { readIndex } from './index-table.ts';
import { createIndexer } from './indexer.ts';
import { searchMigrations } from './migrations.ts';
import { recordQuery } from './query-entries.ts';
import { findPage, type Searching } from './search.ts';
import {
  countSaved,
  findSaved,
  findSavedById,
  findSavedByName,
  keepSaved,
  removeSaved,
  type SavedRow,
} from './searches-table.ts';
import { summarise } from './summary.ts';

const exportLimit = 1_000;
const defaultBars = 48;
const mostSaved = 200;

export type SearchParts = {
  readonly host: Host;
  store(): Store;
  readonly version: string;
  readonly entries: GatheredEntries;
};

export type Search = {
  readonly feature: Feature;
  /** Begins to fill the index. */
  start(): Disposable;
};

export function createSearch({ host, store, version, entries }: SearchParts): Search {
  const indexer = createIndexer(host, store);

  async function searching(call: Call): Promise<Searching> {
    const missing = await indexer.caughtUp();
    return { store: store(), host, workspace: call.workspace, missing };
  }

  /** Events that words and fields don't find: those from before the index, and the latest while it can't grow. */
  function unindexed({ workspace, missing }: Searching): number {
    return store().read(workspace, (tx) => readIndex(tx).low - 1) + missing;
  }

  const handlers: Handlers<typeof searchOperations> = {
    async 'events.list'(call, { cursor, limit, ...filters }) {
      const query = parseAsked(filters, call.now);
      const beyond = parseCursor(cursor);
      const asked = await searching(call);
      const page = await findPage(asked, query, { limit: limit ?? defaultLimit, beyond });
      // One search is one entry, however many pages are looked at.
      if (beyond === undefined) recordQuery(entries, call, filters, query);
      return {
        items: page.events.map(wireEvent),
        next_cursor: writeCursor(page.next),
        is_unfinished: page.isUnfinished,
        unindexed: unindexed(asked),
      };
    },

    async 'events.summary'(call, { bars, ...filters }) {
      const query = parseAsked(filters, call.now);
      const summary = await summarise(await searching(call), query, bars ?? defaultBars);
      recordQuery(entries, call, filters, query);
      return summary;
    },

    async 'events.export'(call, { cursor, limit, format, ...filters }) {
      const query = parseAsked(filters, call.now);
      const beyond = parseCursor(cursor);
      const asked = await searching(call);
      const page = await findPage(asked, query, { limit: limit ?? exportLimit, beyond });
      const output = createOutput(format, { version });
      const lines: string[] = [];
      for (const event of page.events) {
        if (lines.length > 0 && lines.length % 200 === 0) await host.timers.breathe();
        lines.push(output.line(outputEvent(event)));
      }
      // One export is one entry, however many pages it is fetched in.
      if (beyond === undefined) call.entry.details = { format, filters };
      else call.entry.type = null;
      return {
        format,
        header: output.header,
        lines,
        next_cursor: writeCursor(page.next),
        is_unfinished: page.isUnfinished,
        unindexed: unindexed(asked),
      };
    },

    'searches.list'(tx, call) {
      const owner = call.principal.kind === 'user' ? call.principal.userId : '';
      return { items: findSaved(tx, owner).map((row) => wireSaved(row, owner)) };
    },

    'searches.save'(tx, call, { name, query, shared }) {
      const { userId, username } = requireUser(call.principal);
      const parsed = parseEventQuery(query, call.now);
      if (parsed.kind === 'error') {
        throw new ProblemError('request/invalid', `query: ${parsed.message} (at character ${parsed.at + 1})`);
      }
      const before = findSavedByName(tx, userId, name);
      if (before === undefined && countSaved(tx, userId) >= mostSaved) {
        throw new ProblemError('search/full', `you have ${mostSaved} saved searches; delete one first`);
      }
      const row: SavedRow = {
        id: before?.id ?? uuidV7(call.now, host.random.bytes(10)),
        owner: userId,
        owner_name: username,
        name,
        query,
        shared: Number(shared),
        changed_at: call.now,
      };
      keepSaved(tx, row);
      call.entry.resource = { type: 'search', id: row.id };
      call.entry.details = { name, query, shared, replaced: before !== undefined };
      return wireSaved(row, userId);
    },

    'searches.delete'(tx, call, { id }) {
      const { userId } = requireUser(call.principal);
      const row = findSavedById(tx, id);
      // Whether one that isn't shared exists is its owner's business.
      if (row === undefined || (row.owner !== userId && row.shared === 0)) {
        throw new ProblemError('search/not-found', 'no such saved search; it may have been deleted meanwhile');
      }
      if (row.owner !== userId) {
        throw new ProblemError('access/forbidden', `this search is ${row.owner_name}'s; only they may delete it`);
      }
      removeSaved(tx, id);
      call.entry.resource = { type: 'search', id };
      call.entry.details = { name: row.name };
      return { ok: true };
    },
  };

  return {
    feature: { name: 'search', migrations: searchMigrations, scopedTables: ['saved_search'], handlers },
    start: () => indexer.start(),
  };
}

function wireSaved(row: SavedRow, reader: string): Output<'searches.save'> {
  return {
    id: row.id,
    name: row.name,
    query: row.query,
    shared: row.shared === 1,
    owner: row.owner_name,
    mine: row.owner === reader,
    changed_at: instant(row.changed_at),
  };
}

function outputEvent(stored: StoredEvent) {
  const { sha256, format, received_at } = stored;
  return { event: eventOf(stored), sha256, format, receivedAtMs: received_at };
}

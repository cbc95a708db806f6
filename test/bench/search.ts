// Searching a million events: filling the index beside them, the first page of searches of every kind, and the counts over time, each
// against the time it may take. Processor time of the thread, so that what else the machine does counts little.
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { openSqlite } from '../../src-main/adapters/sqlite/database.ts';
import { recordOf } from '../../src-main/core/features/events/event-record.ts';
import { insertEvent } from '../../src-main/core/features/events/events-table.ts';
import { eventsMigrations } from '../../src-main/core/features/events/migrations.ts';
import { createIndexer } from '../../src-main/core/features/search/indexer.ts';
import { searchMigrations } from '../../src-main/core/features/search/migrations.ts';
import { findPage } from '../../src-main/core/features/search/search.ts';
import { summarise } from '../../src-main/core/features/search/summary.ts';
import { commitMigrations } from '../../src-main/core/store/commit-table.ts';
import { createStore } from '../../src-main/core/store/store.ts';
import type { Event } from '../../src-main/engine/event.ts';
import { parseEventQuery } from '../../src-shared/event-query.ts';
import { createTestHost } from '../support/host.ts';
import { temporaryFolder } from '../support/stores.ts';
import { percentile, report } from './measure.ts';

const total = Number(process.env.GATEHOUSE_BENCH_EVENTS ?? 1_000_000);
const batch = 5_000;
const pageMs = 200;
const sliceMs = 50;

const queries: readonly (readonly [query: string, what: string])[] = [
  ['', 'no condition'],
  ['answered', 'a word of every event'],
  ['answered "orders 4711"', 'a phrase'],
  ['type:login -success:true', 'two fields'],
  ['user:user-77 ip:198.51.100.0/24', 'a user and a network'],
  ['needle', 'a word of two events'],
  ['nosuchwordatall', 'a word of none'],
  ['-type:api_call', 'what is left'],
  ['details.status:500', 'a field of the details'],
  ['order*', 'a prefix of every event'],
  ['49*', 'a prefix of some hundred words'],
  ['4*', 'a prefix of thousands of words'],
  ['resource:/orders/49*', 'a begin of a field with some hundred values'],
  ['resource:*', 'a field with thousands of values'],
  ['needle OR (type:login -success:true user:user-77)', 'alternatives'],
  ['-(type:api_call OR user:user-7)', 'neither of two'],
];

function eventNumber(n: number, from: number): Event {
  const hex = createHash('sha256').update(String(n)).digest('hex');
  return {
    id: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
    timeMs: from + n * 500,
    source: `host-${n % 20}`,
    event_type: n % 7 === 0 ? 'login' : 'api_call',
    actor: `user-${n % 500}`,
    success: n % 50 !== 0,
    ip_address: `198.51.${n % 200}.${n % 250}`,
    resource_type: 'api',
    resource_id: `/orders/${n % 5_000}?page=2&sort=name`,
    action: 'GET',
    bytes: 2_000 + (n % 900),
    details: {
      status: n % 90 === 0 ? 500 : 200,
      message: `order ${n % 5_000} was answered${n % 400_000 === 399_999 ? ' with a needle' : ''}`,
      request_id: hex.slice(32),
    },
  };
}

export async function benchSearch(): Promise<void> {
  const path = join(temporaryFolder(), 'store.db');
  const database = openSqlite(path, new Uint8Array(32).fill(1));
  for (const { sql } of [...commitMigrations, ...eventsMigrations, ...searchMigrations]) database.script(sql);
  const store = createStore(
    database,
    new Set(['event']),
    () => undefined,
    (error) => {
      throw error;
    },
  );
  const from = Date.UTC(2026, 0, 1);
  for (let n = 0; n < total; n += batch) {
    store.write('default', (tx) => {
      for (let at = n; at < n + batch; at++) {
        const event = eventNumber(at, from);
        insertEvent(tx, event, { ...recordOf(event), format: 'api', receivedAt: event.timeMs });
      }
    });
  }
  store.checkpoint();
  const before = statSync(path).size;

  const slices: number[] = [];
  let last = process.threadCpuUsage();
  const since = (): number => {
    const { user, system } = process.threadCpuUsage(last);
    last = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  const host = createTestHost();
  const breathe = async (): Promise<void> => {
    slices.push(since());
    await host.timers.breathe();
    since();
  };
  const measured = { ...host, timers: { ...host.timers, breathe } };
  await createIndexer(measured, () => store).caughtUp();
  store.checkpoint();
  const spent = slices.reduce((sum, ms) => sum + ms, 0);
  const sorted = slices.toSorted((a, b) => a - b);
  const of = `${total.toLocaleString('en')} events`;
  report(
    'Search: index, events/s of a thread',
    total / (spent / 1000) / 5_000,
    '≥ 1.00',
    `${((total / spent) * 1000).toFixed(0)}/s, ${((spent * 1000) / total).toFixed(1)} µs an event; ${((statSync(path).size - before) / total).toFixed(0)} of ${(before / total).toFixed(0)} bytes an event`,
  );
  report(
    'Search: slices of the index, p99',
    percentile(sorted, 0.99) / sliceMs,
    '≤ 1.00',
    `${percentile(sorted, 0.99).toFixed(1)} of ${sliceMs} ms; median ${percentile(sorted, 0.5).toFixed(1)}, longest ${(sorted.at(-1) ?? 0).toFixed(1)}`,
  );

  const searching = { store, host: measured, workspace: 'default', missing: 0 };
  for (const [text, what] of queries) {
    const parsed = parseEventQuery(text, from + total * 500);
    if (parsed.kind === 'error') throw new Error(parsed.message);
    let found = 0;
    slices.length = 0;
    since();
    const page = await costOf(async () => {
      found = (await findPage(searching, parsed.query, { limit: 50, beyond: undefined })).events.length;
    });
    const summary = await costOf(async () => void (await summarise(searching, parsed.query, 48)));
    slices.push(since());
    const longest = Math.max(...slices);
    report(
      `Search: ${what}`,
      page / pageMs,
      '≤ 1.00',
      `${page.toFixed(1)} of ${pageMs} ms for the first ${found}; counts over time ${summary.toFixed(0)} ms; longest turn ${longest.toFixed(0)} ms; ${text || '(all)'}; ${of}`,
    );
  }
  store.close();
}

/** Median milliseconds of processor time. */
async function costOf(run: () => Promise<void>): Promise<number> {
  const costs: number[] = [];
  for (let round = 0; round < 5; round++) {
    const from = process.threadCpuUsage();
    await run();
    const { user, system } = process.threadCpuUsage(from);
    costs.push((user + system) / 1000);
  }
  return percentile(
    costs.sort((a, b) => a - b),
    0.5,
  );
}

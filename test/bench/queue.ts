// The queue with 100,000 alerts: its pages, the figures of its head, and one alert, each against the time it may take. Processor time
// of the thread, so that what else the machine does counts little.
import { groupFields } from '../../src-shared/alert-words.ts';
import type { Input } from '../../src-shared/contract/contract.ts';
import { type AlertsConsole, createAlertsConsole } from '../features/alerts/alerts-console.ts';
import { fill, filters, total } from '../features/alerts/many-alerts.ts';
import { report } from './measure.ts';

const admin = 'admin:ada';
const pageMs = 100;
const alertMs = 5;
const groupsMs = 1_000;
const turnMs = 50;

export async function benchQueue(): Promise<void> {
  using console = createAlertsConsole();
  fill(console);
  const of = `${total.toLocaleString('en')} alerts`;

  let slowest = { ms: 0, what: '' };
  for (const filter of filters) {
    for (const sort of ['risk', 'newest'] as const) {
      const ms = await costOf(() => console.call(admin, 'alerts.list', { ...filter, sort }));
      if (ms > slowest.ms) slowest = { ms, what: `${JSON.stringify(filter)} by ${sort}` };
    }
  }
  report(
    'Queue: slowest page',
    slowest.ms / pageMs,
    '≤ 1.00',
    `${slowest.ms.toFixed(1)} of ${pageMs} ms, ${slowest.what}, ${of}`,
  );

  const summary = await costOf(() => console.call(admin, 'alerts.summary', {}));
  report('Queue: summary', summary / pageMs, '≤ 1.00', `${summary.toFixed(1)} of ${pageMs} ms, ${of}`);

  await benchGroups(console, of);

  const id = '0197b000-0000-7000-8000-000000050000';
  const one = await costOf(async () => {
    // A change between two reads, so that no kept answer is measured.
    console.store.write('default', () => undefined);
    await console.call(admin, 'alerts.get', { id });
  });
  report('Queue: one alert after a commit', one / alertMs, '≤ 1.00', `${one.toFixed(2)} of ${alertMs} ms, ${of}`);
}

/** Groups are counted in slices: the whole may take longer than a page, no slice a turn. */
async function benchGroups(console: AlertsConsole, of: string): Promise<void> {
  let slowest = { ms: 0, what: '' };
  let turn = { ms: 0, what: '' };
  for (const by of groupFields) {
    for (const filter of [{}, { status: ['open', 'acknowledged', 'closed'] as const }, { text: 'user-9' }]) {
      const input = { by, ...filter } as Input<'alerts.groups'>;
      const what = `${JSON.stringify(filter)} by ${by}`;
      const ms = await costOf(() => console.call(admin, 'alerts.groups', input));
      if (ms > slowest.ms) slowest = { ms, what };
      const longest = await longestTurn(() => console.call(admin, 'alerts.groups', input));
      if (longest > turn.ms) turn = { ms: longest, what };
    }
  }
  report(
    'Queue: slowest groups',
    slowest.ms / groupsMs,
    '≤ 1.00',
    `${slowest.ms.toFixed(0)} of ${groupsMs} ms, ${slowest.what}, ${of}`,
  );
  report(
    'Queue: longest turn of groups',
    turn.ms / turnMs,
    '≤ 1.00',
    `${turn.ms.toFixed(1)} of ${turnMs} ms, ${turn.what}, ${of}`,
  );
}

/** Milliseconds of processor time between two turns of a timer, the most while `run` is under way. */
async function longestTurn(run: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let before = process.threadCpuUsage();
  const look = (): void => {
    const { user, system } = process.threadCpuUsage(before);
    longest = Math.max(longest, (user + system) / 1000);
    before = process.threadCpuUsage();
  };
  let isOver = false;
  const watch = (): void => {
    look();
    if (!isOver) setImmediate(watch);
  };
  setImmediate(watch);
  await run();
  look();
  isOver = true;
  return longest;
}

/** Mean milliseconds of processor time; repeated until the sum is long against the system's accounting tick. */
async function costOf(run: () => Promise<unknown>): Promise<number> {
  await run();
  const from = process.threadCpuUsage();
  let rounds = 0;
  let spent = 0;
  while (rounds < 5 || (spent < 150 && rounds < 500)) {
    await run();
    rounds += 1;
    const { user, system } = process.threadCpuUsage(from);
    spent = (user + system) / 1000;
  }
  return spent / rounds;
}

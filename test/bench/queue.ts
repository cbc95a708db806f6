// The queue with 100,000 alerts: its pages, the figures of its head, and one alert, each against the time it may take. Processor time
// of the thread, so that what else the machine does counts little.
import { createAlertsConsole } from '../features/alerts/alerts-console.ts';
import { fill, filters, total } from '../features/alerts/many-alerts.ts';
import { report } from './measure.ts';

const admin = 'admin:ada';
const pageMs = 100;
const alertMs = 5;

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

  const id = '0197b000-0000-7000-8000-000000050000';
  const one = await costOf(async () => {
    // A change between two reads, so that no kept answer is measured.
    console.store.write('default', () => undefined);
    await console.call(admin, 'alerts.get', { id });
  });
  report('Queue: one alert after a commit', one / alertMs, '≤ 1.00', `${one.toFixed(2)} of ${alertMs} ms, ${of}`);
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

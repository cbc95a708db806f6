// A large batch is committed in slices, other work runs between them, and the answer comes after the last commit.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { createTestConsole } from '../../support/console.ts';
import { createTestHost } from '../../support/host.ts';

test('ten thousand events: at most 250 a commit, turns for others in between, the answer after the disk has them', {
  timeout: 60_000,
}, async () => {
  const host = createTestHost();
  const order: string[] = [];
  let inserted = 0;
  let waitsForDisk = false;
  await using console = await createTestConsole({
    host: {
      ...host,
      timers: {
        ...host.timers,
        breathe() {
          order.push('turn');
          return host.timers.breathe();
        },
      },
    },
    wrapDatabase: (database) => ({
      ...database,
      get inTransaction() {
        return database.inTransaction;
      },
      run(sql, parameters) {
        if (sql.includes('INTO event (')) inserted += 1;
        const changes = database.run(sql, parameters);
        if (sql === 'COMMIT' && inserted > 0) {
          order.push(String(inserted));
          inserted = 0;
          waitsForDisk = database.get('PRAGMA synchronous')?.synchronous === 2;
        }
        return changes;
      },
    }),
  });
  const { session } = await console.signIn();
  const key = await console.createKey(['events.write'], session);
  const events = Array.from({ length: 10_000 }, (_, index) => ({
    id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    time: new Date(host.clock.now() - 1_000).toISOString(),
    source: 'orders',
    event_type: 'api_call' as const,
    actor: `user-${index % 500}`,
    success: true,
    ip_address: '198.51.100.7',
    details: { path: `/orders/${index}` },
  }));
  order.length = 0;
  inserted = 0;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const { results } = await console.call('events.ingest', { events }, key);
  order.push('answer');
  delay.disable();
  expect(results.filter(({ status }) => status === 'accepted')).toHaveLength(10_000);
  const slices = order.filter((step) => /^\d+$/.test(step)).map(Number);
  expect(slices.reduce((sum, size) => sum + size, 0)).toBe(10_000);
  expect(Math.max(...slices)).toBeLessThanOrEqual(250);
  expect(order.at(-1)).toBe('answer');
  // SQLite's FULL for the last slice, which makes those before it durable too.
  expect(waitsForDisk).toBe(true);
  // Between any two commits of slices, others had their turn.
  const steps = order.filter((step) => step === 'turn' || /^\d+$/.test(step));
  for (const [at, step] of steps.entries()) {
    if (step !== 'turn' && at > 0) expect(steps[at - 1], `before commit ${at}`).toBe('turn');
  }
  process.stdout.write(
    `event loop during 10,000 events: ${(delay.max / 1e6).toFixed(0)} ms at most, ${(delay.percentile(99) / 1e6).toFixed(0)} ms p99\n`,
  );
});

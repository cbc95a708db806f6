// The disk is nearly full: said once, as an entry and an alert, while there is still space to say it.
import { expect, test } from 'vitest';
import { createTestConsole } from '../../support/console.ts';

const mib = 1_048_576;

test('it is warned of once until there is space again, then anew', async () => {
  let free: number | null = 300 * mib;
  await using console = await createTestConsole({ freeBytes: () => free });
  const { session } = await console.signIn();
  const entries = async () => (await console.call('audit.entries', { event_type: 'disk_low' }, session)).items;
  console.host.advance(5_000);
  expect(await entries()).toMatchObject([
    {
      success: false,
      actor: { kind: 'system' },
      details: {
        detail: '300 MiB are left where the store lies',
        free_bytes: 300 * mib,
        limit_bytes: 512 * mib,
      },
    },
  ]);
  const { items: alerts } = await console.call('alerts.list', {}, session);
  expect(alerts).toMatchObject([{ title: 'The disk is nearly full', severity: 'high' }]);
  // A little more than the limit is not space again: a disk at the limit must not warn each minute.
  for (const now of [290, 513, 400, null]) {
    free = now === null ? null : now * mib;
    console.host.advance(60_000);
  }
  expect(await entries()).toHaveLength(1);
  free = 700 * mib;
  console.host.advance(60_000);
  free = 100 * mib;
  console.host.advance(60_000);
  expect(await entries()).toHaveLength(2);
});

test('not above the limit, and not where it was switched off', async () => {
  for (const [limit, free] of [
    [512, 512],
    [0, 1],
  ] as const) {
    const settings = new Map([['retention.low_disk_mib', limit]]);
    await using console = await createTestConsole({ settings, freeBytes: () => free * mib });
    const { session } = await console.signIn();
    console.host.advance(65_000);
    expect((await console.call('audit.entries', { event_type: 'disk_low' }, session)).items).toEqual([]);
  }
});

test('a disk that is full when it is noticed is tried again, and ends nothing', async () => {
  let isFull = false;
  await using console = await createTestConsole({
    freeBytes: () => 10 * mib,
    wrapDatabase: (database) => ({
      ...database,
      get inTransaction() {
        return database.inTransaction;
      },
      run(sql, parameters) {
        if (isFull && sql.startsWith('INSERT INTO audit_body')) throw new Error('database or disk is full');
        return database.run(sql, parameters);
      },
    }),
  });
  const { session } = await console.signIn();
  isFull = true;
  console.host.advance(5_000);
  isFull = false;
  const entries = async () => (await console.call('audit.entries', { event_type: 'disk_low' }, session)).items;
  expect(await entries()).toEqual([]);
  console.host.advance(60_000);
  expect(await entries()).toHaveLength(1);
});

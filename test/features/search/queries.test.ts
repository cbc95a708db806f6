// Who searched the events, and for what, in the log: a list, its pages and the figures beside it are one search, and the same one again within
// a minute one entry more.
import { expect, test } from 'vitest';
import { createTestConsole } from '../../support/console.ts';

test('a search leaves an entry that says who, from where and for what', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const reader = await console.createKey(['events.read'], session);
  const queries = async () =>
    (await console.call('audit.entries', { event_type: 'query', limit: 500 }, session)).items.toReversed();

  const found = await console.call('events.list', { q: 'user:alice', limit: 1 }, session);
  await console.call('events.summary', { q: 'user:alice' }, session);
  if (found.next_cursor !== null)
    await console.call('events.list', { q: 'user:alice', limit: 1, cursor: found.next_cursor }, session);
  await console.call('events.list', { actor: 'bob' }, reader);
  expect(await queries()).toEqual([]);
  console.host.advance(250);
  expect(await queries()).toMatchObject([
    {
      action: 'events.list',
      success: true,
      actor: { kind: 'user', name: 'mira' },
      ip_address: '192.0.2.10',
      data_accessed: 'events',
      details: { fields: ['actor'], since: null, until: null, calls: 2 },
    },
    { actor: { kind: 'key' }, details: { fields: ['actor'], calls: 1 } },
  ]);

  // A list that is looked at again and again is no longer one entry each time.
  for (let look = 0; look < 30; look++) await console.call('events.list', { q: 'user:alice' }, session);
  console.host.advance(250);
  expect(await queries()).toHaveLength(2);
  console.host.advance(60_000);
  console.host.advance(250);
  expect((await queries()).map(({ details }) => details.calls)).toEqual([2, 1, 30]);
});

test('the words that were looked for are nowhere, the fields and the time are; a search that is refused is none', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const canary = 'zebra-canary';
  const half = 'a\ud800';
  await console.send('events.list', { q: 'typ:login' }, session);
  await console.call(
    'events.list',
    { q: `user:${canary} (ip:192.0.2.1 OR "${canary} again") details.token:${canary}`, since: '2026-01-01T00:00:00Z' },
    session,
  );
  for (const filters of [
    { q: half },
    { text: half },
    { event_type: half },
    { source: half },
    { actor: half },
  ] as const) {
    await console.send('events.list', filters, session);
    await console.send('events.summary', filters, session);
  }
  await console.call('events.list', {}, session);
  console.host.advance(250);
  const { items } = await console.call('audit.entries', { event_type: 'query', limit: 500 }, session);
  expect(items.map(({ details }) => details)).toEqual(
    expect.arrayContaining([
      {
        fields: ['actor', 'details.token', 'ip_address', 'text'],
        since: '2026-01-01T00:00:00.000Z',
        until: null,
        calls: 1,
      },
      { fields: [], since: null, until: null, calls: 1 },
    ]),
  );
  expect(JSON.stringify(items)).not.toContain(canary);
});

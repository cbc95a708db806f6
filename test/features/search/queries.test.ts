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
      details: { filters: { q: 'user:alice' }, calls: 2 },
    },
    { actor: { kind: 'key' }, details: { filters: { actor: 'bob' }, calls: 1 } },
  ]);

  // A list that is looked at again and again is no longer one entry each time.
  for (let look = 0; look < 30; look++) await console.call('events.list', { q: 'user:alice' }, session);
  console.host.advance(250);
  expect(await queries()).toHaveLength(2);
  console.host.advance(60_000);
  console.host.advance(250);
  expect((await queries()).map(({ details }) => details.calls)).toEqual([2, 1, 30]);
});

test('a question that is refused is none, and what was searched for is kept back with people', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  await console.send('events.list', { q: 'typ:login' }, session);
  await console.call('events.list', { q: 'user:alice' }, session);
  console.host.advance(250);
  const text = await console.call('audit.export', { event_type: 'query', redact: 'people' }, session);
  expect(text).not.toContain('alice');
  const { entries } = JSON.parse(text) as { entries: { open: Record<string, { value: unknown }> }[] };
  expect(entries.map(({ open }) => open['details.calls']?.value)).toEqual([1]);
});

test('half a character in a search is refused, or stands whole in the entry; those after it are entries too', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const half = 'a\ud800';
  for (const filters of [
    { q: half },
    { text: half },
    { event_type: half },
    { source: half },
    { actor: half },
  ] as const) {
    await console.send('events.list', filters, session);
    await console.send('events.summary', filters, session);
    await console.send('events.export', { ...filters, format: 'csv' }, session);
  }
  await console.call('events.list', { source: 'c' }, session);
  console.host.advance(250);
  const { items } = await console.call('audit.entries', { limit: 500 }, session);
  expect(JSON.stringify(items.filter(({ details: { filters } }) => filters !== undefined)).isWellFormed()).toBe(true);
  expect(items.filter(({ details }) => JSON.stringify(details.filters) === '{"source":"c"}')).toHaveLength(1);
});

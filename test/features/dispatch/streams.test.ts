// Live streams through the core: who hears what, resuming, and who is cut off.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Announcement, Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';

type Listener = { heard: Announcement[]; ended: string[]; close: () => void };

function listen(
  console: TestConsole,
  credential: Credential,
  options: { lastEventId?: number; takes?: number } = {},
): Listener | string {
  const heard: Announcement[] = [];
  const ended: string[] = [];
  const opening = console.core.openStream({
    credential,
    origin: { ip: '192.0.2.10', userAgent: 'test' },
    lastEventId: options.lastEventId,
    deliver: (announcement) => {
      heard.push(announcement);
      return heard.length <= (options.takes ?? Number.POSITIVE_INFINITY);
    },
    ended: (reason) => void ended.push(reason),
  });
  return opening.kind === 'open' ? { heard, ended, close: opening.close } : opening.problem.code;
}

function open(
  console: TestConsole,
  credential: Credential,
  options: { lastEventId?: number; takes?: number } = {},
): Listener {
  const outcome = listen(console, credential, options);
  if (typeof outcome === 'string') throw new Error(outcome);
  return outcome;
}

const send = (console: TestConsole, session: Credential) =>
  console.call(
    'events.ingest',
    { events: [{ id: randomUUID(), time: '2026-11-21T14:00:00Z', source: 'crm', event_type: 'note' }] },
    session,
  );
const topics = (listener: Listener): string[] => [...new Set(listener.heard.map(({ topic }) => topic))].sort();

test('each hears only the topics of its permissions, and never content', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const events = open(console, await console.createKey(['events.read'], session));
  const nothing = open(console, await console.createKey(['events.write'], session));
  const all = open(console, session);
  await send(console, session);
  await console.createKey(['events.read'], session);
  expect(topics(events)).toEqual(['events.taken']);
  expect(nothing.heard).toEqual([]);
  expect(topics(all)).toEqual(['audit.grew', 'events.taken']);
  for (const announcement of all.heard) {
    expect(Object.keys(announcement).sort()).toEqual(['id', 'ref', 'revision', 'topic', 'workspace']);
  }
  const ids = all.heard.map(({ id }) => id);
  expect(ids).toEqual([...ids].sort((left, right) => left - right));
  expect(new Set(ids).size).toBe(ids.length);
});

test('a stream goes on after the last announcement it heard, without a gap or a repeat', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const all = open(console, session);
  const first = open(console, session);
  await send(console, session);
  first.close();
  await send(console, session);
  await console.createKey(['events.read'], session);
  const resumed = open(console, session, { lastEventId: first.heard.at(-1)?.id ?? 0 });
  await send(console, session);
  expect([...first.heard, ...resumed.heard]).toEqual(all.heard);
  expect(first.ended).toEqual([]);
});

test('signing out, being ended by another and locking cut the stream off', async () => {
  await using console = await createTestConsole();
  const { session, secret } = await console.signIn();
  const own = open(console, session);
  await console.call('auth.lock', {}, session);
  console.host.advance(15_000);
  expect(own.ended).toEqual(['the session is over']);
  expect(listen(console, session)).toBe('access/locked');
  await console.call('auth.unlock', { password: 'Correct-horse9battery', code: unlockCode(console, secret) }, session);
  const again = open(console, session);
  await console.call('auth.logout', {}, session);
  expect(again.ended).toEqual(['the session is over']);
  expect(listen(console, session)).toBe('access/unauthenticated');
  expect(console.core.streamCount()).toBe(0);
});

function unlockCode(console: TestConsole, secret: string): string {
  console.host.advance(30_000);
  return console.code(secret);
}

test('a revoked key and a session that has timed out lose their streams', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const made = await console.call('keys.create', { name: 'x', scopes: ['events.read'] }, session);
  const stream = open(console, { kind: 'token', token: made.key, from: 'bearer' });
  const idle = open(console, session);
  await console.call('keys.revoke', { id: made.id }, session);
  console.host.advance(15_000);
  expect(stream.ended).toEqual(['the session is over']);
  expect(idle.ended).toEqual([]);
  console.host.advance(31 * 60_000);
  expect(idle.ended).toEqual(['the session is over']);
});

test('a reader that is too slow is cut off, the others go on', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const slow = open(console, session, { takes: 1 });
  const quick = open(console, session);
  await send(console, session);
  await send(console, session);
  await send(console, session);
  expect(slow.ended).toEqual(['the reader is too slow']);
  expect(slow.heard).toHaveLength(2);
  expect(quick.heard.length).toBeGreaterThan(2);
  expect(quick.ended).toEqual([]);
});

test('a hundred streams at most; a place that is given back can be taken', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const streams = Array.from({ length: 100 }, () => open(console, session));
  expect(listen(console, session)).toBe('limits/streams');
  expect(await console.call('console.status', {}, session)).toMatchObject({ streams: 100, streams_max: 100 });
  streams[50]?.close();
  expect(typeof listen(console, session)).toBe('object');
});

test('a stream is refused to whoever may not, and all of them end with the console', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  expect(listen(console, { kind: 'none' })).toBe('access/unauthenticated');
  expect(listen(console, { kind: 'token', token: `ghs_${'A'.repeat(43)}`, from: 'bearer' })).toBe(
    'access/unauthenticated',
  );
  const stream = open(console, session);
  await console.core.stop();
  expect(stream.ended).toEqual(['the console is stopping']);
  expect(listen(console, session)).toBe('console/stopping');
});

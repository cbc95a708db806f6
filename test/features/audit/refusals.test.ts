// Refused calls in the log: of users and API keys, the first of a kind at once, what follows within a minute as one entry; of strangers none.
import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';
import { temporaryFolder } from '../../support/stores.ts';

async function refusals(console: TestConsole, session: Credential) {
  return (await console.call('audit.entries', { event_type: 'api_call', limit: 500 }, session)).items.toReversed();
}

test('a key beyond its scopes leaves an entry that says who, what, from where, by which call', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const narrow = await console.createKey(['events.write'], session);
  const key = (await console.call('keys.list', {}, session)).items[0];
  expect(await console.send('audit.entries', {}, narrow)).toMatchObject({ problem: { code: 'access/forbidden' } });
  expect(await refusals(console, session)).toEqual([]);
  console.host.advance(250);
  expect(await refusals(console, session)).toMatchObject([
    {
      action: 'audit.entries',
      success: false,
      actor: { kind: 'key', id: key?.id, name: key?.name },
      ip_address: '192.0.2.10',
      trace_id: expect.stringMatching(/./) as string,
      details: { code: 'access/forbidden', status: 403, calls: 1 },
    },
  ]);
});

test('of the same refusal a minute makes one entry more, however many calls; another one is an entry of its own', async () => {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const first = await createTestConsole({ folder });
  const { host } = first;
  const { session } = await first.signIn();
  const narrow = await first.createKey(['events.write'], session);
  const tryIt = async (times: number) => {
    for (let n = 0; n < times; n++) await first.send('audit.entries', {}, narrow);
    host.advance(250);
  };
  const calls = async () => (await refusals(first, session)).map(({ action, details }) => [action, details.calls]);
  await tryIt(3);
  await tryIt(40);
  await first.send('keys.list', {}, narrow);
  host.advance(250);
  expect(await calls()).toEqual([
    ['audit.entries', 3],
    ['keys.list', 1],
  ]);
  host.advance(60_000);
  host.advance(250);
  expect(await calls()).toEqual([
    ['audit.entries', 3],
    ['keys.list', 1],
    ['audit.entries', 40],
  ]);
  // It goes on, and the console ends.
  await tryIt(5);
  await first[Symbol.asyncDispose]();
  await using second = await createTestConsole({ folder, host });
  const { items } = await second.call('audit.entries', { event_type: 'api_call', limit: 1 }, session);
  expect(items).toMatchObject([{ action: 'audit.entries', details: { calls: 5 } }]);
});

test('from a bundle that keeps people back one can read how many calls were refused and why, and not whose', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const narrow = await console.createKey(['events.write'], session);
  await console.send('audit.entries', {}, narrow);
  console.host.advance(250);
  const text = await console.call('audit.export', { event_type: 'api_call', redact: 'people' }, session);
  const { entries } = JSON.parse(text) as { entries: { open: Record<string, { value: unknown }> }[] };
  expect(entries.map(({ open }) => Object.entries(open).map(([path, { value }]) => [path, value]))).toEqual([
    [
      ['details.calls', 1],
      ['details.code', 'access/forbidden'],
      ['details.status', 403],
    ],
  ]);
});

test('strangers, and refusals that are an entry already, leave none', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const stranger: Credential = { kind: 'token', token: 'gh_nobody', from: 'bearer' };
  expect(await console.send('audit.entries', {}, stranger)).toMatchObject({
    problem: { code: 'access/unauthenticated' },
  });
  const narrow = await console.createKey(['keys.manage'], session);
  expect(await console.send('keys.create', { name: 'x', scopes: ['events.read'] }, narrow)).toMatchObject({
    problem: { code: 'access/key-scope' },
  });
  console.host.advance(250);
  expect(await refusals(console, session)).toEqual([]);
});

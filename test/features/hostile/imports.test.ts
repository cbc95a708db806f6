// Imports under attack: files that grow when unpacked, and calls that cross each other.
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';

let console: TestConsole;
let session: Credential;
beforeEach(async () => {
  console = await createTestConsole();
  ({ session } = await console.signIn());
});
afterEach(() => console[Symbol.asyncDispose]());

const line = 'Nov 21 09:00:00 host sshd[1]: Failed password for root from 203.0.113.7 port 4 ssh2\n';

test('a small packed chunk that unpacks to many lines lets other work run between them', async () => {
  const { id } = await console.call('imports.start', { name: 'bomb.gz', format: 'auth' }, session);
  const data = new Uint8Array(gzipSync(line.repeat(6_000)));
  expect(data.byteLength).toBeLessThan(8_192);
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 0);
  const { records } = await console.call('imports.append', { id, offset: 0, data }, session);
  clearInterval(timer);
  expect(records).toBeGreaterThan(5_000);
  // Half a megabyte comes in pieces of 16 KiB, and each leaves a turn to others.
  expect(turns).toBeGreaterThan(15);
});

test('cancelling waits for the chunk under way: the entry counts all that was taken in', async () => {
  const { id } = await console.call('imports.start', { name: 'auth.log', format: 'auth' }, session);
  const data = new Uint8Array(Buffer.from(line.repeat(3_000)));
  const appending = console.call('imports.append', { id, offset: 0, data }, session);
  const cancelling = console.call('imports.cancel', { id }, session);
  const { accepted } = await appending;
  await cancelling;
  expect(accepted).toBeGreaterThan(2_000);
  const { items } = await console.call('audit.entries', { event_type: 'events_import' }, session);
  expect(items.map(({ details }) => [details.state, details.accepted])).toEqual([['cancelled', accepted]]);
});

test('of finishing and cancelling at once only the first counts', async () => {
  const { id } = await console.call('imports.start', { name: 'auth.log', format: 'auth' }, session);
  await console.call('imports.append', { id, offset: 0, data: new Uint8Array(Buffer.from(line.repeat(10))) }, session);
  const answers = await Promise.all([
    console.send('imports.finish', { id }, session),
    console.send('imports.cancel', { id }, session),
    console.send('imports.cancel', { id }, session),
  ]);
  const codes = answers.map((answer) => (answer.kind === 'problem' ? answer.problem.code : 'done'));
  expect(codes).toEqual(['done', 'events/import-not-found', 'events/import-not-found']);
});

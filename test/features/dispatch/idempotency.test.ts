// Idempotency-Key: a request sent twice is done once and answered alike, for its sender alone, for a day.
import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import type { Answer, Credential } from '../../../src-main/core/dispatch/arrival.ts';
import type { OperationName } from '../../../src-shared/contract/contract.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';
import { temporaryFolder } from '../../support/stores.ts';

function send(
  console: TestConsole,
  operation: OperationName,
  input: unknown,
  credential: Credential,
  idempotencyKey: string,
): Promise<Answer> {
  return console.core.dispatch({
    operation,
    via: 'https',
    origin: { ip: '192.0.2.10', userAgent: 'test' },
    credential,
    input,
    idempotencyKey,
    traceId: '1'.repeat(32),
  });
}

const input = { name: 'once', query: 'type:login', shared: false };
const key = { name: 'once', scopes: ['events.read'] };

test('the same request again gets the same answer, makes nothing and leaves no entry', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const first = await send(console, 'searches.save', input, session, 'k1');
  console.host.advance(3_000);
  const second = await send(
    console,
    'searches.save',
    { shared: false, query: 'type:login', name: 'once' },
    session,
    'k1',
  );
  if (first.kind === 'problem' || second.kind === 'problem') throw new Error('expected answers');
  expect(second.output).toEqual(first.output);
  expect(second.status).toBe(201);
  expect((await console.call('audit.entries', { event_type: 'search_saved' }, session)).items).toHaveLength(1);
});

test('sent at once, it is done once', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const answers = await Promise.all([1, 2, 3, 4].map(() => send(console, 'searches.save', input, session, 'k1')));
  expect(new Set(answers.map((answer) => JSON.stringify(answer.kind === 'output' && answer.output))).size).toBe(1);
  expect((await console.call('audit.entries', { event_type: 'search_saved' }, session)).items).toHaveLength(1);
});

test('the same key with another body or operation is refused', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  await send(console, 'keys.create', key, session, 'k1');
  const reused = { problem: { code: 'request/idempotency-reused', status: 422 } };
  expect(await send(console, 'keys.create', { ...key, name: 'other' }, session, 'k1')).toMatchObject(reused);
  expect(await send(console, 'auth.lock', {}, session, 'k1')).toMatchObject(reused);
  expect(await send(console, 'keys.create', { ...key, name: 'other' }, session, 'k2')).toMatchObject({
    kind: 'output',
  });
  expect((await console.call('auth.session', {}, session)).locked).toBe(false);
});

test("another sender's key is another key, and a day later it is free again", async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const other = await console.createKey(['keys.*', 'events.read'], session);
  await send(console, 'keys.create', key, session, 'k1');
  expect(await send(console, 'keys.create', { ...key, name: 'by key' }, other, 'k1')).toMatchObject({ kind: 'output' });
  console.host.advance(24 * 3_600_000 + 1);
  expect(await send(console, 'keys.create', { ...key, name: 'later' }, other, 'k1')).toMatchObject({ kind: 'output' });
});

test('a refusal is not kept: the same key works once the request is right', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  expect(await send(console, 'keys.create', { ...key, scopes: ['nonsense'] }, session, 'k1')).toMatchObject({
    problem: { code: 'request/invalid' },
  });
  expect(await send(console, 'keys.create', key, session, 'k1')).toMatchObject({ kind: 'output' });
  for (const bad of ['', 'x'.repeat(201)]) {
    expect(await send(console, 'keys.create', key, session, bad)).toMatchObject({
      problem: { code: 'request/malformed', status: 400 },
    });
  }
});

test('what is shown once is kept in memory alone: after a start it is refused, and nothing is made', async () => {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const first = await createTestConsole({ folder });
  const { session } = await first.signIn();
  const asked = [
    ['keys.create', key, 'k1'],
    ['encryption.recovery_key', {}, 'k2'],
  ] as const;
  for (const [operation, body, name] of asked) {
    const made = await send(first, operation, body, session, name);
    if (made.kind !== 'output') throw new Error('expected an answer');
    expect(await send(first, operation, body, session, name)).toMatchObject({ output: made.output });
  }
  await first.core.stop();
  await using console = await createTestConsole({ folder, host: first.host });
  for (const [operation, body, name] of asked) {
    expect(await send(console, operation, body, session, name)).toMatchObject({
      problem: { code: 'request/idempotency-done', status: 409 },
    });
  }
  expect((await console.call('keys.list', {}, session)).items).toHaveLength(1);
  expect((await console.call('audit.entries', { event_type: 'recovery_key_issued' }, session)).items).toHaveLength(1);
});

test('a task is done once too: sent again while it runs, after it, and with another body', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const backUp = (body: object) => send(console, 'backups.create', body, session, 'k1');
  const answers = await Promise.all([backUp({ encrypted: true }), backUp({ encrypted: true })]);
  answers.push(await backUp({ encrypted: true }));
  expect(answers.map(({ kind }) => kind)).toEqual(['output', 'output', 'output']);
  expect(new Set(answers.map((answer) => JSON.stringify(answer.kind === 'output' && answer.output))).size).toBe(1);
  expect((await console.call('backups.list', {}, session)).items).toHaveLength(1);
  expect(await backUp({ encrypted: false })).toMatchObject({ problem: { code: 'request/idempotency-reused' } });
  expect((await console.call('audit.entries', { event_type: 'backup_create' }, session)).items).toHaveLength(1);
});

test('a task that failed is done when it is sent again', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const finish = () => send(console, 'bundles.seal', { id: '01890000-0000-7000-8000-000000000000' }, session, 'k1');
  expect(await finish()).toMatchObject({ kind: 'problem' });
  expect(await finish()).toMatchObject({ kind: 'problem', problem: { status: 404 } });
});

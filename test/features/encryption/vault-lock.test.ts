// Locking the vault and unlocking it: what answers while it is locked, what opens it, and what is gone afterwards.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Answer, Credential } from '../../../src-main/core/dispatch/arrival.ts';
import type { CallInput } from '../../../src-shared/contract/contract.ts';
import { operationNames } from '../../../src-shared/contract/contract.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';
import { entriesOf } from './encryption-console.ts';

let console: TestConsole;
let session: Credential;
let secret: string;

beforeEach(async () => {
  console = await createTestConsole();
  ({ session, secret } = await console.signIn());
});
afterEach(() => console[Symbol.asyncDispose]());

const token = (): string => readFileSync(join(console.folder, 'unlock.token'), 'utf8');
const codeOf = (answer: Answer): string => (answer.kind === 'problem' ? answer.problem.code : 'output');

function unlock(input: CallInput<'vault.unlock'>, ip?: string): Promise<Answer> {
  return console.send('vault.unlock', input, { kind: 'none' }, ip);
}

function byWindow(): Promise<Answer> {
  return console.core.dispatch({
    operation: 'vault.unlock',
    via: 'window',
    origin: { ip: null, userAgent: null },
    credential: { kind: 'none' },
    input: {},
    traceId: '0'.repeat(32),
  });
}

async function signIn(): Promise<Credential> {
  console.host.advance(31_000);
  const first = await console.call('auth.login', { username: 'mira', password: 'Correct-horse9battery' });
  const done = await console.call('auth.mfa_verify', { token: String(first.token), code: console.code(secret) });
  return { kind: 'token', token: String(done.token), from: 'bearer' };
}

test('locked, it is alive and not ready, says how it is unlocked, and answers nothing else', async () => {
  const ended: string[] = [];
  console.core.openStream({
    credential: session,
    origin: { ip: null, userAgent: null },
    lastEventId: undefined,
    deliver: () => true,
    ended: (reason) => void ended.push(reason),
  });
  await console.call('vault.lock', {}, session);
  expect(ended).toEqual(['the vault is locked']);
  expect(await console.call('console.health', {})).toEqual({ status: 'ok' });
  expect(await console.call('setup.state', {})).toEqual({
    phase: 'locked',
    step: null,
    claimed_by_you: false,
    unlock_with: 'token',
  });
  const open = new Set(['console.health', 'console.openapi', 'setup.state', 'vault.unlock']);
  for (const name of operationNames.filter((each) => !open.has(each) && !each.startsWith('setup.'))) {
    const answer = await console.send(name, {}, session);
    expect([name, ['console/locked', 'request/invalid', 'limits/rate'].includes(codeOf(answer))]).toEqual([name, true]);
  }
  expect(codeOf(await console.send('console.ready', {}))).toBe('console/locked');
  expect(codeOf(await console.send('vault.lock', {}, session))).toBe('console/locked');
});

test('the token of the profile unlocks it; sessions of before are over, the log tells of both', async () => {
  await console.call('vault.lock', {}, session);
  const right = token();
  expect(codeOf(await unlock({ token: right }))).toBe('output');
  expect(existsSync(join(console.folder, 'unlock.token'))).toBe(false);
  expect(codeOf(await console.send('console.status', {}, session))).toBe('access/unauthenticated');
  expect(codeOf(await unlock({ token: right }))).toBe('encryption/not-locked');
  session = await signIn();
  expect(await entriesOf(console, session, 'vault_lock')).toEqual([{ details: {}, actor: 'mira', success: true }]);
  expect(await entriesOf(console, session, 'vault_unlock')).toEqual([
    { details: { with: 'token', failed_attempts: 0 }, actor: 'anonymous', success: true },
  ]);
  // The old token opens nothing the next time.
  console.host.advance(31_000);
  await console.call('vault.lock', {}, session);
  expect(codeOf(await unlock({ token: right }))).toBe('encryption/wrong-key');
  expect(codeOf(await unlock({ token: token() }))).toBe('output');
});

test('whatever is wrong gets one answer; exactly one secret is taken', async () => {
  const { recovery_key } = await console.call('encryption.recovery_key', {}, session);
  await console.call('vault.lock', {}, session);
  const wrong = [
    { token: 'x' },
    { token: '' },
    { passphrase: 'a passphrase that none asked for' },
    { recovery_key: 'GH-0000' },
    { recovery_key: '' },
    { recovery_key: recovery_key.replace(/[0-9]/, (digit) => (digit === '1' ? '2' : '1')) },
  ];
  const problems = new Set<string>();
  for (const input of wrong) {
    const answer = await unlock(input);
    problems.add(
      answer.kind === 'problem' ? `${answer.problem.status} ${answer.problem.code} ${answer.problem.detail}` : 'opened',
    );
  }
  expect([...problems]).toEqual(['401 encryption/wrong-key that does not open the vault']);
  expect(codeOf(await unlock({}))).toBe('request/invalid');
  expect(codeOf(await unlock({ token: token(), recovery_key }))).toBe('request/invalid');
  expect(codeOf(await unlock({ recovery_key: recovery_key.toLowerCase().replaceAll('-', ' ') }))).toBe('output');
});

test('passphrases are tried ever more slowly by one origin, and others are not held up', async () => {
  await console.call('vault.lock', {}, session);
  const codes: string[] = [];
  for (let tries = 0; tries < 7; tries++) codes.push(codeOf(await unlock({ passphrase: 'a wrong passphrase' })));
  expect(codes.slice(0, 5)).toEqual(Array(5).fill('encryption/wrong-key'));
  expect(codes.slice(5)).toEqual(['access/backing-off', 'access/backing-off']);
  expect(codeOf(await unlock({ passphrase: 'a wrong passphrase' }, '198.51.100.1'))).toBe('encryption/wrong-key');
  expect(codeOf(await unlock({ token: token() }))).toBe('output');
});

test('the desktop window unlocks without a secret where no passphrase protects the key', async () => {
  await console.call('vault.lock', {}, session);
  expect(codeOf(await unlock({}))).toBe('request/invalid');
  expect(codeOf(await byWindow())).toBe('output');
  await signIn();
});

test('a passphrase protects it: only that or the recovery key unlocks, the window asks for it too', async () => {
  const passphrase = 'a passphrase of its own';
  await console.call('encryption.protection', { protection: 'passphrase', passphrase }, session);
  expect((await console.call('encryption.status', {}, session)).protection).toBe('passphrase');
  await console.call('vault.lock', {}, session);
  expect(await console.call('setup.state', {})).toMatchObject({ phase: 'locked', unlock_with: 'passphrase' });
  expect(codeOf(await byWindow())).toBe('request/invalid');
  expect(codeOf(await unlock({ passphrase: 'a passphrase of another' }))).toBe('encryption/wrong-key');
  expect(codeOf(await unlock({ passphrase }))).toBe('output');
  session = await signIn();
  expect(await entriesOf(console, session, 'vault_unlock')).toMatchObject([
    { details: { with: 'passphrase', failed_attempts: 1 } },
  ]);
  expect(await entriesOf(console, session, 'key_protection_change')).toMatchObject([
    { details: { from: 'environment', to: 'passphrase' } },
  ]);
});

test('nobody unlocks it before the lock is complete: the store is never open twice', async () => {
  const { recovery_key } = await console.call('encryption.recovery_key', {}, session);
  // Cancelling it holds up the lock.
  const backup = console.call('backups.create', {}, session).catch((error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve, 30));
  let complete = false;
  const locking = console.call('vault.lock', {}, session).then(() => {
    complete = true;
  });
  while ((await console.call('setup.state', {})).phase !== 'locked')
    await new Promise((resolve) => setImmediate(resolve));
  expect(complete).toBe(false);
  expect(codeOf(await unlock({ recovery_key }))).toBe('console/busy');
  await locking;
  await backup;
  expect(await console.call('setup.state', {})).toMatchObject({ phase: 'locked' });
  expect(codeOf(await unlock({ recovery_key }))).toBe('output');
  await signIn();
});

test('a rotation under way stops with the lock and goes on after it', async () => {
  await console.call('encryption.rotate', { key: 'sealing' }, session);
  await console.call('vault.lock', {}, session);
  await unlock({ token: token() });
  session = await signIn();
  for (let tries = 0; tries < 100; tries++) {
    const { keys } = await console.call('encryption.status', {}, session);
    if (keys.filter(({ key }) => key === 'sealing').length === 1) return;
    console.host.advance(100);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the old sealing key is still there');
});

test('locked while the page key is rotated: the store opens with what was acknowledged', async () => {
  await console.call('encryption.rotate', { key: 'page' }, session);
  await new Promise((resolve) => setTimeout(resolve, 30));
  await console.call('vault.lock', {}, session);
  expect(codeOf(await unlock({ token: token() }))).toBe('output');
  session = await signIn();
  const { keys } = await console.call('encryption.status', {}, session);
  expect(keys.filter(({ key }) => key === 'page')).toHaveLength(1);
});

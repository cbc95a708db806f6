// The window's session against a real console: the token stays in the main process, a lock holds, announcements come and stop.
import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import type { Console } from '../../../src-main/core/dispatch/arrival.ts';
import { startAlertWatch } from '../../../src-main/shells/electron/alert-watch.ts';
import { createDocumentDesk } from '../../../src-main/shells/electron/documents.ts';
import {
  createWindowSession,
  type PageAnnouncement,
  type WindowSession,
} from '../../../src-main/shells/electron/window-session.ts';
import { topics } from '../../../src-shared/contract/console.ts';
import type { CallInput, OperationName, Output } from '../../../src-shared/contract/contract.ts';
import { adminPassword, createTestConsole, type TestConsole } from '../../support/console.ts';

let console: TestConsole;
let changes: string[];
let announced: string[];

afterEach(() => console[Symbol.asyncDispose]());

async function setting(options: { bare?: boolean; core?: (core: Console) => Console } = {}): Promise<WindowSession> {
  console = await createTestConsole(options.bare === true ? { bare: true } : {});
  changes = [];
  announced = [];
  const session: WindowSession = createWindowSession({
    console: options.core?.(console.core) ?? console.core,
    documents: createDocumentDesk(),
    timers: console.host.timers,
    log: console.host.log,
    newTraceId: () => 'f'.repeat(32),
    userAgent: 'Gatehouse/0.1.0 Electron/45.4.1 (Linux)',
    changed: () => void changes.push(session.standing().kind),
    announced: (topic) => void announced.push(topic),
  });
  return session;
}

async function call<N extends OperationName>(session: WindowSession, name: N, input: CallInput<N>): Promise<Output<N>> {
  const answer = await session.call(name, input);
  if (answer.kind === 'problem') throw new Error(`${answer.problem.code}: ${answer.problem.detail}`);
  if (answer.kind === 'document') throw new Error('a document, where an output was expected');
  return answer.output as Output<N>;
}

async function signIn(session: WindowSession): Promise<string> {
  const first = await call(session, 'auth.login', { username: 'mira', password: adminPassword });
  if (!('mfa_enrollment_required' in first)) throw new Error('expected to be asked for enrolment');
  const { secret } = await call(session, 'auth.mfa_enable', { token: first.token });
  const done = await call(session, 'auth.mfa_verify', { token: first.token, code: console.code(secret) });
  expect(JSON.stringify(done)).not.toMatch(/ghs_/);
  await call(session, 'auth.session', {});
  return secret;
}

test('signing in keeps the token here: no answer carries it', async () => {
  const session = await setting();
  expect(session.standing()).toEqual({ kind: 'signed-out' });
  expect(await session.call('alerts.list', {})).toMatchObject({ problem: { code: 'access/unauthenticated' } });
  await signIn(session);
  const standing = session.standing();
  expect(standing.kind === 'open' && standing.permissions.has('alerts.read')).toBe(true);
  const { items } = await call(session, 'sessions.list', {});
  expect(items.map(({ kind, current, ip_address }) => ({ kind, current, ip_address }))).toEqual([
    { kind: 'window', current: true, ip_address: null },
  ]);
});

test('a locked window gets nothing until it is unlocked', async () => {
  const session = await setting();
  const secret = await signIn(session);
  expect(await session.lock()).toBe(true);
  expect(session.standing()).toEqual({ kind: 'locked' });
  expect(await session.lock()).toBe(false);
  expect(await session.call('alerts.list', {})).toMatchObject({ problem: { code: 'access/locked' } });
  expect(await session.call('auth.unlock', { password: 'wrong' })).toMatchObject({ kind: 'problem' });
  expect(session.standing()).toEqual({ kind: 'locked' });
  console.host.advance(60_000);
  await call(session, 'auth.unlock', { password: adminPassword, code: console.code(secret) });
  await call(session, 'auth.session', {});
  expect(session.standing().kind).toBe('open');
  expect(await session.call('alerts.list', {})).toMatchObject({ kind: 'output' });
  const entries = await call(session, 'audit.entries', { event_type: 'console_lock' });
  expect(entries.items.map(({ actor, success }) => [actor.name, success])).toEqual([['mira', true]]);
});

test('signing out forgets the token', async () => {
  const session = await setting();
  await signIn(session);
  await call(session, 'auth.logout', {});
  expect(session.standing()).toEqual({ kind: 'signed-out' });
  expect(await session.lock()).toBe(false);
  expect(await session.call('auth.session', {})).toMatchObject({ problem: { code: 'access/unauthenticated' } });
});

test('a lock that the console does not confirm signs the window out', async () => {
  let failing = false;
  const session = await setting({
    core: (core) => ({
      ...core,
      dispatch: async (arrival) =>
        failing && arrival.operation === 'auth.lock'
          ? {
              kind: 'problem',
              rate: undefined,
              problem: {
                type: 'urn:gatehouse:problem:console/store-failed',
                title: 'The store could not be written',
                status: 503,
                code: 'console/store-failed',
                detail: 'the disk is full',
                error: 'the disk is full',
              },
            }
          : core.dispatch(arrival),
    }),
  });
  await signIn(session);
  failing = true;
  expect(await session.lock()).toBe(true);
  expect(session.standing()).toEqual({ kind: 'signed-out' });
  expect(await session.call('auth.session', {})).toMatchObject({ problem: { code: 'access/unauthenticated' } });
});

test('announcements come while somebody listens and is signed in', async () => {
  const session = await setting();
  const heard: PageAnnouncement[] = [];
  session.listen((announcement) => void heard.push(announcement));
  expect(console.core.streamCount()).toBe(0);
  await signIn(session);
  expect(console.core.streamCount()).toBe(1);
  await call(session, 'keys.create', { name: 'collector', scopes: ['events.write'] });
  expect(heard.map(({ topic }) => topic)).toContain('audit.grew');
  expect(Object.keys(heard[0] ?? {}).sort()).toEqual(['ref', 'revision', 'topic']);
  expect(announced).toEqual(heard.map(({ topic }) => topic));
  session.stopListening();
  expect(console.core.streamCount()).toBe(0);
  const count = heard.length;
  await call(session, 'keys.create', { name: 'another', scopes: ['events.write'] });
  expect(heard).toHaveLength(count);
});

test('a session that is ended elsewhere makes the page read everything again, and stays ended', async () => {
  const session = await setting();
  const heard: PageAnnouncement[] = [];
  session.listen((announcement) => void heard.push(announcement));
  const secret = await signIn(session);
  const [own] = (await call(session, 'sessions.list', {})).items;
  console.host.advance(60_000);
  const first = await console.call('auth.login', { username: 'mira', password: adminPassword });
  if (!('mfa_required' in first)) throw new Error('expected to be asked for a code');
  const other = await console.call('auth.mfa_verify', { token: first.token, code: console.code(secret) });
  if (!('user' in other) || other.token === undefined) throw new Error('expected a session');
  heard.length = 0;
  await console.call('sessions.end', { id: own?.id ?? '' }, { kind: 'token', token: other.token, from: 'bearer' });
  expect(new Set(heard.filter(({ ref }) => ref === null).map(({ topic }) => topic))).toEqual(
    new Set(Object.keys(topics)),
  );
  expect(await session.call('alerts.list', {})).toMatchObject({ problem: { code: 'access/unauthenticated' } });
  expect(session.standing()).toEqual({ kind: 'signed-out' });
  console.host.advance(2_000);
  expect(console.core.streamCount()).toBe(0);
});

test('a set-up is claimed by the window and ends with its owner signed in', async () => {
  const session = await setting({ bare: true });
  const token = console.core.issueSetupToken();
  expect(await call(session, 'setup.claim', { token })).toEqual({
    state: { phase: 'in_progress', step: 'keys', claimed_by_you: true },
  });
  expect(session.isSettingUp()).toBe(true);
  await call(session, 'setup.keys', { protection: 'environment' });
  await call(session, 'setup.owner', { username: 'mira', password: adminPassword });
  const { secret } = await call(session, 'setup.second_factor', {});
  await call(session, 'setup.second_factor_verify', { code: console.code(secret) });
  const { recovery_codes } = await call(session, 'setup.recovery_kit', {});
  await call(session, 'setup.recovery_confirm', { code: recovery_codes[3] ?? '' });
  await call(session, 'setup.step_done', { step: 'certificate' });
  await call(session, 'setup.step_done', { step: 'source' });
  expect(await call(session, 'setup.finish', {})).toEqual({ ok: true });
  expect([session.isSettingUp(), session.standing().kind]).toEqual([false, 'open']);
  expect((await call(session, 'auth.session', {})).user.username).toBe('mira');
});

test('new alerts are found as the system, window signed in or not', async () => {
  console = await createTestConsole();
  const { session } = await console.signIn();
  const raised: string[] = [];
  using watch = startAlertWatch({
    console: console.core,
    timers: console.host.timers,
    clock: console.host.clock,
    log: console.host.log,
    newTraceId: () => 'e'.repeat(32),
    raised: (alerts) => void raised.push(...alerts.map(({ severity, title }) => `${severity}: ${title}`)),
  });
  await watch.look();
  expect(raised).toEqual([]);
  const at = console.host.clock.now();
  const events = Array.from({ length: 12 }, (_, index) => ({
    id: randomUUID(),
    source: 'test',
    time: new Date(at + index).toISOString(),
    event_type: 'login',
    actor: 'alice',
    success: false,
    ip_address: '203.0.113.7',
  }));
  await console.call('events.ingest', { events }, session);
  await watch.look();
  expect(raised.length).toBeGreaterThan(0);
  const found = raised.length;
  await watch.look();
  expect(raised).toHaveLength(found);
  const summary = await console.call('alerts.summary', {}, session);
  expect(await watch.counts()).toEqual({ open: summary.open, critical: summary.open_by_severity.critical ?? 0 });
  expect(console.host.logged.filter(({ level }) => level !== 'info')).toEqual([]);
});

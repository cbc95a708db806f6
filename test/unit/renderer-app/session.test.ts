// The phases of the session: what is shown follows the console's answers; locking shows nothing from its first moment.

import { describe, expect, test, vi } from 'vitest';
import { NetworkFailure, ProblemFailure } from '../../../src-renderer/api/failures.ts';
import { createSession, mayDo } from '../../../src-renderer/app/session.ts';
import type { OperationName } from '../../../src-shared/contract/contract.ts';
import { facts, fakeCall, refuse } from './fake-call.ts';

type Answers = Parameters<typeof fakeCall>[0];

function session(answers: Answers) {
  const fake = fakeCall({
    'setup.state': () => ({ phase: 'done', step: null, claimed_by_you: false }),
    'auth.session': () => facts,
    ...answers,
  });
  const log: string[] = [];
  const made = createSession({
    call: fake.call,
    startStream: () => log.push('stream on'),
    stopStream: () => log.push('stream off'),
    forget: () => log.push('forget'),
  });
  return { ...made, phase: () => made.store.getState(), log, names: fake.names };
}

function failure(code: Parameters<typeof refuse>[0]): ProblemFailure {
  try {
    return refuse(code);
  } catch (error) {
    return error as ProblemFailure;
  }
}

describe('start', () => {
  test('goes to the set-up, to sign-in, to the lock or to the console, as the console says', async () => {
    const state = { phase: 'unclaimed', step: 'keys', claimed_by_you: false } as const;
    const fresh = session({ 'setup.state': () => state });
    await fresh.start();
    expect(fresh.phase()).toEqual({ kind: 'setup', state });
    expect(fresh.names()).toEqual(['setup.state']);

    const out = session({ 'auth.session': () => refuse('access/unauthenticated') });
    await out.start();
    expect(out.phase()).toEqual({ kind: 'sign-in', reason: undefined });

    const locked = session({ 'auth.session': () => ({ ...facts, locked: true }) });
    await locked.start();
    expect(locked.phase()).toMatchObject({ kind: 'locked', held: true });
    expect(locked.log).not.toContain('stream on');

    const signedIn = session({});
    await signedIn.start();
    expect(signedIn.phase()).toEqual({ kind: 'signed-in', facts });
    expect(signedIn.log.at(-1)).toBe('stream on');
  });

  test('a locked vault is shown at once, whoever locked it, and nothing of the screens is left', async () => {
    let phase: 'done' | 'locked' = 'locked';
    const it = session({
      'setup.state': () =>
        phase === 'locked'
          ? { phase, step: null, claimed_by_you: false, unlock_with: 'passphrase' }
          : { phase, step: null, claimed_by_you: false },
    });
    await it.start();
    expect(it.phase()).toEqual({ kind: 'vault-locked', unlockWith: 'passphrase' });

    phase = 'done';
    await it.start();
    expect(it.phase().kind).toBe('signed-in');
    phase = 'locked';
    it.refused(failure('console/locked'), 'alerts.list');
    expect(it.phase().kind).toBe('vault-locked');
    expect(it.log.slice(-2)).toEqual(['stream off', 'forget']);
    await vi.waitFor(() => expect(it.phase()).toEqual({ kind: 'vault-locked', unlockWith: 'passphrase' }));
  });

  test('what ended every session is said where one signs in', async () => {
    const it = session({});
    await it.start();
    it.ended('The backup of yesterday was restored.');
    expect(it.phase()).toEqual({ kind: 'sign-in', reason: 'The backup of yesterday was restored.' });
    expect(it.log.slice(-2)).toEqual(['stream off', 'forget']);
  });

  test('says when nobody answers, and can try again', async () => {
    let isUp = false;
    const { start, phase } = session({
      'setup.state': () => {
        if (!isUp) throw new NetworkFailure('The service does not answer.');
        return { phase: 'done', step: null, claimed_by_you: false };
      },
    });
    await start();
    expect(phase()).toEqual({ kind: 'unreachable', words: 'The service does not answer.' });
    isUp = true;
    await start();
    expect(phase().kind).toBe('signed-in');
  });

  test('does not dress a bug as a refusal', async () => {
    const { start } = session({
      'setup.state': () => {
        throw new TypeError('undefined is not a function');
      },
    });
    await expect(start()).rejects.toThrow('undefined is not a function');
  });
});

describe('lock', () => {
  test('clears the page before the console has answered, and forgets what was read', async () => {
    let answer: () => void = () => undefined;
    const { start, lock, phase, log } = session({
      'auth.lock': () => new Promise((resolve) => (answer = () => resolve({ ok: true }))),
    });
    await start();
    const locking = lock(10);
    expect(phase()).toMatchObject({ kind: 'locked', held: false, idleMinutes: 10 });
    expect(log.slice(-2)).toEqual(['stream off', 'forget']);
    answer();
    await locking;
    expect(phase()).toMatchObject({ kind: 'locked', held: true, idleMinutes: 10 });
  });

  test('stays locked and says so when the console does not confirm', async () => {
    const { start, lock, phase } = session({
      'auth.lock': () => {
        throw new NetworkFailure('down');
      },
    });
    await start();
    await lock();
    expect(phase()).toMatchObject({ kind: 'locked', held: false });
  });

  test('a slow answer from before does not open it again', async () => {
    let answer: () => void = () => undefined;
    let isSlow = false;
    const { start, refresh, lock, phase } = session({
      'auth.session': () => (isSlow ? new Promise((resolve) => (answer = () => resolve(facts))) : facts),
      'auth.lock': () => ({ ok: true }),
    });
    await start();
    isSlow = true;
    const refreshing = refresh();
    await lock();
    answer();
    await refreshing;
    expect(phase().kind).toBe('locked');
  });

  test('opens with the right password and code only', async () => {
    let isLocked = true;
    const { start, unlock, phase } = session({
      'auth.session': () => ({ ...facts, locked: isLocked }),
      'auth.unlock': ({ password, code }) => {
        if (password !== 'right' || code !== '123456') refuse('access/credentials');
        isLocked = false;
        return { ok: true };
      },
    });
    await start();
    await expect(unlock('wrong', '123456')).rejects.toBeInstanceOf(ProblemFailure);
    expect(phase().kind).toBe('locked');
    await unlock('right', '123456');
    expect(phase().kind).toBe('signed-in');
  });
});

describe('refusals', () => {
  test.each<[OperationName, Parameters<typeof refuse>[0], string]>([
    ['alerts.list', 'access/unauthenticated', 'sign-in'],
    ['alerts.list', 'access/locked', 'locked'],
    ['alerts.list', 'access/forbidden', 'signed-in'],
    ['auth.login', 'access/unauthenticated', 'signed-in'],
  ])('%s refused with %s leads to %s', async (operation, code, kind) => {
    const { start, refused, phase, log } = session({});
    await start();
    refused(failure(code), operation);
    expect(phase().kind).toBe(kind);
    expect(log.includes('forget')).toBe(kind !== 'signed-in');
  });

  test('says why one is asked to sign in again', async () => {
    const { start, refused, phase } = session({});
    await start();
    refused(failure('access/unauthenticated'), 'alerts.list');
    expect(phase()).toEqual({ kind: 'sign-in', reason: expect.stringContaining('session has ended') });
  });
});

test('signing out leaves the console even if the service is gone', async () => {
  const { start, signOut, phase, log } = session({
    'auth.logout': () => {
      throw new NetworkFailure('down');
    },
  });
  await start();
  await signOut().catch(vi.fn());
  expect(phase()).toEqual({ kind: 'sign-in', reason: undefined });
  expect(log).toContain('forget');
});

test('rights hold only while signed in', async () => {
  const { start, lock, phase } = session({ 'auth.lock': () => ({ ok: true }) });
  await start();
  expect([mayDo(phase(), 'alerts.read'), mayDo(phase(), 'alerts.triage')]).toEqual([true, false]);
  await lock();
  expect(mayDo(phase(), 'alerts.read')).toBe(false);
});

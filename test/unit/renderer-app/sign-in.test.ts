// Signing in: password, code or enrolment, recovery codes once, and waiting when the console asks for it.

import { describe, expect, test } from 'vitest';
import { createSignIn } from '../../../src-renderer/features/sign-in/sign-in-store.ts';
import { facts, fakeCall, refuse } from './fake-call.ts';

function signIn(answers: Parameters<typeof fakeCall>[0], asCookie = true) {
  const fake = fakeCall(answers);
  let now = 0;
  let signedIn = 0;
  const made = createSignIn({
    call: fake.call,
    asCookie,
    signedIn: async () => {
      signedIn += 1;
    },
    now: () => now,
  });
  return {
    ...made,
    ...fake,
    state: () => made.store.getState(),
    pass: (ms: number) => {
      now += ms;
    },
    signedIn: () => signedIn,
  };
}

const mfaRequired = { mfa_required: true, token: 'pending-1', methods: ['totp', 'recovery_code'] } as const;
const needsCode = () => ({ ...mfaRequired, methods: [...mfaRequired.methods] });

describe('sign-in', () => {
  test('password and code lead in; both ask for the cookie', async () => {
    const it = signIn({ 'auth.login': needsCode, 'auth.mfa_verify': () => ({ user: facts.user }) });
    it.setUsername('mira.solberg');
    await it.submitPassword('secret');
    expect(it.state().step).toEqual({ kind: 'code', token: 'pending-1', method: 'totp' });
    await it.submitCode(' 123456 ');
    expect(it.signedIn()).toBe(1);
    expect(it.asked).toEqual([
      { name: 'auth.login', input: { username: 'mira.solberg', password: 'secret', cookie: true } },
      { name: 'auth.mfa_verify', input: { token: 'pending-1', code: '123456', cookie: true } },
    ]);
    expect(it.state()).toMatchObject({ step: { kind: 'password' }, username: '' });
  });

  test('the desktop window asks for no cookie', async () => {
    const it = signIn({ 'auth.login': () => ({ user: facts.user }) }, false);
    it.setUsername('a');
    await it.submitPassword('b');
    expect(it.asked[0]!.input).toEqual({ username: 'a', password: 'b' });
  });

  test('who must enrol sees the recovery codes before the console', async () => {
    const enrolment = { secret: 'JBSWY3DP', uri: 'otpauth://x', issuer: 'Gatehouse', account: 'a' };
    const it = signIn({
      'auth.login': () => ({ mfa_enrollment_required: true, token: 'pending-2' }),
      'auth.mfa_enable': () => enrolment,
      'auth.mfa_verify': () => ({ user: facts.user, recovery_codes: ['aaaaa-bbbbb'] }),
    });
    it.setUsername('a');
    await it.submitPassword('b');
    expect(it.state().step).toEqual({ kind: 'enrolment', token: 'pending-2', enrolment });
    await it.submitCode('123456');
    expect(it.state().step).toEqual({ kind: 'recovery-codes', codes: ['aaaaa-bbbbb'] });
    expect(it.signedIn()).toBe(0);
    await it.finish();
    expect(it.signedIn()).toBe(1);
  });

  test('a wrong code leaves the step; a dead temporary token starts again and says why', async () => {
    let isDead = false;
    const it = signIn({
      'auth.login': needsCode,
      'auth.mfa_verify': () => refuse(isDead ? 'access/unauthenticated' : 'access/code', 'the code is wrong'),
    });
    it.setUsername('a');
    await it.submitPassword('b');
    await it.submitCode('000000');
    expect(it.state()).toMatchObject({ step: { kind: 'code' }, problem: 'The code is wrong.' });
    isDead = true;
    await it.submitCode('000000');
    expect(it.state()).toMatchObject({
      step: { kind: 'password' },
      username: 'a',
      problem: expect.stringContaining('too long'),
    });
  });

  test('asks nothing while it has to wait, and again afterwards', async () => {
    const it = signIn({ 'auth.login': () => refuse('access/backing-off', 'too many failed attempts', 30) });
    it.setUsername('a');
    await it.submitPassword('b');
    expect(it.state().retryAt).toBe(30_000);
    await it.submitPassword('b');
    it.pass(29_999);
    await it.submitPassword('b');
    expect(it.asked).toHaveLength(1);
    it.pass(1);
    await it.submitPassword('b');
    expect(it.asked).toHaveLength(2);
  });

  test('does not send a form twice', async () => {
    let answer: () => void = () => undefined;
    const it = signIn({ 'auth.login': () => new Promise((resolve) => (answer = () => resolve({ user: facts.user }))) });
    it.setUsername('a');
    const first = it.submitPassword('b');
    await it.submitPassword('b');
    answer();
    await first;
    expect(it.asked).toHaveLength(1);
  });
});

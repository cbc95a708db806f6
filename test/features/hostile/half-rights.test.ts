// Who is only half let in: a locked session and the temporary token of a login try every operation of the contract.
import { expect, test } from 'vitest';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { declarationOf, type OperationName, operationNames } from '../../../src-shared/contract/contract.ts';
import { adminPassword, createTestConsole, type TestConsole } from '../../support/console.ts';

const generous = new Map([
  ['rate_limit.requests_per_minute', 1_000_000],
  ['rate_limit.login_requests_per_minute', 10_000],
]);

// Operations that need no credential are open to these too; ending the session would spoil the rest.
const guarded = operationNames.filter((name) => declarationOf(name).access.kind !== 'open' && name !== 'auth.logout');

async function codes(console: TestConsole, as: Credential): Promise<Map<OperationName, string>> {
  const found = new Map<OperationName, string>();
  for (const name of guarded) {
    const answer = await console.send(name, {}, as);
    found.set(name, answer.kind === 'problem' ? answer.problem.code : 'answered');
  }
  return found;
}

test('a locked session can ask who it is, be unlocked and be ended; it hears nothing', async () => {
  await using console = await createTestConsole({ settings: generous });
  const { session } = await console.signIn();
  const heard: string[] = [];
  const request = {
    credential: session,
    origin: { ip: null, userAgent: null },
    lastEventId: undefined,
    deliver: ({ topic }: { topic: string }) => heard.push(topic) > 0,
    ended: () => void heard.push('ended'),
  };
  expect(console.core.openStream(request).kind).toBe('open');
  await console.call('auth.lock', {}, session);
  expect(heard.at(-1)).toBe('ended');
  expect(console.core.openStream(request)).toMatchObject({ kind: 'problem', problem: { code: 'access/locked' } });

  const open = { 'auth.session': 'answered', 'auth.unlock': 'request/invalid' } as const;
  for (const [name, code] of await codes(console, session)) {
    const setup = declarationOf(name).access.kind === 'setup';
    const expected =
      name in open ? open[name as keyof typeof open] : setup ? 'access/unauthenticated' : 'access/locked';
    expect([name, code]).toEqual([name, expected]);
  }
  expect((await console.send('auth.logout', {}, session)).kind).toBe('output');
});

test('the token between password and second factor opens the next step and nothing else', async () => {
  await using console = await createTestConsole({ settings: generous });
  const login = async (): Promise<Credential> => {
    const answer = await console.call('auth.login', { username: 'mira', password: adminPassword });
    if (!('token' in answer) || answer.token === undefined) throw new Error('expected a temporary token');
    return { kind: 'token', token: answer.token, from: 'bearer' };
  };
  const enrolment = await codes(console, await login());
  expect(enrolment.get('auth.mfa_enable')).toBe('answered');
  expect(enrolment.get('auth.mfa_verify')).toBe('request/invalid');
  await console.signIn();
  const code = await codes(console, await login());
  expect(code.get('auth.mfa_enable')).toBe('access/mfa-already-on');
  expect(code.get('auth.mfa_verify')).toBe('request/invalid');
  for (const answers of [enrolment, code]) {
    for (const [name, answer] of answers) {
      if (declarationOf(name).access.kind === 'pending') continue;
      expect(['access/unauthenticated', 'access/enrolment-required'], name).toContain(answer);
    }
  }
});

// Every operation of the contract against inputs that nobody would send in good faith: refusals are problems, never accidents.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { declarationOf, operationNames } from '../../../src-shared/contract/contract.ts';
import { arbitraryInput } from '../../support/arbitrary-input.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';

let console: TestConsole;
let session: Credential;
let key: Credential;

beforeAll(async () => {
  console = await createTestConsole({
    settings: new Map([
      ['rate_limit.requests_per_minute', 1_000_000],
      ['rate_limit.login_requests_per_minute', 10_000],
    ]),
  });
  ({ session } = await console.signIn());
  key = await console.createKey(['*', 'audit.export'], session);
});
afterAll(() => console[Symbol.asyncDispose]());

// Each would end the session that the others need.
const names = operationNames.filter((name) => !['auth.logout', 'auth.lock', 'vault.lock'].includes(name));
let answered = 0;

describe.each(names)('%s', (name) => {
  it('answers or refuses, and is never surprised', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryInput(declarationOf(name).input),
        fc.constantFrom('key', 'session'),
        async (input, who) => {
          const answer = await console.send(name, input, who === 'key' ? key : session);
          if (answer.kind === 'output') answered += 1;
          else expect(answer.problem).not.toMatchObject({ status: 500 });
          if (answer.kind === 'problem') expect(answer.problem.code).not.toBe('console/store-failed');
        },
      ),
      { numRuns: 80, seed: 7 },
    );
  });
});

it('got through to the handlers', () => {
  expect(answered).toBeGreaterThan(200);
});

test('a login with a name that cutting would break is refused, recorded and counted like any other', async () => {
  const username = `${'b'.repeat(63)}\u{1f600}`;
  for (let failures = 1; failures <= 5; failures += 1) {
    const answer = await console.send('auth.login', { username, password: 'wrong' });
    expect(answer).toMatchObject({ kind: 'problem', problem: { code: 'access/credentials' } });
    const { items } = await console.call('audit.entries', { event_type: 'login', limit: 1 }, key);
    expect(items[0]?.details).toMatchObject({ username: `${'b'.repeat(63)}\ufffd`, failures });
  }
});

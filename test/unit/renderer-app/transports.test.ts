// The two transports: what each sends beside the input, and how each failure comes back.

import { describe, expect, test } from 'vitest';
import { call, download, startClient, watchRefusals } from '../../../src-renderer/api/client.ts';
import { isProblem, NetworkFailure, ProblemFailure } from '../../../src-renderer/api/failures.ts';
import { createHttpsTransport } from '../../../src-renderer/api/https-transport.ts';
import { createIpcTransport } from '../../../src-renderer/api/ipc-transport.ts';
import { provideStepUp, withStepUp } from '../../../src-renderer/api/step-up.ts';
import type { Announcement } from '../../../src-renderer/api/transport.ts';
import { facts, refuse } from './fake-call.ts';

function https(answer: (target: string) => Response) {
  const sent: { target: string; init: RequestInit }[] = [];
  const transport = createHttpsTransport({
    fetch: async (target, init) => {
      sent.push({ target: String(target), init: init ?? {} });
      return answer(String(target));
    },
    now: () => 0,
    random: () => 0,
  });
  return {
    transport,
    sent,
    header: (position: number, name: string) => new Headers(sent[position]!.init.headers).get(name),
  };
}

describe('HTTPS', () => {
  test('shows the token of the session on changes, of the set-up during set-up, and nothing on reads', async () => {
    const { transport, header, sent } = https(() => Response.json(facts));
    await transport.call('auth.logout', {}, {});
    await transport.call('auth.session', {}, {});
    await transport.call('auth.logout', {}, {});
    await transport.call('setup.owner', { username: 'a', password: 'b' }, {});
    expect(sent.map((_, position) => header(position, 'x-csrf-token'))).toEqual([null, null, 'abc', 'setup']);
    for (const { init } of sent) {
      expect(init).toMatchObject({ credentials: 'same-origin', cache: 'no-store', redirect: 'error' });
      expect(new Headers(init.headers).has('authorization')).toBe(false);
    }
  });

  test('no answer is a NetworkFailure; giving up stays giving up', async () => {
    const down = createHttpsTransport({
      fetch: () => Promise.reject(new TypeError('refused')),
      now: () => 0,
      random: () => 0,
    });
    await expect(down.call('auth.session', {}, {})).rejects.toBeInstanceOf(NetworkFailure);
    const given = createHttpsTransport({
      fetch: () => Promise.reject(new DOMException('stopped', 'AbortError')),
      now: () => 0,
      random: () => 0,
    });
    await expect(given.call('auth.session', {}, {})).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('IPC', () => {
  const problem = { type: '', title: '', status: 403, code: 'access/locked', detail: 'locked', error: 'locked' };

  test('gives outputs, throws problems, and calls a broken bridge a NetworkFailure', async () => {
    const asked: unknown[] = [];
    const bridge = {
      platform: 'linux',
      call: async (name: string, input: unknown) => {
        asked.push([name, input]);
        if (name === 'auth.session') return { kind: 'output' as const, output: facts };
        if (name === 'auth.logout') throw new Error('the other side is gone');
        return { kind: 'problem' as const, problem };
      },
      subscribe: () => () => undefined,
    };
    const transport = createIpcTransport(bridge);
    await expect(transport.call('auth.session', {}, {})).resolves.toEqual(facts);
    await expect(transport.call('alerts.list', { limit: 1 }, {})).rejects.toEqual(new ProblemFailure(problem));
    await expect(transport.call('auth.logout', {}, {})).rejects.toBeInstanceOf(NetworkFailure);
    expect(asked[1]).toEqual(['alerts.list', { limit: 1 }]);
  });

  test('takes announcements of known topics only', () => {
    let tell: (announcement: unknown) => void = () => undefined;
    const announced: Announcement[] = [];
    const transport = createIpcTransport({
      platform: 'linux',
      call: () => Promise.reject(new Error('not asked')),
      subscribe: (listener) => {
        tell = listener;
        return () => undefined;
      },
    });
    transport.openStream({
      announce: (each) => announced.push(each),
      change: () => undefined,
      refuse: () => undefined,
    });
    for (const said of [{ topic: 'audit.grew', ref: null, revision: 4 }, { topic: 'x' }, undefined, 'audit.grew'])
      tell(said);
    expect(announced).toEqual([{ topic: 'audit.grew', ref: null, revision: 4 }]);
  });
});

test('watchers hear of a refusal before the caller does', async () => {
  const order: string[] = [];
  startClient({
    kind: 'https',
    call: async () => refuse('access/locked'),
    download: async () => refuse('access/locked'),
    openStream: () => () => undefined,
  });
  const stop = watchRefusals((failure, operation) => order.push(`${operation} ${failure.problem.code}`));
  await call('alerts.list', {}).catch(() => order.push('caller'));
  await download('bundles.fetch', { id: '1' }, { onProgress: () => undefined }).catch(() => order.push('caller'));
  stop();
  expect(order).toEqual(['alerts.list access/locked', 'caller', 'bundles.fetch access/locked', 'caller']);
});

describe('step-up', () => {
  function protectedCall() {
    let isFresh = false;
    return {
      freshen: () => {
        isFresh = true;
      },
      run: async () => (isFresh ? 'done' : refuse('access/step-up')),
    };
  }

  test('asks once and goes on', async () => {
    const { run, freshen } = protectedCall();
    const withdraw = provideStepUp(async () => {
      freshen();
      return true;
    });
    await expect(withStepUp(run)).resolves.toBe('done');
    withdraw();
  });

  test('gives nothing when the person closes the question, and throws when nobody can ask', async () => {
    const { run } = protectedCall();
    const withdraw = provideStepUp(async () => false);
    await expect(withStepUp(run)).resolves.toBeUndefined();
    withdraw();
    const failure = await withStepUp(run).catch((error) => error);
    expect(isProblem(failure, 'access/step-up')).toBe(true);
  });
});

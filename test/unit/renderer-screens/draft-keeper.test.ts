// What somebody writes reaches the console: once for a burst of keys, in order, and the newest last.
import { expect, test } from 'vitest';
import type { call } from '../../../src-renderer/api/client.ts';
import { NetworkFailure } from '../../../src-renderer/api/failures.ts';
import { createDraftKeeper, type DraftState } from '../../../src-renderer/features/detections/draft-keeper.ts';

function createBench(wasKept = false) {
  const sent: unknown[] = [];
  const states: DraftState[] = [];
  const answers: ((failure?: Error) => void)[] = [];
  let waiting: (() => void) | undefined;
  const fake = (name: string, input: unknown) => {
    sent.push([name, input]);
    return new Promise((resolve, reject) => {
      answers.push((failure) => (failure === undefined ? resolve({}) : reject(failure)));
    });
  };
  const keeper = createDraftKeeper('new', wasKept, {
    call: fake as unknown as typeof call,
    later(run) {
      waiting = run;
      return () => {
        waiting = undefined;
      };
    },
    onState: (state) => states.push(state),
  });
  return {
    keeper,
    sent,
    states,
    /** The pause after the last key. */
    pause: () => waiting?.(),
    async answer(failure?: Error) {
      answers.shift()?.(failure);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const save = (source: string) => ['drafts.save', { of: 'new', source }];
const discard = ['drafts.discard', { of: 'new' }];

test('keeps a burst of keys once, and what came meanwhile after it', async () => {
  const { keeper, sent, states, pause, answer } = createBench();
  keeper.write({ source: 'a' });
  keeper.write({ source: 'ab' });
  expect(sent).toEqual([]);
  pause();
  keeper.write({ source: 'abc' });
  pause();
  expect(sent).toEqual([save('ab')]);
  await answer();
  expect(sent).toEqual([save('ab'), save('abc')]);
  await answer();
  expect(states.at(-1)).toEqual({ kind: 'kept' });
});

test('a page that goes away does not wait for a pause', () => {
  const { keeper, sent } = createBench();
  keeper.flush();
  keeper.write({ source: 'a' });
  keeper.flush();
  keeper.flush();
  expect(sent).toEqual([save('a')]);
});

test('a text that is as before is no draft', async () => {
  const { keeper, sent, states, pause, answer } = createBench(true);
  keeper.write(undefined);
  pause();
  expect(sent).toEqual([discard]);
  await answer();
  keeper.write(undefined);
  pause();
  expect(sent).toEqual([discard]);
  expect(states.at(-1)).toEqual({ kind: 'none' });
});

test('what is thrown away is not kept by a request that was under way', async () => {
  const { keeper, sent, pause, answer } = createBench();
  keeper.write({ source: 'a' });
  pause();
  keeper.write({ source: 'ab' });
  const thrown = keeper.discard();
  pause();
  await answer();
  expect(sent).toEqual([save('a'), discard]);
  await answer();
  await thrown;
  keeper.flush();
  expect(sent).toEqual([save('a'), discard]);
});

test('says that it is not kept, and tries again with the next key', async () => {
  const { keeper, sent, states, pause, answer } = createBench();
  keeper.write({ source: 'a' });
  pause();
  await answer(new NetworkFailure('The console does not answer.'));
  expect(states.at(-1)).toEqual({ kind: 'failed', words: 'The console does not answer.' });
  keeper.write({ source: 'ab' });
  pause();
  await answer();
  expect(sent).toEqual([save('a'), save('ab')]);
  expect(states.at(-1)).toEqual({ kind: 'kept' });
});

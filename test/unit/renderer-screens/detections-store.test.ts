// The detectors as the screen holds them: what was read stays while the console does not answer, and is read anew when it does.
import { expect, test } from 'vitest';
import type { call, subscribe } from '../../../src-renderer/api/client.ts';
import { NetworkFailure } from '../../../src-renderer/api/failures.ts';
import { createDetectionsStore } from '../../../src-renderer/features/detections/detections-store.ts';

function createBench() {
  const waiting: (() => void)[] = [];
  const console = { answers: true };
  const answer = async (name: string) => {
    if (!console.answers) throw new NetworkFailure('no answer');
    return name === 'packs.list'
      ? { items: [] }
      : { items: [{ title: 'One', severity: 'high' }], refused: [], compiling: false };
  };
  const store = createDetectionsStore({
    call: answer as unknown as typeof call,
    subscribe: (() => () => undefined) as unknown as typeof subscribe,
    later(run) {
      waiting.push(run);
      return () => undefined;
    },
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { store, console, waiting, settle };
}

test('says so when nothing could be read at all', async () => {
  const { store, console } = createBench();
  console.answers = false;
  await store.load();
  expect(store.getState()).toMatchObject({ phase: 'failed', failure: 'no answer' });
});

test('keeps what was read while the console does not answer, and asks again', async () => {
  const { store, console, waiting, settle } = createBench();
  store.listen();
  await store.load();
  console.answers = false;
  await store.load();
  expect(store.getState()).toMatchObject({
    phase: 'ready',
    failure: 'no answer',
    items: [{ title: 'One' }],
    reading: 1,
  });
  console.answers = true;
  expect(waiting).toHaveLength(1);
  waiting[0]?.();
  await settle();
  expect(store.getState()).toMatchObject({ phase: 'ready', failure: undefined, reading: 2 });
});

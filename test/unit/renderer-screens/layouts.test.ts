// How somebody sees the views: shown at once, kept one after the other, and the usual columns where nothing else is known.
import { expect, it } from 'vitest';
import type { call } from '../../../src-renderer/api/client.ts';
import { ProblemFailure } from '../../../src-renderer/api/failures.ts';
import {
  choicesOf,
  createLayoutStore,
  type Layout,
  movedColumn,
  usualLayout,
  withColumn,
} from '../../../src-renderer/features/queue/layouts.ts';
import { alertColumns } from '../../../src-shared/alert-words.ts';

type Sent = readonly [string, unknown];

function storeOf(answer: (name: string) => unknown) {
  const sent: Sent[] = [];
  const ask = async (name: string, input: unknown) => {
    sent.push([name, input]);
    await Promise.resolve();
    return answer(name);
  };
  return { sent, store: createLayoutStore({ call: ask as typeof call }) };
}

const narrow: Layout = { columns: ['title', 'risk'], sort: 'newest', density: null };

it('shows what was kept, and a change at once', async () => {
  const { sent, store } = storeOf(() => ({ layouts: [{ view: 'mine', ...narrow }], last_view: 'mine' }));
  expect(store.getState().isReady).toBe(false);
  await store.read();
  await store.read();
  expect(store.getState()).toMatchObject({ isReady: true, lastView: 'mine' });
  expect(store.getState().layouts.get('mine')).toEqual(narrow);
  const kept = store.arrange('open', usualLayout);
  expect(store.getState().layouts.get('open')).toEqual(usualLayout);
  expect(await kept).toBeUndefined();
  await store.reset('open');
  expect([...store.getState().layouts.keys()]).toEqual(['mine']);
  store.use('mine');
  store.use('all');
  await store.reset('mine');
  expect(sent).toEqual([
    ['alert_views.list', {}],
    ['alert_views.arrange', { view: 'open', ...usualLayout }],
    ['alert_views.reset', { view: 'open' }],
    ['alert_views.use', { view: 'all' }],
    ['alert_views.reset', { view: 'mine' }],
  ]);
});

it('is ready with the usual columns where the service does not answer, and says what could not be kept', async () => {
  const { store } = storeOf(() => {
    throw new ProblemFailure({
      type: 'x',
      code: 'internal',
      error: 'No',
      title: 'No',
      status: 500,
      detail: 'the store is full',
    });
  });
  await store.read();
  expect(store.getState()).toEqual({ isReady: true, layouts: new Map(), lastView: undefined });
  expect(await store.arrange('all', narrow)).toMatch(/./);
  expect(store.getState().layouts.get('all')).toEqual(narrow);
});

it('moves, adds and takes away columns', () => {
  expect(movedColumn(narrow, 'risk', -1)?.columns).toEqual(['risk', 'title']);
  expect(movedColumn(narrow, 'risk', 1)).toBeUndefined();
  expect(movedColumn(narrow, 'title', -1)).toBeUndefined();
  expect(movedColumn(narrow, 'status', 1)).toBeUndefined();
  expect(withColumn(narrow, 'verdict', true).columns).toEqual(['title', 'risk', 'verdict']);
  expect(withColumn(narrow, 'risk', false).columns).toEqual(['title']);
  expect(choicesOf(narrow).slice(0, 2)).toEqual(['title', 'risk']);
  expect(choicesOf(narrow).toSorted()).toEqual([...alertColumns].toSorted());
});

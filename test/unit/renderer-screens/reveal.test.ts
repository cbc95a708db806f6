// A value is held for half a minute and by nothing that outlives it; hiding comes before any answer that is still on its way.

import { expect, it } from 'vitest';
import { createReveal, type RevealTarget, shownMs } from '../../../src-renderer/features/secrets/reveal.ts';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { refuse } from '../renderer-app/fake-call.ts';
import { createSteps, settled } from './secret-rows.ts';

const value = 'vT7-quartz!Lane04_mOss';
type Answer = Output<'secrets.reveal'>;

function answerOf(part: Partial<Answer> = {}): Answer {
  return { id: 'one', name: 'db/one', type: 'password', version: 3, value, fields: null, expires_at: null, ...part };
}

function setting(ask: (target: RevealTarget) => Promise<Answer | undefined> = async () => answerOf()) {
  const steps = createSteps();
  const held: number[] = [];
  const reveal = createReveal({ ask, later: steps.later, now: steps.now, screenHolds: (ms) => held.push(ms) });
  return { steps, reveal, held };
}

it('shows for 30 s, to the second', async () => {
  const { steps, reveal, held } = setting();
  await reveal.show({ id: 'one', name: 'db/one' });
  expect(reveal.store.getState()).toEqual({
    kind: 'shown',
    id: 'one',
    version: 3,
    fields: undefined,
    until: steps.now() + shownMs,
  });
  expect(reveal.read()).toBe(value);
  await steps.pass(29_999);
  expect(reveal.read()).toBe(value);
  await steps.pass(1);
  expect(reveal.store.getState()).toEqual({ kind: 'hidden' });
  expect(reveal.read()).toBeUndefined();
  expect(held).toEqual([shownMs, 0]);
});

it('has no value in its state, at no moment', async () => {
  const { steps, reveal } = setting();
  const seen: string[] = [];
  reveal.store.subscribe((state) => seen.push(JSON.stringify(state)));
  await reveal.show({ id: 'one', name: 'db/one' });
  await steps.pass(shownMs);
  expect(seen).toHaveLength(3);
  expect(seen.join()).not.toContain(value);
});

it('is hidden at once and leaves no timer', async () => {
  const { steps, reveal } = setting();
  await reveal.show({ id: 'one', name: 'db/one' });
  reveal.hide();
  reveal.hide();
  expect([reveal.store.getState().kind, reveal.read(), steps.waiting()]).toEqual(['hidden', undefined, 0]);
});

it('an answer that comes after hiding is dropped', async () => {
  let give: (answer: Answer) => void = () => undefined;
  const { reveal, held } = setting(() => new Promise((resolve) => (give = resolve)));
  const asking = reveal.show({ id: 'one', name: 'db/one' });
  expect(reveal.store.getState()).toEqual({ kind: 'asking', id: 'one', field: undefined });
  reveal.hide();
  give(answerOf());
  await asking;
  expect([reveal.store.getState().kind, reveal.read(), held]).toEqual(['hidden', undefined, []]);
});

it('a second one takes the place of the first, with its own half minute', async () => {
  const { steps, reveal } = setting(async ({ id }) => answerOf({ id, value: `value of ${id}` }));
  await reveal.show({ id: 'one', name: 'db/one' });
  await steps.pass(20_000);
  await reveal.show({ id: 'two', name: 'db/two' });
  await steps.pass(20_000);
  expect(reveal.read()).toBe('value of two');
  await steps.pass(10_000);
  expect(reveal.read()).toBeUndefined();
});

it('fields are shown one at a time or all at once', async () => {
  const fields: Record<string, string> = { DB_USER: 'orders', DB_PASSWORD: value };
  const { reveal } = setting(async ({ field }) =>
    answerOf(field === undefined ? { value: null, fields } : { value: fields[field] ?? '' }),
  );
  await reveal.show({ id: 'one', name: 'db/one', field: 'DB_PASSWORD' });
  expect(reveal.store.getState()).toMatchObject({ kind: 'shown', fields: ['DB_PASSWORD'] });
  expect([reveal.read('DB_PASSWORD'), reveal.read('DB_USER'), reveal.read()]).toEqual([value, undefined, undefined]);
  await reveal.show({ id: 'one', name: 'db/one' });
  expect(reveal.store.getState()).toMatchObject({ kind: 'shown', fields: ['DB_USER', 'DB_PASSWORD'] });
  expect(reveal.read('DB_USER')).toBe('orders');
});

it('a refusal is said, and giving up the second factor is none', async () => {
  const refused = setting(async () => refuse('secrets/granted', 'db/one is limited to others'));
  await refused.reveal.show({ id: 'one', name: 'db/one' });
  await settled();
  expect(refused.reveal.store.getState()).toEqual({
    kind: 'refused',
    id: 'one',
    words: 'Db/one is limited to others.',
  });
  const givenUp = setting(async () => undefined);
  await givenUp.reveal.show({ id: 'one', name: 'db/one' });
  expect(givenUp.reveal.store.getState()).toEqual({ kind: 'hidden' });
});

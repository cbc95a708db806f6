// The vault's store: all names however many pages, words looked for by the console, changes in place, and what is gone.

import { describe, expect, it } from 'vitest';
import { noSecretsQuery, type SecretsQuery } from '../../../src-renderer/features/secrets/secrets-query.ts';
import { createSecretsStore, rowsOf, searchAfterMs } from '../../../src-renderer/features/secrets/secrets-store.ts';
import type { SecretSummary } from '../../../src-shared/contract/secrets.ts';
import { createSteps, createVault, detailOf, secretOf, settled, start } from './secret-rows.ts';

const many = (count: number) =>
  Array.from({ length: count }, (_, number) => secretOf(`load/secret-${String(number).padStart(5, '0')}`));

async function openVault(rows: readonly SecretSummary[]) {
  const vault = createVault(rows);
  const steps = createSteps();
  const store = createSecretsStore({ call: vault.call, subscribe: vault.subscribe, later: steps.later });
  const stop = store.listen();
  await store.load();
  const names = () => rowsOf(store.getState(), start).map(({ name }) => name);
  const show = (part: Partial<SecretsQuery>) => store.show({ ...noSecretsQuery, ...part });
  return { vault, steps, store, stop, names, show };
}

describe('all names', () => {
  it('are read page by page to the end, deleted and shredded ones apart', async () => {
    const { vault, store, names } = await openVault([
      ...many(1_203),
      secretOf('old/one', { state: 'deleted' }),
      secretOf('old/two', { state: 'purged' }),
    ]);
    expect(store.getState()).toMatchObject({ phase: 'ready', isComplete: true });
    expect(names()).toHaveLength(1_203);
    expect(store.getState().deleted.map(({ name }) => name)).toEqual(['old/one', 'old/two']);
    expect(vault.of('secrets.list').map(({ state = 'live', cursor = '' }) => `${state} ${cursor}`)).toEqual([
      'live ',
      'live 500',
      'live 1000',
      'deleted ',
      'purged ',
    ]);
  });

  it('are shown while the rest is still read', async () => {
    const vault = createVault(many(600));
    const store = createSecretsStore({ call: vault.call, subscribe: vault.subscribe, later: createSteps().later });
    const seen: string[] = [];
    store.subscribe(({ secrets, phase, isComplete }) => seen.push(`${phase} ${secrets.length} ${isComplete}`));
    await store.load();
    expect(seen).toEqual(['loading 0 false', 'ready 500 false', 'ready 600 true']);
  });

  it('stay when reading them again fails, and the reason is said', async () => {
    const { vault, store, names } = await openVault(many(3));
    vault.fail('console/store-failed');
    await store.load();
    expect(names()).toHaveLength(3);
    expect(store.getState()).toMatchObject({ phase: 'failed', failure: 'Refused.' });
    vault.fail(undefined);
    await store.load();
    expect(store.getState()).toMatchObject({ phase: 'ready', failure: undefined });
  });

  it('that may not be seen are told from names that could not be read', async () => {
    const vault = createVault([]);
    vault.fail('access/forbidden');
    const store = createSecretsStore({ call: vault.call, subscribe: vault.subscribe, later: createSteps().later });
    await store.load();
    expect(store.getState().phase).toBe('forbidden');
  });
});

describe('search', () => {
  it('asks the console once the words rest, and never for words without letters', async () => {
    const { vault, steps, show, names } = await openVault([secretOf('db/password'), secretOf('ci/token')]);
    vault.asked.length = 0;
    for (const text of ['t', 'to', 'tok']) {
      show({ text });
      await steps.pass(searchAfterMs - 1);
    }
    expect(vault.asked).toEqual([]);
    await steps.pass(1);
    expect(vault.of('secrets.list').map(({ text }) => text)).toEqual(['tok']);
    expect(names()).toEqual(['ci/token']);
    show({ text: '  ' });
    await steps.pass(1_000);
    expect(vault.asked).toHaveLength(1);
    expect(names()).toEqual(['ci/token', 'db/password']);
  });

  it('shows nothing of an answer that came after the words had changed', async () => {
    const { steps, show, store, names } = await openVault([secretOf('db/password'), secretOf('ci/token')]);
    show({ text: 'token' });
    const slow = steps.pass(searchAfterMs);
    show({ text: '' });
    await slow;
    expect(store.getState().found).toBeUndefined();
    expect(names()).toEqual(['ci/token', 'db/password']);
  });

  it('reads on to the end of what was found', async () => {
    const { steps, show, store, names } = await openVault(many(450));
    show({ text: 'secret' });
    await steps.pass(searchAfterMs);
    expect(names()).toHaveLength(200);
    await Promise.all([store.findMore(), store.findMore()]);
    expect(names()).toHaveLength(400);
    await store.findMore();
    await store.findMore();
    expect(new Set(names()).size).toBe(450);
  });

  it('says why it failed, and can be tried again', async () => {
    const { vault, steps, show, store, names } = await openVault([secretOf('db/password')]);
    vault.fail('console/store-failed');
    show({ text: 'pass' });
    await steps.pass(searchAfterMs);
    expect(store.getState().found).toMatchObject({ phase: 'failed', failure: 'Refused.' });
    vault.fail(undefined);
    store.searchAgain();
    await settled();
    expect(names()).toEqual(['db/password']);
  });
});

describe('changes', () => {
  it('that are announced are read one by one, many of them at once', async () => {
    const { vault, steps, store } = await openVault(many(20));
    vault.asked.length = 0;
    const [first] = many(1);
    if (first === undefined) throw new Error('expected a secret');
    vault.put({ ...first, version: 2 });
    vault.say(first.id);
    vault.say(first.id);
    await steps.pass(1_000);
    expect(vault.asked.map(({ name }) => name)).toEqual(['secrets.get']);
    expect(store.getState().secrets.find(({ id }) => id === first.id)?.version).toBe(2);
    vault.asked.length = 0;
    for (const { id } of many(20)) vault.say(id);
    await steps.pass(1_000);
    expect(vault.asked.map(({ name }) => name)).toEqual(Array(3).fill('secrets.list'));
  });

  it('move a secret between the lists, and drop one that is no more', async () => {
    const one = secretOf('db/one');
    const { vault, steps, store } = await openVault([one, secretOf('db/two')]);
    await store.open(one.id);
    vault.put({ ...one, state: 'deleted' });
    await store.moved(one.id);
    expect(store.getState()).toMatchObject({ deleted: [{ id: one.id }], secrets: [{ name: 'db/two' }] });
    store.took(detailOf(one));
    expect(store.getState().deleted).toEqual([]);
    expect(store.getState().secrets.map(({ name }) => name)).toEqual(['db/one', 'db/two']);
    vault.remove(one.id);
    vault.say(one.id);
    await steps.pass(1_000);
    expect(store.getState().secrets.map(({ name }) => name)).toEqual(['db/two']);
    expect(store.getState().open).toEqual({ id: one.id, isGone: true });
  });

  it('of one’s own are taken without asking', async () => {
    const { vault, store } = await openVault([secretOf('b')]);
    vault.asked.length = 0;
    store.took(detailOf(secretOf('a/new')));
    expect(store.getState().secrets.map(({ name }) => name)).toEqual(['a/new', 'b']);
    expect(store.getState().secrets[0]).toEqual(secretOf('a/new'));
    expect(vault.asked).toEqual([]);
  });
});

it('knows nothing more once the console is locked', async () => {
  const { store, vault, steps, show } = await openVault(many(5));
  await store.open('id of load/secret-00001');
  show({ text: 'secret' });
  store.forget();
  await steps.pass(10_000);
  expect(store.getState()).toEqual({
    query: noSecretsQuery,
    secrets: [],
    deleted: [],
    phase: 'loading',
    isComplete: false,
  });
  expect(vault.of('secrets.list').every(({ text }) => text === undefined)).toBe(true);
});

// Drafts of rules through dispatch: each person's own, kept until they are saved or thrown away, and never a rule.
import { expect, it } from 'vitest';
import {
  findDraft,
  keepDraft,
  removeDraft,
  removeOldDrafts,
} from '../../../src-main/core/features/rules/drafts-table.ts';
import { migrations, scopedTables } from '../../../src-main/core/features/rules/migrations.ts';
import { createTestConsole } from '../../support/console.ts';
import { createTestStore } from '../../support/stores.ts';
import { manyOrders } from './rules-console.ts';

const some = '11111111-2222-4333-8444-555555555555';

it('keeps what somebody writes, as broken as it is, until it is thrown away', async () => {
  await using console = await createTestConsole();
  const { session: mira } = await console.signIn();
  expect(await console.call('drafts.get', { of: 'new' }, mira)).toEqual({ draft: null });
  const broken = 'title: [\n\u0000 ünfinished';
  await console.call('drafts.save', { of: 'new', source: broken }, mira);
  const kept = await console.call('drafts.save', { of: some, source: manyOrders, note: 'why', number: 3 }, mira);
  expect(kept).toMatchObject({ source: manyOrders, note: 'why', number: 3 });
  expect(await console.call('drafts.get', { of: some }, mira)).toEqual({ draft: kept });
  expect((await console.call('drafts.get', { of: 'new' }, mira)).draft).toMatchObject({ source: broken, number: null });
  expect((await console.call('detections.list', {}, mira)).items.some(({ pack }) => pack === 'own')).toBe(false);

  await console.call('drafts.discard', { of: some }, mira);
  expect(await console.call('drafts.discard', { of: some }, mira)).toEqual({ ok: true });
  expect(await console.call('drafts.get', { of: some }, mira)).toEqual({ draft: null });
});

it('keeps the latest twenty of a person', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const ids = Array.from({ length: 25 }, (_, index) => some.replace(/5$/, 'f').replace(/^11/, String(index + 10)));
  for (const of of ids) {
    await console.call('drafts.save', { of, source: of }, session);
    console.host.advance(1_000);
  }
  const found = await Promise.all(ids.map((of) => console.call('drafts.get', { of }, session)));
  expect(found.map(({ draft }) => draft !== null)).toEqual(ids.map((_, index) => index >= 5));
});

it('refuses drafts of nothing, to API keys, and to those who may not write rules', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  for (const of of ['', 'old', '../x', `copy-${some}-${some}`])
    await expect(console.call('drafts.save', { of, source: 'x' }, session)).rejects.toThrow('request/invalid');
  const key = await console.createKey(['detections.read'], session);
  await expect(console.call('drafts.get', { of: 'new' }, key)).rejects.toThrow('access/forbidden');
  const tuner = await console.createKey(['detections.manage'], session);
  await expect(console.call('drafts.get', { of: 'new' }, tuner)).rejects.toThrow('access/forbidden');
});

it('shows nobody the draft of another', () => {
  using store = createTestStore([{ name: 'rules', migrations, scopedTables, handlers: {} }]);
  const row = { source: 'title: hers', note: '', number: null, savedAt: 1 };
  store.write('default', (tx) => {
    keepDraft(tx, 'ada', some, row);
    keepDraft(tx, 'mira', some, { ...row, source: 'title: mine' });
    for (let n = 0; n < 5; n++) keepDraft(tx, 'mira', `${n}`, { ...row, savedAt: 2 });
    removeOldDrafts(tx, 'mira', 2);
    removeDraft(tx, 'mira', some);
  });
  expect(store.read('default', (tx) => [findDraft(tx, 'ada', some), findDraft(tx, 'mira', some)])).toEqual([
    row,
    undefined,
  ]);
  expect(store.read('other', (tx) => findDraft(tx, 'ada', some))).toBeUndefined();
});

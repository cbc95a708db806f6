// How people see the queue's views: each their own, and nothing that an older or newer version kept breaks the list.
import { expect, it } from 'vitest';
import { keepLayout } from '../../../src-main/core/features/alerts/views-table.ts';
import type { Input } from '../../../src-shared/contract/contract.ts';
import { createAlertsConsole } from './alerts-console.ts';

const ada = 'admin:ada';
const layout: Input<'alert_views.arrange'> = {
  view: 'open',
  columns: ['risk', 'title', 'verdict'],
  sort: 'newest',
  density: 'comfortable',
};

it('keeps columns, order and density of each view, each person’s own', async () => {
  using console = createAlertsConsole();
  expect(await console.call(ada, 'alert_views.list', {})).toEqual({ layouts: [], last_view: null });
  expect(await console.call(ada, 'alert_views.arrange', layout)).toEqual(layout);
  const other = { ...layout, view: 'mine', density: null } as const;
  await console.call(ada, 'alert_views.arrange', other);
  expect((await console.call(ada, 'alert_views.list', {})).layouts).toEqual([other, layout]);
  expect(await console.call('admin:bob', 'alert_views.list', {})).toEqual({ layouts: [], last_view: null });
  await console.call(ada, 'alert_views.arrange', { ...layout, columns: ['title'] });
  await console.call(ada, 'alert_views.reset', { view: 'mine' });
  await console.call(ada, 'alert_views.reset', { view: 'all' });
  expect((await console.call(ada, 'alert_views.list', {})).layouts).toEqual([{ ...layout, columns: ['title'] }]);
});

it('remembers the view used last, also one whose layout is as usual', async () => {
  using console = createAlertsConsole();
  await console.call(ada, 'alert_views.use', { view: 'mine' });
  console.host.advance(1000);
  await console.call(ada, 'alert_views.use', { view: 'suppressed' });
  await console.call(ada, 'alert_views.arrange', { ...layout, view: 'mine' });
  expect((await console.call(ada, 'alert_views.list', {})).last_view).toBe('suppressed');
  expect((await console.call('admin:bob', 'alert_views.list', {})).last_view).toBeNull();
});

it.each([
  { columns: [] },
  { columns: ['risk'] },
  { columns: ['title', 'title'] },
  { columns: ['title', 'constructor'] },
  { columns: Array.from({ length: 99 }, () => 'title') },
  { sort: 'title' },
  { density: 'huge' },
  { view: '__proto__' },
])('refuses %j', async (wrong) => {
  using console = createAlertsConsole();
  const { code } = await console.refusal(ada, 'alert_views.arrange', { ...layout, ...wrong } as typeof layout);
  expect(code).toBe('request/invalid');
});

it('leaves out what it does not understand of what was kept', async () => {
  using console = createAlertsConsole();
  await console.call(ada, 'alert_views.arrange', layout);
  const owner = console.store.read('default', (tx) =>
    tx.get<{ owner: string }>('SELECT owner FROM alert_view WHERE workspace = :workspace'),
  )?.owner;
  const keep = (view: string, kept: unknown) =>
    console.store.write('default', (tx) => keepLayout(tx, owner ?? '', view, JSON.stringify(kept)));
  keep('open', { columns: ['title', 'weather', 'risk'], sort: 'mood', density: 3 });
  keep('mine', { columns: 'title' });
  keep('all', {});
  keep('gone', { columns: ['title'] });
  expect((await console.call(ada, 'alert_views.list', {})).layouts).toEqual([
    { view: 'open', columns: ['title', 'risk'], sort: 'risk', density: null },
  ]);
});

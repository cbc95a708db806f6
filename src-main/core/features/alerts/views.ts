// How people see the queue's views. What was kept by another version and is not understood any more is as if it were not there.
import { alertColumns, alertDensities, alertSorts, alertViews } from '../../../../src-shared/alert-words.ts';
import type { AlertLayout, alertViewsOperations } from '../../../../src-shared/contract/alert-views.ts';
import type { Handlers } from '../../dispatch/handler.ts';
import { requireUser } from '../../dispatch/principal.ts';
import { findLastView, findLayouts, keepLayout, keepUse, type LayoutRow } from './views-table.ts';

export const viewHandlers: Handlers<typeof alertViewsOperations> = {
  'alert_views.list'(tx, call) {
    const { userId } = requireUser(call.principal);
    const last = findLastView(tx, userId);
    return {
      layouts: findLayouts(tx, userId).flatMap(layoutOf),
      last_view: alertViews.find((view) => view === last) ?? null,
    };
  },
  'alert_views.use'(tx, call, { view }) {
    keepUse(tx, requireUser(call.principal).userId, view, call.now);
    return { ok: true };
  },
  'alert_views.arrange'(tx, call, { view, ...layout }) {
    keepLayout(tx, requireUser(call.principal).userId, view, JSON.stringify(layout));
    return { view, ...layout };
  },
  'alert_views.reset'(tx, call, { view }) {
    keepLayout(tx, requireUser(call.principal).userId, view, null);
    return { ok: true };
  },
};

function layoutOf(row: LayoutRow): AlertLayout[] {
  const kept = JSON.parse(row.layout) as Record<keyof AlertLayout, unknown>;
  const view = alertViews.find((one) => one === row.view);
  const names: readonly unknown[] = Array.isArray(kept.columns) ? kept.columns : [];
  const columns = names.flatMap((name) => alertColumns.find((one) => one === name) ?? []);
  if (view === undefined || !columns.includes('title')) return [];
  return [
    {
      view,
      columns,
      sort: alertSorts.find((one) => one === kept.sort) ?? 'risk',
      density: alertDensities.find((one) => one === kept.density) ?? null,
    },
  ];
}

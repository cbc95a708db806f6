// How this person sees the views: read once, shown at once when it is changed, and kept at the console. The usual columns are here.

import { createStore, type StoreApi } from 'zustand/vanilla';
import { type AlertColumnName, type AlertView, alertColumns } from '../../../src-shared/alert-words.ts';
import type { AlertLayout } from '../../../src-shared/contract/alert-views.ts';
import type { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';

export type Layout = Omit<AlertLayout, 'view'>;

export const usualLayout: Layout = {
  columns: ['severity', 'risk', 'title', 'entities', 'technique', 'count', 'age', 'sla', 'who', 'status'],
  sort: 'risk',
  density: null,
};

export interface LayoutsState {
  /** Until then it is not known in which order a list is asked for. */
  readonly isReady: boolean;
  readonly layouts: ReadonlyMap<AlertView, Layout>;
  readonly lastView: AlertView | undefined;
}

export interface LayoutStore extends StoreApi<LayoutsState> {
  read(): Promise<void>;
  /** Answers with why it could not be kept; until the page is loaded anew it holds all the same. */
  arrange(view: AlertView, layout: Layout): Promise<string | undefined>;
  reset(view: AlertView): Promise<string | undefined>;
  use(view: AlertView): void;
  forget(): void;
}

const empty: LayoutsState = { isReady: false, layouts: new Map(), lastView: undefined };

export function createLayoutStore(dependencies: { readonly call: typeof call }): LayoutStore {
  const { call: ask } = dependencies;
  const store = createStore<LayoutsState>(() => empty);
  const { getState: get, setState: set } = store;
  // One after the other: the last press is what stays.
  let saving: Promise<unknown> = Promise.resolve();

  function keep(send: () => Promise<unknown>): Promise<string | undefined> {
    const sent = saving.then(send).then(
      () => undefined,
      (error: unknown) => failureWords(error),
    );
    saving = sent;
    return sent;
  }

  return {
    ...store,
    async read() {
      if (get().isReady) return;
      try {
        const { layouts, last_view } = await ask('alert_views.list', {});
        set({
          isReady: true,
          layouts: new Map(layouts.map(({ view, ...layout }) => [view, layout])),
          lastView: last_view ?? undefined,
        });
      } catch (error) {
        // The queue is of more use in its usual columns than not at all; the list itself says when the service is gone.
        failureWords(error);
        set({ isReady: true });
      }
    },
    arrange(view, layout) {
      set(({ layouts }) => ({ layouts: new Map(layouts).set(view, layout) }));
      return keep(() => ask('alert_views.arrange', { view, ...layout }));
    },
    reset(view) {
      set(({ layouts }) => ({ layouts: new Map([...layouts].filter(([other]) => other !== view)) }));
      return keep(() => ask('alert_views.reset', { view }));
    },
    use(view) {
      if (get().lastView === view) return;
      set({ lastView: view });
      void keep(() => ask('alert_views.use', { view }));
    },
    forget: () => set(empty, true),
  };
}

/** In the chooser: what is shown in its order, then what is not. */
export function choicesOf(layout: Layout): readonly AlertColumnName[] {
  return [...layout.columns, ...alertColumns.filter((name) => !layout.columns.includes(name))];
}

export function withColumn(layout: Layout, name: AlertColumnName, isShown: boolean): Layout {
  const others = layout.columns.filter((each) => each !== name);
  return { ...layout, columns: isShown ? [...others, name] : others };
}

/** Undefined at the ends. */
export function movedColumn(layout: Layout, name: AlertColumnName, step: 1 | -1): Layout | undefined {
  const from = layout.columns.indexOf(name);
  const to = from + step;
  const other = layout.columns[to];
  if (from < 0 || other === undefined) return undefined;
  const columns = layout.columns.with(from, other).with(to, name);
  return { ...layout, columns };
}

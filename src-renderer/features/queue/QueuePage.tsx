// The queue: head, filter, list and pane, and the keys that work it. The address says which query and which alert; this page follows it.

import { useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { parseQuery } from '../../../src-shared/alert-query.ts';
import type { AlertSort } from '../../../src-shared/alert-words.ts';
import { useShortcuts } from '../../app/KeyboardProvider.tsx';
import { navigate, type ScreenProps } from '../../app/navigation.ts';
import { useMayDo, useSessionFacts } from '../../app/services.ts';
import { useNow } from '../../lib/now.ts';
import { DisplayContext } from '../../ui/display.ts';
import { announce } from '../../ui/feedback/announcer.ts';
import { Split } from '../../ui/layout/DetailPane.tsx';
import { AlertPane } from './AlertPane.tsx';
import { ChangeDialogs } from './ChangeDialogs.tsx';
import { ColumnsDialog, tellFailure } from './ColumnsDialog.tsx';
import { FilterBar } from './FilterBar.tsx';
import { GroupedList } from './GroupedList.tsx';
import { hasGroups, nearInGroups, nearInRows } from './group-tree.ts';
import { usualLayout } from './layouts.ts';
import { NoRows } from './NoRows.tsx';
import { PlainList } from './PlainList.tsx';
import { QueueHead } from './QueueHead.tsx';
import css from './queue.module.css';
import { useQueueKeys } from './queue-keys.ts';
import { layouts, queue } from './queue-state.ts';
import type { QueueState } from './queue-store.ts';
import { useWidth } from './use-width.ts';
import { ValueMenu } from './ValueMenu.tsx';
import { defaultView, viewOf, views } from './views.ts';

const summaryEveryMs = 60_000;

export function QueuePage({ path, query }: ScreenProps) {
  const me = useSessionFacts().user.username;
  const mayTriage = useMayDo('alerts.triage');
  const { isReady, layouts: arranged, lastView } = useStore(layouts);
  const asked = query.q ?? views.find((each) => each.id === lastView)?.query ?? defaultView.query;
  const view = viewOf(asked);
  const viewId = view?.id ?? 'filtered';
  const layout = arranged.get(viewId) ?? usualLayout;
  const { sort } = layout;
  const openId = path[0];
  const state = useStore(queue);
  const { rows, cursorId, phase } = state;
  const isGrouped = state.query.groupBy !== undefined;
  const tree = useStore(queue.groups);
  const hasRows = phase === 'ready' && (isGrouped ? hasGroups(tree) : rows.length > 0);
  const [takesFocus, setTakesFocus] = useState(false);
  const [arranges, setArranges] = useState(false);
  const filterInput = useRef<HTMLInputElement>(null);
  const listBox = useRef<HTMLDivElement>(null);
  const width = useWidth(listBox);

  useEffect(() => queue.listen(), []);
  useEffect(() => queue.subscribe(announceNews), []);
  useEffect(() => void layouts.read(), []);
  useEffect(() => {
    if (isReady) void queue.load(asked, sort);
  }, [isReady, asked, sort]);
  useEffect(() => {
    if (isReady && query.q !== undefined && view !== undefined) layouts.use(view.id);
  }, [isReady, query.q, view]);
  useEffect(() => void queue.open(openId), [openId]);
  const minute = useNow(summaryEveryMs);
  const mountedAt = useRef(minute);
  useEffect(() => {
    if (minute !== mountedAt.current) void queue.refreshSummary();
  }, [minute]);

  const go = useCallback(
    (id: string | undefined, text = asked) =>
      navigate(
        {
          screen: 'queue',
          ...(id === undefined ? {} : { path: [id] }),
          query: { q: text },
        },
        // Looking through alerts leaves no steps behind; another query does.
        { replace: text === asked },
      ),
    [asked],
  );
  const focusRow = useCallback(() => {
    requestAnimationFrame(() =>
      listBox.current?.querySelector<HTMLElement>('[role="row"][aria-current="true"]')?.focus({ preventScroll: true }),
    );
  }, []);
  const onQuery = useCallback((text: string) => go(openId, text === '' ? 'status:open,ack' : text), [go, openId]);

  const show = useCallback(
    (id: string, focuses: boolean) => {
      setTakesFocus(focuses);
      go(id);
      if (focuses && openId !== undefined) document.querySelector<HTMLElement>('[data-region="detail"] h2')?.focus();
    },
    [openId, go],
  );
  const close = useCallback(() => {
    setTakesFocus(false);
    go(undefined);
    focusRow();
  }, [go, focusRow]);
  const showWaiting = useCallback(() => {
    const count = queue.getState().waiting.length;
    const first = queue.showWaiting();
    if (count > 0) announce(`${count} new shown`);
    if (first !== undefined) focusRow();
  }, [focusRow]);
  useQueueKeys({
    me,
    mayTriage,
    onLeave() {
      if (openId !== undefined) return close();
      queue.select({ kind: 'none' });
      queue.groups.clearSelection();
    },
  });
  const onFilter = () => filterInput.current?.focus();
  // With rows the list has these keys, among its own.
  useShortcuts(
    'queue',
    'Queue',
    hasRows
      ? []
      : [
          { id: 'queue.filter', keys: '/', label: 'Filter', run: onFilter },
          { id: 'queue.new', keys: '.', label: 'Show new', run: showWaiting },
        ],
  );
  const { problems } = useMemo(() => parseQuery(asked), [asked]);
  // What a menu of values was opened from may be gone with the rows of the query before.
  const returnsTo = useRef<string>(undefined);
  const onValue = useCallback(
    (text: string) => {
      returnsTo.current = text;
      onQuery(text);
    },
    [onQuery],
  );
  useEffect(() => {
    if (returnsTo.current === undefined || state.queryText !== returnsTo.current || phase === 'loading') return;
    returnsTo.current = undefined;
    if (document.activeElement !== document.body) return;
    if (hasRows) focusRow();
    else filterInput.current?.focus();
  }, [phase, state.queryText, hasRows, focusRow]);

  const onSort = useCallback(
    (next: AlertSort) => {
      if (next !== layout.sort) void layouts.arrange(viewId, { ...layout, sort: next }).then(tellFailure);
    },
    [viewId, layout],
  );
  const display = useContext(DisplayContext);
  const shown = useMemo(() => ({ ...display, density: layout.density ?? display.density }), [display, layout.density]);
  const list = {
    width,
    names: layout.columns,
    onSort,
    me,
    mayTriage,
    isOpen: openId !== undefined,
    onAlert: show,
    onFilter,
    onShowNew: showWaiting,
  };
  /** To the alert before or after the one shown; undefined at the ends. */
  function stepTo(step: 1 | -1): (() => void) | undefined {
    const near = isGrouped ? nearInGroups(tree, step) : nearInRows(rows, cursorId, step);
    if (near === undefined) return undefined;
    return () => {
      if (isGrouped) queue.groups.moveCursor(near.line);
      else queue.moveCursor(near.line);
      go(near.id);
      announce(near.title);
    };
  }

  return (
    <Split
      list={
        <div ref={listBox} className={css.list}>
          <QueueHead onView={onQuery} onShowWaiting={showWaiting} />
          <FilterBar
            query={state.query}
            problems={problems}
            onQuery={onQuery}
            onLeave={focusRow}
            onColumns={() => setArranges(true)}
            inputRef={filterInput}
          />
          <DisplayContext value={shown}>
            {!hasRows ? <NoRows onQuery={onQuery} /> : isGrouped ? <GroupedList {...list} /> : <PlainList {...list} />}
          </DisplayContext>
          {arranges && (
            <ColumnsDialog
              view={viewId}
              name={view?.name ?? 'Filtered alerts'}
              layout={layout}
              onClose={() => setArranges(false)}
            />
          )}
          <ChangeDialogs />
          <ValueMenu query={state.query} onQuery={onValue} />
        </div>
      }
      pane={
        openId !== undefined && (
          <AlertPane
            id={openId}
            me={me}
            mayTriage={mayTriage}
            takesFocus={takesFocus}
            onClose={close}
            onPrevious={stepTo(-1)}
            onNext={stepTo(1)}
          />
        )
      }
    />
  );
}

/** For screen readers: what is critical interrupts, the rest is gathered. */
function announceNews(now: QueueState, before: QueueState): void {
  if (now.waiting === before.waiting) return;
  const known = new Set(before.waiting.map((row) => row.id));
  const fresh = now.waiting.filter((row) => !known.has(row.id));
  for (const row of fresh.filter((each) => each.severity === 'critical').slice(0, 1)) {
    announce(`New critical alert: ${row.title}`, 'urgent');
  }
  if (fresh.length > 0) announce(fresh.length === 1 ? '1 new alert' : `${fresh.length} new alerts`, 'news');
}

// The queue: head, filter, list and pane, and the keys that work it. The address says which query and which alert; this page follows it.

import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { parseQuery, printQuery } from '../../../src-shared/alert-query.ts';
import type { AlertRow } from '../../../src-shared/contract/alerts.ts';
import { useListShortcuts } from '../../app/list-shortcuts.ts';
import { navigate, type ScreenProps } from '../../app/navigation.ts';
import { useMayDo, useSessionFacts } from '../../app/services.ts';
import { shortDuration } from '../../lib/durations.ts';
import { toMillis } from '../../lib/instants.ts';
import { useNow } from '../../lib/now.ts';
import { timeLimitAt } from '../../lib/time-limit.ts';
import { severityWords } from '../../ui/data/severity-levels.ts';
import { announce } from '../../ui/feedback/announcer.ts';
import { Split } from '../../ui/layout/DetailPane.tsx';
import type { SelectionChange } from '../../ui/lists/list-moves.ts';
import { VirtualList } from '../../ui/lists/VirtualList.tsx';
import { AlertPane } from './AlertPane.tsx';
import { rowWords } from './alert-words.ts';
import { BulkBar } from './BulkBar.tsx';
import { ChangeDialogs } from './ChangeDialogs.tsx';
import { alertColumns } from './columns.tsx';
import { FilterBar } from './FilterBar.tsx';
import { ListFoot } from './ListFoot.tsx';
import { NoRows } from './NoRows.tsx';
import { QueueHead } from './QueueHead.tsx';
import { QuickActions } from './QuickActions.tsx';
import css from './queue.module.css';
import { useQueueKeys } from './queue-keys.ts';
import { queue } from './queue-state.ts';
import type { QueueState } from './queue-store.ts';
import { useWidth } from './use-width.ts';
import { defaultView } from './views.ts';

/** Rows before the end at which the next page is asked for: a held key must not reach the end first. */
const lookAhead = 120;
const summaryEveryMs = 60_000;

export function QueuePage({ path, query }: ScreenProps) {
  const me = useSessionFacts().user.username;
  const mayTriage = useMayDo('alerts.triage');
  const asked = query.q ?? defaultView.query;
  const openId = path[0];
  const state = useStore(queue);
  const { rows, selected, cursorId, phase } = state;
  const [takesFocus, setTakesFocus] = useState(false);
  const filterInput = useRef<HTMLInputElement>(null);
  const listBox = useRef<HTMLDivElement>(null);
  const width = useWidth(listBox);

  useEffect(() => queue.listen(), []);
  useEffect(() => queue.subscribe(announceNews), []);
  useEffect(() => void queue.load(asked), [asked]);
  useEffect(() => void queue.open(openId), [openId]);
  const minute = useNow(summaryEveryMs);
  const mountedAt = useRef(minute);
  useEffect(() => {
    if (minute !== mountedAt.current) void queue.refreshSummary();
  }, [minute]);

  const currentIndex = useMemo(() => rows.findIndex((row) => row.id === cursorId), [rows, cursorId]);

  const go = useCallback(
    (id: string | undefined, text = asked) =>
      navigate(
        {
          screen: 'queue',
          ...(id === undefined ? {} : { path: [id] }),
          ...(text === defaultView.query ? {} : { query: { q: text } }),
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

  const moveTo = useCallback(
    (index: number) => {
      const row = rows[index];
      if (row === undefined) return;
      queue.moveCursor(row.id);
      if (openId === undefined) return;
      go(row.id);
      announce(row.title);
    },
    [rows, openId, go],
  );
  const open = useCallback(
    (index: number) => {
      const row = rows[index];
      if (row === undefined) return;
      queue.moveCursor(row.id);
      setTakesFocus(true);
      go(row.id);
      if (openId !== undefined) document.querySelector<HTMLElement>('[data-region="detail"] h2')?.focus();
    },
    [rows, openId, go],
  );
  const preview = useCallback(
    (index: number) => {
      const row = rows[index];
      if (row === undefined) return;
      setTakesFocus(false);
      queue.moveCursor(row.id);
      go(row.id);
    },
    [rows, go],
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
  const onSelect = useCallback((change: SelectionChange) => queue.select(change), []);
  const anchor = useRef(-1);
  const selectById = useCallback((id: string, isRange: boolean) => {
    const index = queue.getState().rows.findIndex((row) => row.id === id);
    queue.select(
      isRange && anchor.current >= 0 ? { kind: 'range', from: anchor.current, to: index } : { kind: 'toggle', index },
    );
    anchor.current = index;
  }, []);

  useListShortcuts('queue', 'Queue', {
    count: rows.length,
    currentIndex,
    onCurrentChange: moveTo,
    onSelect: mayTriage
      ? (change) => {
          if (change.kind === 'toggle') anchor.current = change.index;
          queue.select(change);
        }
      : undefined,
    onFilter: () => filterInput.current?.focus(),
    onShowNew: showWaiting,
    onOpen: open,
  });
  useQueueKeys({
    me,
    mayTriage,
    onRange: () =>
      queue.select({ kind: 'range', from: anchor.current < 0 ? currentIndex : anchor.current, to: currentIndex }),
    onLeave: () => (openId === undefined ? queue.select({ kind: 'none' }) : close()),
  });

  const columns = useMemo(() => alertColumns(width, me, selectById), [width, me, selectById]);
  const onRange = useCallback((_first: number, last: number) => {
    const { rows: loaded, nextCursor } = queue.getState();
    if (nextCursor !== null && last > loaded.length - lookAhead) void queue.loadMore();
  }, []);
  const { problems } = useMemo(() => parseQuery(asked), [asked]);
  const condition = useCallback(
    (written: string) => onQuery(printQuery({ ...state.query, ...parseQuery(written).query })),
    [onQuery, state.query],
  );

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
            inputRef={filterInput}
          />
          {mayTriage && selected.size > 0 && <BulkBar count={selected.size} loaded={rows.length} />}
          {phase === 'ready' && rows.length > 0 ? (
            <VirtualList
              label="Alerts"
              columns={columns}
              count={rows.length}
              rowAt={(index) => rows[index]}
              keyOf={keyOf}
              labelOf={labelOf}
              currentIndex={currentIndex}
              onCurrentChange={moveTo}
              onOpen={open}
              onPreview={preview}
              isSelected={(row) => selected.has(row.id)}
              {...(mayTriage ? { onSelect, actions: (row: AlertRow) => <QuickActions row={row} me={me} /> } : {})}
              isMuted={isMuted}
              sort={riskFirst}
              onRange={onRange}
            />
          ) : (
            <NoRows onQuery={onQuery} />
          )}
          {phase === 'ready' && rows.length > 0 && <ListFoot />}
          <ChangeDialogs />
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
            onPrevious={currentIndex > 0 ? () => moveTo(currentIndex - 1) : undefined}
            onNext={currentIndex >= 0 && currentIndex < rows.length - 1 ? () => moveTo(currentIndex + 1) : undefined}
            onFilter={condition}
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

/** The one order the queue is listed in. */
const riskFirst = { column: 'risk', direction: 'descending' } as const;
const keyOf = (row: AlertRow) => row.id;
const isMuted = (row: AlertRow) => row.status !== 'open';

/** 'Critical, risk 92, failed logins alice, Open, nobody's, 3m, SLA 9 min left' */
function labelOf(row: AlertRow): string {
  const now = Date.now();
  const due = row.due_at;
  const limit = due === null ? '' : `, SLA ${timeLimitAt(now, toMillis(row.raised_at), toMillis(due)).spoken}`;
  return `${rowWords(row, severityWords[row.severity])}, ${shortDuration(now - toMillis(row.raised_at))} old${limit}`;
}

// The queue as one list, gravest first: its rows, the keys that move in it and select, and the selection's bar.

import { useCallback, useMemo, useRef } from 'react';
import { useStore } from 'zustand';
import type { AlertColumnName, AlertSort } from '../../../src-shared/alert-words.ts';
import type { AlertRow } from '../../../src-shared/contract/alerts.ts';
import { useShortcuts } from '../../app/KeyboardProvider.tsx';
import { useListShortcuts } from '../../app/list-shortcuts.ts';
import { shortDuration } from '../../lib/durations.ts';
import { toMillis } from '../../lib/instants.ts';
import { timeLimitAt } from '../../lib/time-limit.ts';
import { severityWords } from '../../ui/data/severity-levels.ts';
import { announce } from '../../ui/feedback/announcer.ts';
import type { SelectionChange } from '../../ui/lists/list-moves.ts';
import { VirtualList } from '../../ui/lists/VirtualList.tsx';
import { rowWords } from './alert-words.ts';
import { BulkBar } from './BulkBar.tsx';
import { alertColumns } from './columns.tsx';
import { ListFoot } from './ListFoot.tsx';
import { QuickActions } from './QuickActions.tsx';
import { useValueKeys } from './queue-keys.ts';
import { queue } from './queue-state.ts';
import { openRowMenu } from './value-menu.ts';

/** Rows before the end at which the next page is asked for: a held key must not reach the end first. */
const lookAhead = 120;

export interface ListProps {
  readonly width: number;
  /** Of the columns, from left to right. */
  readonly names: readonly AlertColumnName[];
  readonly onSort: (sort: AlertSort) => void;
  readonly me: string;
  readonly mayTriage: boolean;
  /** An alert is shown in the pane. */
  readonly isOpen: boolean;
  /** Shows it in the pane. */
  readonly onAlert: (id: string, takesFocus: boolean) => void;
  readonly onFilter: () => void;
  readonly onShowNew: () => void;
}

export function PlainList({ width, names, onSort, me, mayTriage, isOpen, onAlert, onFilter, onShowNew }: ListProps) {
  const rows = useStore(queue, (state) => state.rows);
  const sort = useStore(queue, (state) => state.sort);
  const selected = useStore(queue, (state) => state.selected);
  const cursorId = useStore(queue, (state) => state.cursorId);
  const currentIndex = useMemo(() => rows.findIndex((row) => row.id === cursorId), [rows, cursorId]);

  const moveTo = useCallback(
    (index: number) => {
      const row = rows[index];
      if (row === undefined) return;
      queue.moveCursor(row.id);
      if (!isOpen) return;
      onAlert(row.id, false);
      announce(row.title);
    },
    [rows, isOpen, onAlert],
  );
  const show = useCallback(
    (index: number, takesFocus: boolean) => {
      const row = rows[index];
      if (row === undefined) return;
      queue.moveCursor(row.id);
      onAlert(row.id, takesFocus);
    },
    [rows, onAlert],
  );
  const open = useCallback((index: number) => show(index, true), [show]);
  const preview = useCallback((index: number) => show(index, false), [show]);
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
    onFilter,
    onShowNew,
    onOpen: open,
  });
  const upToHere = () =>
    queue.select({ kind: 'range', from: anchor.current < 0 ? currentIndex : anchor.current, to: currentIndex });
  const onMenu = useCallback(
    (index: number, target: HTMLElement) => {
      const row = rows[index];
      if (row === undefined) return;
      queue.moveCursor(row.id);
      openRowMenu(row, target);
    },
    [rows],
  );
  useValueKeys((target) => onMenu(currentIndex, target));
  useShortcuts(
    'queue',
    'Queue',
    mayTriage ? [{ id: 'queue.range', keys: 'Shift+x', label: 'Select up to here', run: upToHere }] : [],
  );

  const columns = useMemo(() => alertColumns(width, me, selectById, names), [width, me, selectById, names]);
  const onRange = useCallback((_first: number, last: number) => {
    const { rows: loaded, nextCursor } = queue.getState();
    if (nextCursor !== null && last > loaded.length - lookAhead) void queue.loadMore();
  }, []);

  return (
    <>
      {mayTriage && <BulkBar />}
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
        onMenu={onMenu}
        isSelected={(row) => selected.has(row.id)}
        {...(mayTriage ? { onSelect, actions: (row: AlertRow) => <QuickActions row={row} me={me} /> } : {})}
        isMuted={isMuted}
        sort={sort === 'risk' ? riskFirst : newestFirst}
        onSortChange={({ column }) => onSort(column === 'age' ? 'newest' : 'risk')}
        onRange={onRange}
      />
      <ListFoot />
    </>
  );
}

const newestFirst = { column: 'age', direction: 'ascending' } as const;
const riskFirst = { column: 'risk', direction: 'descending' } as const;
const keyOf = (row: AlertRow) => row.id;
const isMuted = (row: AlertRow) => row.status !== 'open';

/** 'Critical, risk 92, failed logins alice, Open, nobody's, 3m, SLA 9 min left' */
export function labelOf(row: AlertRow): string {
  const now = Date.now();
  const due = row.due_at;
  const limit = due === null ? '' : `, SLA ${timeLimitAt(now, toMillis(row.raised_at), toMillis(due)).spoken}`;
  return `${rowWords(row, severityWords[row.severity])}, ${shortDuration(now - toMillis(row.raised_at))} old${limit}`;
}

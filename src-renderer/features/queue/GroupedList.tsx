// The queue as groups: the lines of the tree, the keys that open and close them, and what there is in all.

import { useCallback, useMemo } from 'react';
import { useStore } from 'zustand';
import { useShortcuts } from '../../app/KeyboardProvider.tsx';
import { useListShortcuts } from '../../app/list-shortcuts.ts';
import { toMillis } from '../../lib/instants.ts';
import { formatCount } from '../../lib/numbers.ts';
import { timeLimitAt } from '../../lib/time-limit.ts';
import type { SelectionChange } from '../../ui/lists/list-moves.ts';
import { VirtualList } from '../../ui/lists/VirtualList.tsx';
import { GroupBulkBar } from './BulkBar.tsx';
import { groupColumns, namesWords } from './group-columns.tsx';
import { type Line, linesOf, type Path, parentIndex } from './group-tree.ts';
import { fieldWords, groupName, isShared } from './group-words.ts';
import { labelOf as alertLabelOf, type ListProps } from './PlainList.tsx';
import { QuickActions } from './QuickActions.tsx';
import css from './queue.module.css';
import { useValueKeys } from './queue-keys.ts';
import { queue } from './queue-state.ts';
import { severityCounts } from './SeverityBar.tsx';
import { openLineMenu } from './value-menu.ts';

export function GroupedList({ width, names, me, mayTriage, isOpen, onAlert, onFilter, onShowNew }: ListProps) {
  const state = useStore(queue.groups);
  const { cursorId, selected, selectedGroup } = state;
  const lines = useMemo(() => linesOf(state), [state]);
  const currentIndex = useMemo(() => lines.findIndex((line) => line.id === cursorId), [lines, cursorId]);
  const columns = useMemo(() => groupColumns(width, me, mayTriage, names), [width, me, mayTriage, names]);

  const moveTo = useCallback(
    (index: number) => {
      const line = lines[index];
      if (line === undefined) return;
      queue.groups.moveCursor(line.id);
      if (isOpen && line.kind === 'alert') onAlert(line.row.id, false);
    },
    [lines, isOpen, onAlert],
  );
  const open = useCallback(
    (index: number) => {
      const line = lines[index];
      if (line === undefined) return;
      queue.groups.moveCursor(line.id);
      if (line.kind === 'alert') onAlert(line.row.id, true);
      else if (line.kind === 'group') void queue.groups.toggle(line.path);
      else void queue.groups.loadMore(line.path);
    },
    [lines, onAlert],
  );
  const preview = useCallback(
    (index: number) => {
      const line = lines[index];
      if (line?.kind === 'alert') onAlert(line.row.id, false);
    },
    [lines, onAlert],
  );
  const onSelect = useCallback(
    (change: SelectionChange) => {
      if (change.kind === 'none') queue.groups.clearSelection();
      const line = change.kind === 'toggle' ? lines[change.index] : undefined;
      if (line !== undefined && line.kind !== 'more') queue.groups.select(line);
    },
    [lines],
  );
  const onRange = useCallback(
    (first: number, last: number) => {
      for (const line of lines.slice(first, last + 1)) {
        if (line.kind === 'more' && !line.isLoading && line.failure === undefined)
          void queue.groups.loadMore(line.path);
      }
    },
    [lines],
  );
  const onMenu = useCallback(
    (index: number, target: HTMLElement) => {
      const line = lines[index];
      if (line === undefined) return;
      queue.groups.moveCursor(line.id);
      openLineMenu(line, target);
    },
    [lines],
  );
  useValueKeys((target) => onMenu(currentIndex, target));
  function turn(opens: boolean): void {
    const line = lines[currentIndex];
    if (line?.kind === 'group' && line.isOpen !== opens) void queue.groups.toggle(line.path);
    else if (line?.kind === 'group' && opens) moveTo(currentIndex + 1);
    else if (!opens) moveTo(parentIndex(lines, currentIndex));
  }

  useListShortcuts('queue', 'Queue', {
    count: lines.length,
    currentIndex,
    onCurrentChange: moveTo,
    onSelect: mayTriage ? onSelect : undefined,
    onFilter,
    onShowNew,
    onOpen: open,
  });
  useShortcuts('queue', 'Queue', [
    { id: 'queue.group-open', keys: 'ArrowRight', label: 'Open the group', run: () => turn(true) },
    { id: 'queue.group-close', keys: 'ArrowLeft', label: 'Close the group, or go to it', run: () => turn(false) },
  ]);

  return (
    <>
      {mayTriage && <GroupBulkBar />}
      <VirtualList
        label="Groups of alerts"
        columns={columns}
        count={lines.length}
        rowAt={(index) => lines[index]}
        keyOf={keyOf}
        labelOf={labelOf}
        currentIndex={currentIndex}
        onCurrentChange={moveTo}
        onOpen={open}
        onPreview={preview}
        onMenu={onMenu}
        isSelected={(line) => line.id === selectedGroup || isIn(line, selectedGroup, selected)}
        {...(mayTriage ? { onSelect, actions: (line: Line) => <Actions line={line} me={me} /> } : {})}
        isMuted={isMuted}
        treeOf={treeOf}
        onRange={onRange}
      />
      <Totals />
    </>
  );
}

function Actions({ line, me }: { readonly line: Line; readonly me: string }) {
  return line.kind === 'alert' ? <QuickActions row={line.row} me={me} /> : null;
}

/** Nothing is cut off silently: how many alerts, in how many groups, and how many of those are here. */
function Totals() {
  const { by, branches, matching, memberships } = useStore(queue.groups);
  const root = branches.get('[]');
  const field = by[0];
  if (root === undefined || field === undefined) return null;
  const { total, groups } = root;
  return (
    <div className={css.foot} role="status">
      <span>
        {formatCount(matching)} {matching === 1 ? 'alert' : 'alerts'} in {formatCount(total)}{' '}
        {total === 1 ? 'group' : 'groups'} by {fieldWords[field].name.toLowerCase()}
        {groups.length < total && `, ${formatCount(groups.length)} loaded. Scroll for more`}.
        {isShared(field) && memberships > matching && ` An alert with several ${fieldWords[field].many} is in each.`}
      </span>
    </div>
  );
}

const keyOf = (line: Line) => line.id;
const isMuted = (line: Line) =>
  line.kind === 'more' || (line.kind === 'group' ? line.group.statuses.open === 0 : line.row.status !== 'open');
const treeOf = (line: Line) => ({
  level: line.depth + 1,
  isExpanded: line.kind === 'group' ? line.isOpen : undefined,
});

/** An alert that was selected itself, or stands in the group that was. */
function isIn(line: Line, selectedGroup: string | undefined, selected: ReadonlySet<string>): boolean {
  if (line.kind === 'alert' && selected.has(line.row.id)) return true;
  if (selectedGroup === undefined || line.kind === 'more') return false;
  const around = JSON.parse(selectedGroup) as Path;
  return around.every((key, depth) => line.path[depth] === key);
}

/** 'User alice, 42 alerts, 2 critical, 40 high, risk up to 92, 1 user · 3 addresses, 30 open, SLA 9 min left' */
function labelOf(line: Line): string {
  const now = Date.now();
  if (line.kind === 'more') return line.failure ?? `${formatCount(line.left)} more ${line.what}`;
  if (line.kind === 'alert') return alertLabelOf(line.row);
  const { group, by } = line;
  const { due_at: due, clock_from_at: from } = group;
  const count = `${formatCount(group.count)} ${group.count === 1 ? 'alert' : 'alerts'}`;
  const limit = due === null || from === null ? '' : `SLA ${timeLimitAt(now, toMillis(from), toMillis(due)).spoken}`;
  return [
    groupName(by, group),
    count,
    severityCounts(group.severities),
    `risk up to ${group.risk}`,
    namesWords(group.users, group.ips),
    `${formatCount(group.statuses.open)} open`,
    limit,
  ]
    .filter((words) => words !== '')
    .join(', ');
}

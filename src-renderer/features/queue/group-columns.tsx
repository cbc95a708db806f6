// The queue's columns over groups and the alerts in them: what a group says in each, and how far a line stands in.

import { ChevronDown, ChevronRight } from 'lucide-react';
import type { AlertColumnName } from '../../../src-shared/alert-words.ts';
import { cx } from '../../lib/cx.ts';
import { shortDuration } from '../../lib/durations.ts';
import { formatInstant, toMillis } from '../../lib/instants.ts';
import { useNow } from '../../lib/now.ts';
import { formatCount } from '../../lib/numbers.ts';
import { RiskNumber } from '../../ui/data/RiskNumber.tsx';
import { Timer } from '../../ui/data/Timer.tsx';
import { Icon } from '../../ui/Icon.tsx';
import type { Column, RowState } from '../../ui/lists/column.ts';
import { RowCheck } from '../../ui/lists/ListRow.tsx';
import { alertNumber } from './alert-words.ts';
import { alertColumns } from './columns.tsx';
import type { GroupLine, Line, MoreLine } from './group-tree.ts';
import { fieldWords, groupName, valueWords } from './group-words.ts';
import css from './groups.module.css';
import { queue } from './queue-state.ts';
import { SeverityBar } from './SeverityBar.tsx';

const indent = 16;
/** Of an alert: past the arrow of its group. */
const past = 8;

export function groupColumns(
  listWidth: number,
  me: string,
  canSelect: boolean,
  names: readonly AlertColumnName[],
): readonly Column<Line>[] {
  const columns = alertColumns(listWidth, me, () => undefined, names);
  // Beside the pane the room is the value's; the chip above says what it is of.
  const isWide = columns.some((column) => column.id === 'entities');
  return columns.map((column): Column<Line> => {
    const { head: _, isSortable: _sorts, cell, ...rest } = column;
    return {
      ...rest,
      ...(column.id === 'select' ? { hidesTitle: true } : {}),
      cell: (line, state) => {
        if (column.id === 'select') return canSelect && line.kind !== 'more' ? <Check line={line} {...state} /> : null;
        if (line.kind === 'group') return <GroupCell column={column.id} line={line} isWide={isWide} />;
        if (line.kind === 'more') return column.id === 'title' ? <More line={line} /> : null;
        if (column.id !== 'title') return cell(line.row, state);
        return (
          <div className={css.title} style={{ paddingInlineStart: line.depth * indent + past }}>
            {cell(line.row, state)}
          </div>
        );
      },
    };
  });
}

function Check({ line, isSelected }: { readonly line: Exclude<Line, MoreLine> } & RowState) {
  return line.kind === 'group' ? (
    <RowCheck
      label={`Select the group ${groupName(line.by, line.group)}`}
      isSelected={isSelected}
      onToggle={() => queue.groups.select(line)}
    />
  ) : (
    <RowCheck
      label={`Select ${alertNumber(line.row.number)}`}
      isSelected={isSelected}
      onToggle={() => queue.groups.select(line)}
    />
  );
}

interface GroupCellProps {
  readonly column: string;
  readonly line: GroupLine;
  readonly isWide: boolean;
}

function GroupCell({ column, line, isWide }: GroupCellProps) {
  const { group } = line;
  switch (column) {
    case 'severity':
      return <SeverityBar counts={group.severities} />;
    case 'risk':
      return group.count === 0 ? null : <RiskNumber value={group.risk} />;
    case 'title':
      return <GroupTitle line={line} isWide={isWide} />;
    case 'entities':
      return <span className={cx('clip', css.quiet)}>{namesWords(group.users, group.ips)}</span>;
    case 'age':
      return <Seen line={line} />;
    case 'sla':
      return group.due_at === null ? null : (
        <Timer startedAt={group.clock_from_at ?? group.due_at} dueAt={group.due_at} />
      );
    case 'status':
      return <span className={cx('clip', css.quiet)}>{stateWords(line)}</span>;
    default:
      return null;
  }
}

function GroupTitle({ line, isWide }: Omit<GroupCellProps, 'column'>) {
  const { group, by, path, depth, isOpen, id } = line;
  const words = valueWords(by, group);
  return (
    <div className={css.title} style={{ paddingInlineStart: depth * indent }}>
      <button
        type="button"
        tabIndex={-1}
        className={css.head}
        title={`${isOpen ? 'Close' : 'Open'} ${groupName(by, group)}`}
        onClick={(event) => {
          event.stopPropagation();
          queue.groups.moveCursor(id);
          void queue.groups.toggle(path);
        }}
        onDoubleClick={(event) => event.stopPropagation()}
      >
        <Icon of={isOpen ? ChevronDown : ChevronRight} className={cx(css.arrow)} />
        {isWide && group.value !== null && by !== 'severity' && by !== 'status' && (
          <span className={css.field}>{fieldWords[by].name}</span>
        )}
        <span className={cx('clip row-title', css.value)}>{words}</span>
        <span className={cx('tn', css.count)}>
          <b>{formatCount(group.count)}</b> {group.count === 1 ? 'alert' : 'alerts'}
        </span>
      </button>
    </div>
  );
}

/** '3h – 2m': how long ago the first and the last of them were seen. */
function Seen({ line }: { readonly line: GroupLine }) {
  const now = useNow();
  const { first_seen_at: first, last_seen_at: last } = line.group;
  const [from, to] = [first, last].map((at) => shortAge(now - toMillis(at)));
  return (
    <span
      className={cx('tn', css.quiet)}
      title={`Seen from ${formatInstant(first, 'utc')} to ${formatInstant(last, 'utc')}`}
    >
      {from === to ? from : `${from}–${to}`}
    </span>
  );
}

/** One unit: two of them share a column. */
function shortAge(ms: number): string {
  return shortDuration(ms).split(' ')[0] ?? '';
}

function More({ line }: { readonly line: MoreLine }) {
  const what = line.left === 1 ? line.what.slice(0, -1) : line.what;
  return (
    <span className={css.more} style={{ paddingInlineStart: line.depth * indent + past }}>
      {line.failure === undefined ? (
        line.isLoading ? (
          'Loading…'
        ) : (
          `${formatCount(line.left)} more ${what}`
        )
      ) : (
        <span className="warn">
          {line.what === 'groups' ? 'Groups' : 'Alerts'} could not be read. {line.failure} Enter tries again.
        </span>
      )}
    </span>
  );
}

/** '12 users · 3 addresses' */
export function namesWords(users: number, ips: number): string {
  const named = (count: number, one: string, many: string) => `${formatCount(count)} ${count === 1 ? one : many}`;
  return [users > 0 && named(users, 'user', 'users'), ips > 0 && named(ips, 'address', 'addresses')]
    .filter(Boolean)
    .join(' · ');
}

function stateWords({ group: { statuses, count } }: GroupLine): string {
  if (count === 0) return 'Empty now';
  if (statuses.open > 0) return `${formatCount(statuses.open)} open`;
  return statuses.acknowledged > 0 ? `${formatCount(statuses.acknowledged)} ack` : 'Closed';
}

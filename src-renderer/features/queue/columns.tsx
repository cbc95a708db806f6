// The columns of the queue: those that the view shows, as far as there is room; beside the pane entities and technique give way first.

import { useStore } from 'zustand';
import type { AlertColumnName } from '../../../src-shared/alert-words.ts';
import type { AlertRow } from '../../../src-shared/contract/alerts.ts';
import { cx } from '../../lib/cx.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Avatar } from '../../ui/data/Avatar.tsx';
import { RiskNumber } from '../../ui/data/RiskNumber.tsx';
import { Severity } from '../../ui/data/Severity.tsx';
import { Tag } from '../../ui/data/Tag.tsx';
import { RelativeTime, Time } from '../../ui/data/Time.tsx';
import { Timer } from '../../ui/data/Timer.tsx';
import type { Column } from '../../ui/lists/column.ts';
import { RowCheck } from '../../ui/lists/ListRow.tsx';
import { alertNumber, columnWords, entityWords, statusWords, verdictLabel } from './alert-words.ts';
import css from './queue.module.css';
import { openSuppressed, queue } from './queue-state.ts';
import { openRowMenu } from './value-menu.ts';

type AlertColumn = Column<AlertRow>;

const entitiesShown = 2;

function selectColumn(width: string, onSelect: (id: string, isRange: boolean) => void): AlertColumn {
  return {
    id: 'select',
    title: 'Select',
    head: () => <SelectAll />,
    width,
    cell: (row, { isSelected }) => (
      <RowCheck
        label={`Select ${alertNumber(row.number)}`}
        isSelected={isSelected}
        onToggle={(isRange) => onSelect(row.id, isRange)}
      />
    ),
  };
}

function SelectAll() {
  const selected = useStore(queue, (state) => state.selected.size);
  const loaded = useStore(queue, (state) => state.rows.length);
  const hasAll = loaded > 0 && selected === loaded;
  return (
    <RowCheck
      label={hasAll ? 'Clear the selection' : 'Select all loaded alerts'}
      isSelected={hasAll}
      isPartly={selected > 0 && !hasAll}
      onToggle={() => queue.select({ kind: hasAll ? 'none' : 'all' })}
    />
  );
}

const severity = (width: string): AlertColumn => ({
  id: 'severity',
  title: 'Severity',
  width,
  cell: (row) => <Severity level={row.severity} />,
});

const risk = (width: string): AlertColumn => ({
  id: 'risk',
  title: 'Risk',
  width,
  align: 'end',
  isSortable: true,
  cell: (row) => <RiskNumber value={row.risk} />,
});

const title: AlertColumn = {
  id: 'title',
  title: 'Alert',
  isPadded: true,
  cell: (row) => (
    <span className={css.titleCell}>
      <span className="clip row-title" title={row.title}>
        {row.title}
      </span>
      {row.origin === 'scan' && <Tag tone="line">scan</Tag>}
    </span>
  ),
};

const entities: AlertColumn = {
  id: 'entities',
  title: 'Entities',
  width: '232px',
  isMono: true,
  cell: (row) => <Entities row={row} />,
};

/** Each value is a press away from its menu. The keyboard opens that of the row, so that rows have one tab stop. */
function Entities({ row }: { readonly row: AlertRow }) {
  const shown = row.entities.slice(0, entitiesShown);
  const rest = row.entities.length - shown.length;
  const all = row.entities.map((entity) => entity.value).join(' · ');
  const button = (at: number, label: string, words: string) => (
    <button
      key={at}
      type="button"
      tabIndex={-1}
      data-value={at}
      className={cx(css.value, at >= shown.length && css.rest)}
      aria-haspopup="menu"
      aria-label={label}
      onClick={(event) => {
        event.stopPropagation();
        openRowMenu(row, event.currentTarget);
      }}
      onDoubleClick={(event) => event.stopPropagation()}
    >
      <span className="clip">{words}</span>
    </button>
  );
  return (
    <span className={css.values} title={all}>
      {shown.map(({ kind, value }, at) => button(at, `${entityWords[kind]} ${value}`, value))}
      {rest > 0 && button(shown.length, `${rest} more`, `+${rest}`)}
    </span>
  );
}

const technique: AlertColumn = {
  id: 'technique',
  title: 'ATT&CK',
  width: '84px',
  isMono: true,
  cell: (row) => (
    <span className="clip faint" title={row.techniques.join(', ')}>
      {row.techniques[0]}
      {row.techniques.length > 1 && ` +${row.techniques.length - 1}`}
    </span>
  ),
};

const count = (width: string): AlertColumn => ({
  id: 'count',
  title: 'Count',
  width,
  align: 'end',
  cell: (row) => (
    <>
      {(row.count > 1 || row.suppressed > 0) && <span className={css.quiet}>{formatCount(row.count)}</span>}
      {row.suppressed > 0 && (
        <button
          type="button"
          tabIndex={-1}
          className={css.hidden}
          title={`${formatCount(row.suppressed)} further suppressed. Show which`}
          aria-label={`Show the ${formatCount(row.suppressed)} suppressed`}
          onClick={(event) => {
            event.stopPropagation();
            openSuppressed(row.id);
          }}
          onDoubleClick={(event) => event.stopPropagation()}
        >
          ×{formatCount(row.suppressed)}
        </button>
      )}
    </>
  ),
});

const age = (width: string): AlertColumn => ({
  id: 'age',
  title: 'Age',
  width,
  align: 'end',
  isSortable: true,
  cell: (row) => <RelativeTime at={row.raised_at} form="short" className={css.quiet} />,
});

const sla = (width: string): AlertColumn => ({
  id: 'sla',
  title: 'SLA left',
  width,
  align: 'end',
  cell: (row) => (row.due_at === null ? null : <Timer startedAt={row.raised_at} dueAt={row.due_at} />),
});

const who = (width: string, me: string): AlertColumn => ({
  id: 'who',
  title: 'Who',
  width,
  align: 'end',
  cell: (row) => <Avatar name={row.assignee ?? undefined} isMe={row.assignee === me} />,
});

const status = (width: string): AlertColumn => ({
  id: 'status',
  title: 'Status',
  width,
  isPadded: true,
  cell: (row) => <span className={css.quiet}>{statusWords[row.status]}</span>,
});

const text = (
  id: AlertColumnName,
  width: string,
  words: (row: AlertRow) => string | null,
  isMono = false,
): AlertColumn => ({
  id,
  title: columnWords[id],
  width,
  isPadded: true,
  isMono,
  cell: (row) => {
    const said = words(row);
    return said === null ? null : (
      <span className={cx('clip', css.quiet)} title={said}>
        {said}
      </span>
    );
  },
});

const seen = (id: 'first_seen' | 'last_seen', at: (row: AlertRow) => string): AlertColumn => ({
  id,
  title: columnWords[id],
  width: '152px',
  isPadded: true,
  cell: (row) => <Time at={at(row)} />,
});

const sourceWords = { rule: 'Rule', scan: 'Scan of files' } as const;

/**
 * Pixels of the list: from `wide` on columns have room to breathe, below `slim` there is only what tells one alert from another, with the
 * title on a line of its own.
 */
const wide = 1000;
const slim = 640;
/** What a title needs to tell its alert, and what stands around the columns: padding, gaps, quick actions. */
const leastTitle = 160;
const around = 32 + 74;
const gap = 4;

/** Where there is no room for all, the first of these goes first. What is not named stays. */
const dispensable: readonly AlertColumnName[] = [
  'source',
  'detector',
  'first_seen',
  'last_seen',
  'entities',
  'technique',
  'number',
  'verdict',
  'who',
  'age',
  'count',
  'status',
  'sla',
];

export function alertColumns(
  listWidth: number,
  me: string,
  onSelect: (id: string, isRange: boolean) => void,
  names: readonly AlertColumnName[],
): readonly AlertColumn[] {
  if (listWidth > 0 && listWidth < slim) {
    return [
      selectColumn('20px', onSelect),
      severity('minmax(0, 1fr)'),
      count('72px'),
      sla('64px'),
      { ...title, isPadded: false, isSecondLine: true },
    ];
  }
  const isWide = listWidth >= wide;
  const all: Readonly<Record<AlertColumnName, AlertColumn>> = {
    number: text('number', '96px', (row) => alertNumber(row.number), true),
    severity: severity(isWide ? '84px' : '76px'),
    risk: risk('44px'),
    title,
    entities,
    technique,
    detector: text('detector', '160px', (row) => row.detector_id, true),
    source: text('source', '104px', (row) => sourceWords[row.origin]),
    count: count(isWide ? '72px' : '56px'),
    first_seen: seen('first_seen', (row) => row.first_seen_at),
    last_seen: seen('last_seen', (row) => row.last_seen_at),
    age: age(isWide ? '64px' : '56px'),
    sla: sla(isWide ? '76px' : '64px'),
    who: who(isWide ? '32px' : '28px', me),
    verdict: text('verdict', '144px', (row) => (row.verdict === null ? null : verdictLabel(row.verdict))),
    status: status(isWide ? '64px' : '56px'),
  };
  const select = selectColumn('20px', onSelect);
  const room = listWidth - around - leastTitle - pixels(select);
  const needed = (shown: readonly AlertColumnName[]) => shown.reduce((sum, name) => sum + pixels(all[name]) + gap, 0);
  let shown = names;
  for (const name of dispensable) {
    if (listWidth > 0 && needed(shown) > room) shown = shown.filter((each) => each !== name);
  }
  return [select, ...shown.map((name) => all[name])];
}

function pixels({ width }: AlertColumn): number {
  return width === undefined ? 0 : Number.parseInt(width, 10);
}

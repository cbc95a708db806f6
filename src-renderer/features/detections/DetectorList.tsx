// The list of detectors: thousands where a pack was imported, found by words, state and pack; one of them in the pane.

import { Search } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { Detector } from '../../../src-shared/contract/detections.ts';
import type { RuleState } from '../../../src-shared/contract/rules.ts';
import { useListShortcuts } from '../../app/list-shortcuts.ts';
import { formatPlace, navigate } from '../../app/navigation.ts';
import { useNarrowWindow } from '../../app/window-width.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Severity } from '../../ui/data/Severity.tsx';
import { severityWords } from '../../ui/data/severity-levels.ts';
import { Tag } from '../../ui/data/Tag.tsx';
import { RelativeTime } from '../../ui/data/Time.tsx';
import { Split } from '../../ui/layout/DetailPane.tsx';
import type { Column } from '../../ui/lists/column.ts';
import { DataTable } from '../../ui/lists/DataTable.tsx';
import { VirtualList } from '../../ui/lists/VirtualList.tsx';
import { EmptyState } from '../../ui/states/EmptyState.tsx';
import { DetectorPane } from './DetectorPane.tsx';
import css from './detections.module.css';
import { detections } from './detections-state.ts';
import { listedStates, stateWords } from './rule-words.ts';

interface DetectorListProps {
  readonly openId: string | undefined;
  readonly query: Readonly<Record<string, string>>;
}

type Filter = { readonly words: string; readonly state: RuleState | 'any'; readonly pack: string };

export function DetectorList({ openId, query }: DetectorListProps) {
  const { items, refused, packs } = useStore(detections);
  const [words, setWords] = useState(query.q ?? '');
  const filter: Filter = { words, state: stateOf(query.state), pack: query.pack ?? 'any' };
  const rows = useMemo(
    () => items.filter((item) => fits(item, filter.words, filter.state, filter.pack)),
    [items, filter.words, filter.state, filter.pack],
  );
  const [currentIndex, setCurrentIndex] = useState(-1);
  const [takesFocus, setTakesFocus] = useState(false);
  const isNarrow = useNarrowWindow();
  const search = useRef<HTMLDivElement>(null);
  const openIndex = rows.findIndex((each) => each.id === openId);
  const open = rows[openIndex] ?? items.find((each) => each.id === openId);

  const go = useCallback(
    (id: string | undefined, changes: Readonly<Record<string, string | undefined>> = {}) => {
      const { except: _, ...kept } = query;
      const next = Object.entries({ ...kept, ...changes }).filter(
        (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== 'any' && entry[1] !== '',
      );
      navigate(
        { screen: 'detections', ...(id === undefined ? {} : { path: [id] }), query: Object.fromEntries(next) },
        { replace: true },
      );
    },
    [query],
  );
  const moveTo = useCallback(
    (index: number) => {
      setCurrentIndex(index);
      const row = rows[index];
      if (openId !== undefined && row !== undefined) go(row.id);
    },
    [rows, openId, go],
  );
  const show = useCallback(
    (index: number, focus: boolean) => {
      setCurrentIndex(index);
      setTakesFocus(focus);
      const row = rows[index];
      if (row !== undefined) go(row.id);
    },
    [rows, go],
  );
  // A link from an alert comes with its own detector: the list stands on it.
  useEffect(() => {
    if (openIndex >= 0) setCurrentIndex(openIndex);
  }, [openIndex]);
  useListShortcuts('detections', 'Detectors', {
    count: rows.length,
    currentIndex,
    onCurrentChange: moveTo,
    onOpen: (index) => show(index, true),
    onFilter: () => search.current?.querySelector('input')?.focus(),
  });
  const isFiltered = words !== '' || filter.state !== 'any' || filter.pack !== 'any';

  return (
    <Split
      list={
        <div className={css.page}>
          <div className={css.filters}>
            <div ref={search} className={css.search}>
              <TextField
                label="Find detectors"
                hideLabel
                icon={Search}
                placeholder="Title, technique, path …"
                value={words}
                onChange={(text) => {
                  setWords(text);
                  go(openId, { q: text });
                }}
              />
            </div>
            <Select
              label="State"
              hideLabel
              value={filter.state}
              options={[
                { id: 'any', label: 'Any state' },
                ...listedStates.map((id) => ({ id, label: stateWords[id] })),
              ]}
              onChange={(state) => go(openId, { state })}
            />
            <Select
              label="Pack"
              hideLabel
              value={filter.pack}
              options={[{ id: 'any', label: 'All packs' }, ...packs.map(({ id, name }) => ({ id, label: name }))]}
              onChange={(pack) => go(openId, { pack })}
            />
            <span className="small muted nowrap">
              {isFiltered && `${formatCount(rows.length)} of ${formatCount(items.length)}`}
            </span>
          </div>
          {refused.length > 0 && <Refused rows={refused} />}
          {rows.length === 0 &&
            (isFiltered ? (
              <EmptyState
                reason="hidden"
                title={`The filter hides ${formatCount(items.length)}`}
                actions={
                  <Button
                    onPress={() => {
                      setWords('');
                      go(openId, { q: undefined, state: undefined, pack: undefined });
                    }}
                  >
                    Show all
                  </Button>
                }
              />
            ) : (
              <EmptyState reason="silent" title="No detector is on">
                Nothing will raise an alert until a rule is loaded.
              </EmptyState>
            ))}
          {rows.length > 0 && (
            <VirtualList
              label="Detectors"
              columns={isNarrow ? slimColumns : open === undefined ? wideColumns : narrowColumns}
              count={rows.length}
              rowAt={(index) => rows[index]}
              keyOf={(each) => `${each.rule} ${each.id}`}
              labelOf={labelOf}
              currentIndex={currentIndex}
              onCurrentChange={moveTo}
              onOpen={(index) => show(index, true)}
              onPreview={(index) => show(index, false)}
            />
          )}
        </div>
      }
      pane={
        open !== undefined && (
          <DetectorPane
            key={open.rule}
            detector={open}
            except={query.except}
            takesFocus={takesFocus}
            onClose={() => go(undefined)}
            onPrevious={currentIndex > 0 ? () => moveTo(currentIndex - 1) : undefined}
            onNext={currentIndex < rows.length - 1 ? () => moveTo(currentIndex + 1) : undefined}
          />
        )
      }
    />
  );
}

function stateOf(text: string | undefined): RuleState | 'any' {
  return listedStates.find((one) => one === text) ?? 'any';
}

function fits(item: Detector, words: string, state: RuleState | 'any', pack: string): boolean {
  if (state !== 'any' && item.state !== state) return false;
  if (pack !== 'any' && item.pack !== pack) return false;
  if (words === '') return true;
  const text = `${item.title} ${item.techniques.join(' ')} ${item.pack}/${item.name} ${item.id}`.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function labelOf(detector: Detector): string {
  return `${severityWords[detector.severity]}, ${detector.title}, ${stateWords[detector.state]}, ${detector.alerts_24h} alerts in 24 h`;
}

const refusedShown = 200;

function Refused({
  rows,
}: {
  readonly rows: readonly { readonly rule: string; readonly name: string; readonly reason: string }[];
}) {
  const [isOpen, setOpen] = useState(false);
  return (
    <section className={css.refused}>
      <div className="line">
        <h2 className="strong warn">
          {rows.length === 1
            ? '1 rule was refused and does not run'
            : `${formatCount(rows.length)} rules were refused and do not run`}
        </h2>
        <Button size="small" tone="quiet" isPressed={isOpen} onPress={() => setOpen(!isOpen)}>
          {isOpen ? 'Hide why' : 'Show why'}
        </Button>
      </div>
      {isOpen && (
        <DataTable
          caption="Refused rules"
          isTight
          isFlush
          columns={refusedColumns}
          rows={rows.slice(0, refusedShown)}
          keyOf={(each) => each.rule}
        />
      )}
      {isOpen && rows.length > refusedShown && (
        <p className="small muted">The first {refusedShown}; gatehouse rules list --state refused names all.</p>
      )}
    </section>
  );
}

const severity: Column<Detector> = {
  id: 'severity',
  title: 'Severity',
  width: '84px',
  cell: (each) => <Severity level={each.severity} />,
};
const title: Column<Detector> = {
  id: 'title',
  title: 'Detector',
  cell: (each) => (
    <span className="clip row-title" title={each.title}>
      {each.title}
    </span>
  ),
};
const state: Column<Detector> = {
  id: 'state',
  title: 'State',
  width: '104px',
  cell: (each) =>
    each.state === 'on' ? (
      <span className="muted">On</span>
    ) : (
      <Tag tone={each.state === 'simulated' ? 'dashed' : each.state === 'switched_off' ? 'warn' : 'line'}>
        {stateWords[each.state]}
      </Tag>
    ),
};
const technique: Column<Detector> = {
  id: 'technique',
  title: 'ATT&CK',
  width: '136px',
  isMono: true,
  cell: (each) => <span className="clip faint">{each.techniques.join(', ')}</span>,
};
const pack: Column<Detector> = {
  id: 'pack',
  title: 'Pack',
  width: '120px',
  cell: (each) => <span className="clip muted">{each.pack}</span>,
};
const alerts: Column<Detector> = {
  id: 'alerts',
  title: 'Alerts 24 h',
  width: '80px',
  align: 'end',
  cell: (each) =>
    each.state === 'simulated' ? (
      <span className="muted" title="would have raised">
        ({formatCount(each.simulated_24h)})
      </span>
    ) : (
      formatCount(each.alerts_24h)
    ),
};
const last: Column<Detector> = {
  id: 'last',
  title: 'Last alert',
  width: '96px',
  align: 'end',
  cell: (each) =>
    each.last_alert_at === null ? <span className="faint">never</span> : <RelativeTime at={each.last_alert_at} />,
};
const wideColumns = [severity, title, technique, pack, state, alerts, last];
const narrowColumns = [severity, title, state, alerts];
const slimColumns = [severity, title, alerts];

interface RefusedRule {
  readonly rule: string;
  readonly name: string;
  readonly reason: string;
}
const refusedColumns: readonly Column<RefusedRule>[] = [
  {
    id: 'name',
    title: 'Rule',
    width: '240px',
    isMono: true,
    cell: (each) => (
      <a href={formatPlace({ screen: 'detections', path: ['edit', each.rule] })} title={each.name}>
        {each.name}
      </a>
    ),
  },
  { id: 'reason', title: 'Why', cell: (each) => <span title={each.reason}>{each.reason}</span> },
];

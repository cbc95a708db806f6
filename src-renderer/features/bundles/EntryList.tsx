// The entries of a bundle, in the order of the file. Rows come from the worker as they come into view; one can be opened whole.

import { Check, CircleX } from 'lucide-react';
import { useCallback, useState } from 'react';
import { useStore } from 'zustand';
import type { BundleRow } from '../../../src-shared/evidence/bundle-rows.ts';
import { useListCursor } from '../../app/list-cursor.ts';
import { useListShortcuts } from '../../app/list-shortcuts.ts';
import { useNarrowWindow } from '../../app/window-width.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Time } from '../../ui/data/Time.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { DetailPane, paneWidth, Split } from '../../ui/layout/DetailPane.tsx';
import type { Column } from '../../ui/lists/column.ts';
import { VirtualList } from '../../ui/lists/VirtualList.tsx';
import { EmptyState } from '../../ui/states/EmptyState.tsx';
import { EntryWhole } from './EntryWhole.tsx';
import css from './verify.module.css';
import { verifier } from './verify-state.ts';

export function EntryList() {
  const { entries, rows, opened, verdict } = useStore(verifier);
  const [width, setWidth] = useState<number>(paneWidth.least);
  const isOpen = opened !== undefined;
  const isNarrow = useNarrowWindow();
  const cursor = useListCursor(entries, isOpen, verifier.openEntry);
  const onRange = useCallback((first: number, last: number) => verifier.need(first, last), []);
  useListShortcuts('verify', 'Verifier', {
    count: entries,
    currentIndex: cursor.currentIndex,
    onCurrentChange: cursor.moveTo,
    onOpen: cursor.onOpen,
  });

  if (entries === 0) {
    return (
      <EmptyState reason="nothing" title="No entry could be read from this file">
        {verdict?.verdict === 'CANNOT CHECK'
          ? 'The file may be of a newer format.'
          : 'The findings above say where it is damaged.'}
      </EmptyState>
    );
  }
  const row = opened && rows.get(opened.index);
  return (
    <div className={css.entries}>
      <Split
        list={
          <VirtualList
            label="Entries of the bundle"
            columns={isNarrow ? slimColumns : isOpen ? narrowColumns : wideColumns}
            count={entries}
            rowAt={(index) => rows.get(index)}
            keyOf={(each) => String(each.index)}
            labelOf={labelOf}
            {...cursor.list}
            onRange={onRange}
          />
        }
        pane={
          opened !== undefined && (
            <DetailPane
              label="Entry of the bundle"
              title={row === undefined ? 'Entry' : row.action}
              facts={row && <span className="mono">#{formatCount(row.seq)}</span>}
              width={width}
              onWidthChange={setWidth}
              onClose={() => verifier.openEntry(undefined)}
              {...cursor.pane}
            >
              {opened.json !== undefined && <EntryWhole json={opened.json} erased={opened.erased} />}
            </DetailPane>
          )
        }
      />
    </div>
  );
}

function labelOf(row: BundleRow): string {
  return `#${row.seq}, ${row.actor}, ${row.action}, ${row.target}, ${resultWord(row)}, ${row.isSuspect ? 'wrong' : 'nothing found'}`;
}

function resultWord({ success }: BundleRow): string {
  return success === undefined ? '' : success ? 'done' : 'refused';
}

const seq: Column<BundleRow> = {
  id: 'seq',
  title: 'Seq',
  width: '80px',
  isMono: true,
  cell: (row) => `#${formatCount(row.seq)}`,
};
const time: Column<BundleRow> = {
  id: 'time',
  title: 'Time',
  // As wide as a local time with its offset.
  width: '200px',
  isMono: true,
  cell: (row) => (row.time === '' ? null : <Time at={row.time} />),
};
const actor: Column<BundleRow> = {
  id: 'actor',
  title: 'Actor',
  width: '144px',
  cell: (row) => (
    <span className="clip" title={row.actor}>
      {row.actor}
    </span>
  ),
};
const type: Column<BundleRow> = {
  id: 'type',
  title: 'Type',
  width: '168px',
  isMono: true,
  cell: (row) => <span className="clip">{row.eventType}</span>,
};
const action: Column<BundleRow> = {
  id: 'action',
  title: 'Action',
  cell: (row) => (
    <span className="clip row-title" title={row.action}>
      {row.action}
    </span>
  ),
};
const target: Column<BundleRow> = {
  id: 'target',
  title: 'Target',
  width: '192px',
  cell: (row) => (
    <span className="clip muted" title={row.target}>
      {row.target}
    </span>
  ),
};
const result: Column<BundleRow> = {
  id: 'result',
  title: 'Result',
  width: '64px',
  cell: (row) => (row.success === false ? <b>refused</b> : <span className="muted">{resultWord(row)}</span>),
};

/** An entry is in the tree when nothing at all was found in the file: a proof is one for all entries of a range. */
function Proof({ row }: { readonly row: BundleRow }) {
  const { verdict, phase } = useStore(verifier);
  if (phase === 'checking') return <span className="muted">checking…</span>;
  if (row.isSuspect) {
    return (
      <span className={css.wrong}>
        <Icon of={CircleX} size={12} /> wrong
      </span>
    );
  }
  const isChained = verdict?.checks.some((check) => check.id === 'chain_continuous' && check.state !== 'failed');
  if (verdict === undefined || verdict.findings.length > 0 || isChained !== true) {
    return <span className="muted">not proven</span>;
  }
  return (
    <span className={css.inTree}>
      <Icon of={Check} size={12} /> in tree
    </span>
  );
}
const proof: Column<BundleRow> = {
  id: 'proof',
  title: 'Inclusion proof',
  width: '96px',
  cell: (row) => <Proof row={row} />,
};
const wideColumns = [seq, time, actor, type, action, target, result, proof];
const narrowColumns = [seq, time, action, result];
const slimColumns = [{ ...seq, width: '64px' }, action, proof];

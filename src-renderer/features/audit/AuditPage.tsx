// The audit log: the chain's health on top, the entries, one entry with its canonical bytes, and the export of bundles.

import { Check, Download } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { auditTypes } from '../../../src-shared/audit-types.ts';
import type { AuditEntry } from '../../../src-shared/contract/audit.ts';
import { useShortcuts } from '../../app/KeyboardProvider.tsx';
import { useListCursor } from '../../app/list-cursor.ts';
import { useListShortcuts } from '../../app/list-shortcuts.ts';
import { navigate, type ScreenProps } from '../../app/navigation.ts';
import { useMayDo } from '../../app/services.ts';
import { useNarrowWindow } from '../../app/window-width.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Time } from '../../ui/data/Time.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Split } from '../../ui/layout/DetailPane.tsx';
import { Strip } from '../../ui/layout/Page.tsx';
import type { Column } from '../../ui/lists/column.ts';
import { VirtualList } from '../../ui/lists/VirtualList.tsx';
import { EmptyState } from '../../ui/states/EmptyState.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import { AuditBar } from './AuditBar.tsx';
import css from './audit.module.css';
import { type AuditQuery, addressOf, auditQueryOf, isFiltered, noAuditQuery } from './audit-query.ts';
import { audit } from './audit-state.ts';
import { ChainBar } from './ChainBar.tsx';
import { CopyAs } from './CopyAs.tsx';
import { EntryPane, MissingEntry } from './EntryPane.tsx';
import { ExportDialog, type KeptExport } from './ExportDialog.tsx';
import { useOpenEntry } from './open-entry.ts';

const lookAhead = 120;

export function AuditPage({ path, query: address }: ScreenProps) {
  const mayExport = useMayDo('audit.export');
  const addressKey = JSON.stringify(address);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the address, which is a new object each time
  const query = useMemo(() => auditQueryOf(address), [addressKey]);
  const { rows, phase, failure, hasNews, chain } = useStore(audit);
  const [isExporting, setIsExporting] = useState(false);
  const filter = useRef<HTMLFormElement>(null);
  const kept = useRef<KeptExport>(undefined);
  const isNarrow = useNarrowWindow();
  const openSeq = path[0];
  const open = useOpenEntry(openSeq, rows, phase === 'ready');
  const isUnknownType = query.eventType !== '' && !Object.hasOwn(auditTypes, query.eventType);

  useEffect(() => audit.listen(), []);
  useEffect(() => {
    if (!isUnknownType) void audit.load(query);
  }, [query, isUnknownType]);

  const go = useCallback(
    (seq: number | undefined, to: AuditQuery = query) =>
      navigate(
        { screen: 'audit', ...(seq === undefined ? {} : { path: [String(seq)] }), query: addressOf(to) },
        { replace: to === query },
      ),
    [query],
  );
  const show = useCallback(
    (index: number) => {
      const row = rows[index];
      if (row !== undefined) go(row.seq);
    },
    [rows, go],
  );
  const cursor = useListCursor(rows.length, openSeq !== undefined, show);
  const onRange = useCallback((_first: number, last: number) => {
    const { rows: loaded, nextCursor } = audit.getState();
    if (nextCursor !== null && last > loaded.length - lookAhead) void audit.loadMore();
  }, []);

  useListShortcuts('audit', 'Audit log', {
    count: rows.length,
    currentIndex: cursor.currentIndex,
    onCurrentChange: cursor.moveTo,
    onFilter: () => filter.current?.querySelector('input')?.focus(),
    onShowNew: () => void audit.load(),
    onOpen: cursor.onOpen,
  });
  useShortcuts(
    'audit',
    'Audit log',
    mayExport ? [{ id: 'audit.export', keys: 'e', label: 'Export a bundle', run: () => setIsExporting(true) }] : [],
  );

  return (
    <Split
      list={
        <div className={css.page}>
          <Strip>
            <h1 className="title-s">Audit log</h1>
            <ListWords />
            <span className="grow" />
            {hasNews && (
              <Button size="small" keys="." onPress={() => void audit.load()}>
                Newer entries. Show
              </Button>
            )}
            {!isNarrow && <CopyAs query={query} mayExport={mayExport} />}
            {mayExport && (
              <Button tone="primary" icon={Download} keys="e" onPress={() => setIsExporting(true)}>
                Export
              </Button>
            )}
          </Strip>
          <ChainBar />
          <AuditBar query={query} onQuery={(to) => go(undefined, to)} formRef={filter} />
          {isUnknownType && (
            <EmptyState
              reason="hidden"
              title={`There is no type of entry called ${query.eventType}`}
              actions={<Button onPress={() => go(undefined, { ...query, eventType: '' })}>Show all types</Button>}
            >
              The field Type lists those there are.
            </EmptyState>
          )}
          {!isUnknownType && phase === 'loading' && <LoadingSkeleton label="Loading entries" rows={16} />}
          {!isUnknownType && phase === 'failed' && (
            <ErrorState
              title="The audit log could not be read"
              detail={failure}
              stillWorks="What was recorded is kept."
              onRetry={() => void audit.load()}
              diagnostics={`screen: audit\nerror: ${failure ?? ''}`}
            />
          )}
          {!isUnknownType && phase === 'ready' && rows.length === 0 && (
            <EmptyState
              reason={isFiltered(query) ? 'hidden' : 'nothing'}
              title={isFiltered(query) ? 'No entry matches the filter' : 'The log is empty'}
              actions={
                isFiltered(query) && <Button onPress={() => go(undefined, noAuditQuery)}>Show all entries</Button>
              }
            >
              {isFiltered(query) && chain !== undefined
                ? `The log holds ${formatCount(chain.size)} entries.`
                : undefined}
            </EmptyState>
          )}
          {!isUnknownType && phase === 'ready' && rows.length > 0 && (
            <VirtualList
              label="Audit entries"
              columns={isNarrow ? slimColumns : openSeq === undefined ? wideColumns : narrowColumns}
              count={rows.length}
              rowAt={(index) => rows[index]}
              keyOf={(row) => String(row.seq)}
              labelOf={labelOf}
              {...cursor.list}
              onRange={onRange}
            />
          )}
          {isExporting && (
            <ExportDialog
              query={query}
              consoleName={chain?.origin ?? 'gatehouse'}
              kept={kept}
              onClose={() => setIsExporting(false)}
            />
          )}
        </div>
      }
      pane={
        open.entry === undefined ? (
          open.missing !== undefined && (
            <MissingEntry words={open.missing} onClose={() => go(undefined)} {...cursor.pane} />
          )
        ) : (
          <EntryPane
            entry={open.entry}
            coveredTo={chain?.checkpoint?.size}
            onOnly={(conditions) => go(undefined, { ...noAuditQuery, ...conditions })}
            onClose={() => go(undefined)}
            {...cursor.pane}
          />
        )
      }
    />
  );
}

function ListWords() {
  const { rows, nextCursor, isLoadingMore, moreFailure, phase, chain, query } = useStore(audit);
  if (phase !== 'ready') return null;
  if (moreFailure !== undefined) {
    return (
      <span className="line small warn">
        More could not be read. {moreFailure}
        <Button size="small" onPress={() => void audit.loadMore()}>
          Try again
        </Button>
      </span>
    );
  }
  const all = isFiltered(query) || chain === undefined ? '' : ` of ${formatCount(chain.size)}`;
  return (
    <span className="muted small tn">
      {formatCount(rows.length)}
      {all} {nextCursor === null ? 'entries' : 'loaded, more below'}
      {isLoadingMore && ', loading'}
    </span>
  );
}

function labelOf(entry: AuditEntry): string {
  return `#${entry.seq}, ${entry.actor.name}, ${entry.action}, ${targetOf(entry)}, ${entry.success ? 'done' : 'refused'}, ${entry.time}`;
}

function targetOf({ resource }: AuditEntry): string {
  return resource === null ? '' : [resource.type, resource.id].filter(Boolean).join(' ');
}

const seq: Column<AuditEntry> = {
  id: 'seq',
  title: 'Seq',
  width: '80px',
  isMono: true,
  cell: (entry) => `#${formatCount(entry.seq)}`,
};
const time: Column<AuditEntry> = {
  id: 'time',
  title: 'Time',
  // As wide as a local time with its offset.
  width: '200px',
  isMono: true,
  cell: (entry) => <Time at={entry.time} />,
};
const actor: Column<AuditEntry> = {
  id: 'actor',
  title: 'Actor',
  width: 'minmax(144px, 0.8fr)',
  cell: (entry) => (
    <span className="clip" title={entry.actor.name}>
      {entry.actor.name === '' ? entry.actor.kind : entry.actor.name}
    </span>
  ),
};
const type: Column<AuditEntry> = {
  id: 'type',
  title: 'Type',
  width: '168px',
  isMono: true,
  cell: (entry) => <span className="clip">{entry.event_type}</span>,
};
const action: Column<AuditEntry> = {
  id: 'action',
  title: 'Action',
  cell: (entry) => (
    <span className="clip row-title" title={entry.action}>
      {entry.action}
    </span>
  ),
};
const target: Column<AuditEntry> = {
  id: 'target',
  title: 'Target',
  width: 'minmax(160px, 1fr)',
  cell: (entry) => (
    <span className="clip muted" title={targetOf(entry)}>
      {targetOf(entry)}
    </span>
  ),
};
const result: Column<AuditEntry> = {
  id: 'result',
  title: 'Result',
  width: '64px',
  cell: (entry) => (entry.success ? <span className="muted">done</span> : <b>refused</b>),
};
const address: Column<AuditEntry> = {
  id: 'address',
  title: 'Address',
  width: '128px',
  isMono: true,
  cell: (entry) => <span className="clip muted">{entry.ip_address}</span>,
};
const session: Column<AuditEntry> = {
  id: 'session',
  title: 'Session',
  width: '80px',
  isMono: true,
  cell: (entry) =>
    entry.session_id === null ? null : (
      <span className="clip muted" title={entry.session_id}>
        {entry.session_id.slice(-8)}
      </span>
    ),
};
/** Whether a signed checkpoint covers it already, so that nobody can take it back unseen. */
function Signed({ entry }: { readonly entry: AuditEntry }) {
  const size = useStore(audit, ({ chain }) => chain?.checkpoint?.size ?? 0);
  if (entry.seq > size) return <span className="muted">not yet</span>;
  return (
    <span className="line muted" title="Under a signed checkpoint">
      <Icon of={Check} size={12} /> yes
    </span>
  );
}
const signed: Column<AuditEntry> = {
  id: 'signed',
  title: 'Signed',
  width: '56px',
  cell: (entry) => <Signed entry={entry} />,
};
const wideColumns = [seq, time, actor, type, action, target, result, address, session, signed];
const narrowColumns = [seq, time, actor, action, result];
const slimColumns: Column<AuditEntry>[] = [
  { ...seq, width: '56px' },
  { ...time, width: '148px', cell: (entry) => <Time at={entry.time} format="minute" className="clip" /> },
  { ...actor, width: 'minmax(0, 0.6fr)' },
  action,
  { ...result, width: '56px' },
];

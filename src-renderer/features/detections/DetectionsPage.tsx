// The detectors: what each looks for, with which limits, how often it spoke; and the rules that were refused, with the reason.

import { useCallback, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { Detector } from '../../../src-shared/contract/detections.ts';
import { useListShortcuts } from '../../app/list-shortcuts.ts';
import { navigate, type ScreenProps } from '../../app/navigation.ts';
import { useNarrowWindow } from '../../app/window-width.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Severity } from '../../ui/data/Severity.tsx';
import { severityWords } from '../../ui/data/severity-levels.ts';
import { RelativeTime } from '../../ui/data/Time.tsx';
import { Split } from '../../ui/layout/DetailPane.tsx';
import { Strip } from '../../ui/layout/Page.tsx';
import type { Column } from '../../ui/lists/column.ts';
import { DataTable } from '../../ui/lists/DataTable.tsx';
import { VirtualList } from '../../ui/lists/VirtualList.tsx';
import { EmptyState } from '../../ui/states/EmptyState.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import { DetectorPane } from './DetectorPane.tsx';
import css from './detections.module.css';
import { detections } from './detections-state.ts';

export function DetectionsPage({ path }: ScreenProps) {
  const { items, refused, phase, failure } = useStore(detections);
  const [currentIndex, setCurrentIndex] = useState(-1);
  const [takesFocus, setTakesFocus] = useState(false);
  const isNarrow = useNarrowWindow();
  const openId = path[0];
  const openIndex = items.findIndex((each) => each.id === openId);
  const open = items[openIndex];

  useEffect(() => {
    void detections.load();
    return detections.listen();
  }, []);

  const go = useCallback(
    (id: string | undefined) =>
      navigate({ screen: 'detections', ...(id === undefined ? {} : { path: [id] }) }, { replace: true }),
    [],
  );
  const moveTo = useCallback(
    (index: number) => {
      setCurrentIndex(index);
      const row = items[index];
      if (openId !== undefined && row !== undefined) go(row.id);
    },
    [items, openId, go],
  );
  const show = useCallback(
    (index: number, focus: boolean) => {
      setCurrentIndex(index);
      setTakesFocus(focus);
      const row = items[index];
      if (row !== undefined) go(row.id);
    },
    [items, go],
  );
  // A link from an alert comes with its own detector: the list stands on it.
  useEffect(() => {
    if (openIndex >= 0) setCurrentIndex(openIndex);
  }, [openIndex]);
  useListShortcuts('detections', 'Detectors', {
    count: items.length,
    currentIndex,
    onCurrentChange: moveTo,
    onOpen: (index) => show(index, true),
  });

  return (
    <Split
      list={
        <div className={css.page}>
          <Strip>
            <h1 className="title-s">Detectors</h1>
            {phase === 'ready' && (
              <span className="muted">
                {formatCount(items.length)} of {formatCount(items.length + refused.length)} on
                {refused.length > 0 && `, ${formatCount(refused.length)} refused`}
                {' · '}
                {formatCount(items.reduce((sum, each) => sum + each.alerts_24h, 0))} alerts in 24 h
              </span>
            )}
          </Strip>
          {phase === 'loading' && <LoadingSkeleton label="Loading detectors" />}
          {phase === 'failed' && (
            <ErrorState
              title="The detectors could not be read"
              detail={failure}
              stillWorks="The rules themselves are unchanged."
              onRetry={() => void detections.load()}
              diagnostics={`screen: detections\nerror: ${failure ?? ''}`}
            />
          )}
          {phase === 'ready' && refused.length > 0 && (
            <section className={css.refused}>
              <h2 className="strong warn">
                {refused.length === 1 ? '1 rule was refused' : `${formatCount(refused.length)} rules were refused`} and
                does not run
              </h2>
              <DataTable
                caption="Refused rules"
                isTight
                isFlush
                columns={refusedColumns}
                rows={refused}
                keyOf={(each) => each.name}
              />
            </section>
          )}
          {phase === 'ready' && items.length === 0 && (
            <EmptyState reason="silent" title="No detector is on">
              Nothing will raise an alert until a rule is loaded.
            </EmptyState>
          )}
          {phase === 'ready' && items.length > 0 && (
            <VirtualList
              label="Detectors"
              columns={isNarrow ? slimColumns : openId === undefined ? wideColumns : narrowColumns}
              count={items.length}
              rowAt={(index) => items[index]}
              keyOf={(each) => each.id}
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
            detector={open}
            takesFocus={takesFocus}
            onClose={() => go(undefined)}
            onPrevious={currentIndex > 0 ? () => moveTo(currentIndex - 1) : undefined}
            onNext={currentIndex < items.length - 1 ? () => moveTo(currentIndex + 1) : undefined}
          />
        )
      }
    />
  );
}

function labelOf(detector: Detector): string {
  return `${severityWords[detector.severity]}, ${detector.title}, ${detector.alerts_24h} alerts in 24 h`;
}

function parametersOf(detector: Detector): string {
  return Object.entries(detector.parameters)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(' · ');
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
const technique: Column<Detector> = {
  id: 'technique',
  title: 'ATT&CK',
  width: '152px',
  isMono: true,
  cell: (each) => <span className="clip faint">{each.techniques.join(', ')}</span>,
};
const parameters: Column<Detector> = {
  id: 'parameters',
  title: 'Parameters',
  width: '280px',
  isMono: true,
  cell: (each) => (
    <span className="clip muted" title={parametersOf(each)}>
      {parametersOf(each)}
    </span>
  ),
};
const alerts: Column<Detector> = {
  id: 'alerts',
  title: 'Alerts 24 h',
  width: '72px',
  align: 'end',
  cell: (each) => formatCount(each.alerts_24h),
};
const last: Column<Detector> = {
  id: 'last',
  title: 'Last alert',
  width: '96px',
  align: 'end',
  cell: (each) =>
    each.last_alert_at === null ? <span className="faint">never</span> : <RelativeTime at={each.last_alert_at} />,
};
const wideColumns = [severity, title, technique, parameters, alerts, last];
const narrowColumns = [severity, title, alerts, last];
const slimColumns = [severity, title, alerts];

interface RefusedRule {
  readonly name: string;
  readonly reason: string;
}
const refusedColumns: readonly Column<RefusedRule>[] = [
  { id: 'name', title: 'Rule', width: '240px', isMono: true, cell: (each) => each.name },
  { id: 'reason', title: 'Why', cell: (each) => <span title={each.reason}>{each.reason}</span> },
];

// The queue's head: which view, how many of how many, the last day by hour and severity, how fast alerts are acknowledged, and whether
// the list is live. News wait behind the pill.

import { ChevronDown } from 'lucide-react';
import { useMemo } from 'react';
import { useStore } from 'zustand';
import { ageMs } from '../../../src-shared/alert-query.ts';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { streamState } from '../../api/client.ts';
import { shortDuration } from '../../lib/durations.ts';
import { toMillis } from '../../lib/instants.ts';
import { useNow } from '../../lib/now.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Kbd } from '../../ui/controls/Kbd.tsx';
import { Histogram } from '../../ui/data/Histogram.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Strip } from '../../ui/layout/Page.tsx';
import { Menu } from '../../ui/overlays/Menu.tsx';
import css from './queue.module.css';
import { queue } from './queue-state.ts';
import { viewOf, views } from './views.ts';

const hourMs = 3_600_000;

interface QueueHeadProps {
  readonly onView: (query: string) => void;
  readonly onShowWaiting: () => void;
}

export function QueueHead({ onView, onShowWaiting }: QueueHeadProps) {
  const queryText = useStore(queue, (state) => state.queryText);
  const summary = useStore(queue, (state) => state.summary);
  const waiting = useStore(queue, (state) => state.waiting.length);
  const view = viewOf(queryText);
  return (
    <Strip>
      <h1 className="title-s">
        <Menu
          label="Views"
          triggerClassName={css.view}
          trigger={
            <>
              {view?.name ?? 'Filtered alerts'} <Icon of={ChevronDown} size={12} />
            </>
          }
          groups={[
            {
              id: 'views',
              entries: views.map((each) => ({
                id: each.id,
                label: each.name,
                detail: each.query,
                isCurrent: each.id === view?.id,
                onAction: () => onView(each.query),
              })),
            },
          ]}
        />
      </h1>
      {summary !== undefined && <Counts summary={summary} />}
      {summary !== undefined && <LastDay histogram={summary.histogram} total={summary.total_24h} />}
      {summary?.mtta_ms != null && (
        <span className={css.mtta} title="Mean time from raised to acknowledged, alerts acknowledged today (UTC)">
          MTTA <b className="tn">{shortDuration(summary.mtta_ms)}</b> today
        </span>
      )}
      <span className="grow" />
      <LiveWords />
      {waiting > 0 && (
        <button type="button" className={css.pill} onClick={onShowWaiting}>
          {formatCount(waiting)} new <Kbd keys="." />
        </button>
      )}
    </Strip>
  );
}

/** Out of the last day's alerts only where the query itself keeps to the last day: otherwise the one is no part of the other. */
function Counts({ summary }: { readonly summary: Output<'alerts.summary'> }) {
  const query = useStore(queue, (state) => state.query);
  const isOfDay = query.youngerThan !== undefined && ageMs(query.youngerThan) <= 24 * hourMs;
  return (
    <span className="nowrap">
      <b className="tn">{formatCount(summary.matching)}</b>{' '}
      <span className="muted tn">
        {isOfDay
          ? `of ${formatCount(summary.total_24h)}`
          : `${summary.matching === 1 ? 'alert' : 'alerts'} · ${formatCount(summary.total_24h)} in 24 h`}
      </span>
    </span>
  );
}

interface LastDayProps {
  readonly histogram: Output<'alerts.summary'>['histogram'];
  readonly total: number;
}

function LastDay({ histogram, total }: LastDayProps) {
  const buckets = useMemo(
    () =>
      histogram.map(({ from, counts }) => ({
        from: toMillis(from),
        to: toMillis(from) + hourMs,
        counts: { ...counts },
      })),
    [histogram],
  );
  return (
    <div className={css.lastDay}>
      <Histogram
        size="strip"
        buckets={buckets}
        label={`${formatCount(total)} alerts of the last 24 h by hour and severity`}
      />
    </div>
  );
}

/** Quiet while live: the title bar says so. It speaks up when what is shown may be old. */
function LiveWords() {
  const stream = useStore(streamState);
  const now = useNow();
  if (stream.kind !== 'lost') return null;
  return (
    <span className="warn small" role="status">
      Stream lost, next try in {shortDuration(Math.max(0, stream.retryAt - now))}. The list may be old.
    </span>
  );
}

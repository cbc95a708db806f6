// The alerts of the last 24 hours by hour and severity. The sums in the key add up to the bars, the bars to the number of the queue.

import { useMemo } from 'react';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { toMillis } from '../../lib/instants.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Histogram } from '../../ui/data/Histogram.tsx';
import { Severity } from '../../ui/data/Severity.tsx';
import { severities } from '../../ui/data/severity-levels.ts';
import { Panel } from '../../ui/layout/Page.tsx';
import css from './home.module.css';

interface LastDayProps {
  readonly histogram: Output<'alerts.summary'>['histogram'];
  readonly total: number;
}

const hourMs = 3_600_000;

export function LastDay({ histogram, total }: LastDayProps) {
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
    <Panel
      title="Alerts, last 24 h"
      end={severities.map((severity) => (
        <Severity
          key={severity}
          level={severity}
          count={buckets.reduce((sum, bucket) => sum + (bucket.counts[severity] ?? 0), 0)}
        />
      ))}
    >
      <div className={css.chart}>
        {total === 0 ? (
          <p className="muted">No alert was raised in the last 24 h.</p>
        ) : (
          <Histogram
            size="panel"
            buckets={buckets}
            label={`${formatCount(total)} alerts of the last 24 h by hour and severity`}
          />
        )}
      </div>
    </Panel>
  );
}

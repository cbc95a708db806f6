// What the search found at a glance: events over time, where a span can be chosen, and the most frequent values, each a way to narrow
// the search down.

import { ChevronDown } from 'lucide-react';
import { useContext, useMemo } from 'react';
import { useStore } from 'zustand';
import { formatInstant, toMillis } from '../../lib/instants.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Histogram } from '../../ui/data/Histogram.tsx';
import { DisplayContext } from '../../ui/display.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Menu } from '../../ui/overlays/Menu.tsx';
import { Banner } from '../../ui/states/Banner.tsx';
import css from './events.module.css';
import { withCondition, withTime } from './events-query.ts';
import { events } from './events-state.ts';

interface EventsOverviewProps {
  readonly query: string;
  readonly onQuery: (query: string) => void;
}

const fieldWords: Readonly<Record<string, string>> = {
  event_type: 'Type',
  source: 'Source',
  actor: 'Actor',
  ip_address: 'Address',
  action: 'Action',
  success: 'Result',
  format: 'Format',
};

export function EventsOverview({ query, onQuery }: EventsOverviewProps) {
  const summary = useStore(events, (state) => state.summary);
  const failure = useStore(events, (state) => state.summaryFailure);
  const { timeZone } = useContext(DisplayContext);
  const step = (summary?.bar_seconds ?? 0) * 1000;
  const buckets = useMemo(
    () =>
      (summary?.bars ?? []).map(({ at, count, failures }) => ({
        from: toMillis(at),
        to: toMillis(at) + step,
        counts: { high: failures, info: Math.max(0, count - failures) },
      })),
    [summary, step],
  );
  if (failure !== undefined) return <p className={css.overviewFailure}>The counts could not be read. {failure}</p>;
  const first = buckets[0];
  const last = buckets.at(-1);
  if (summary === undefined || first === undefined || last === undefined) return null;
  const total = `${summary.is_exact ? '' : 'at most '}${formatCount(summary.total)} ${summary.total === 1 ? 'event' : 'events'}`;
  return (
    <section className={css.overview} aria-label="At a glance">
      {summary.unindexed > 0 && (
        <Banner tone="info">
          {formatCount(summary.unindexed)} older events are being added to the index; words and fields do not find them
          yet.
        </Banner>
      )}
      <div>
        <Histogram
          size="panel"
          height={48}
          label={`${total} over time, failures marked`}
          words={{ high: 'Failures', info: 'Others' }}
          buckets={buckets}
          onRange={(range) => {
            const from = range && buckets[range.first];
            const to = range && buckets[range.last];
            if (from === undefined || to === undefined) return;
            onQuery(withTime(query, new Date(from.from).toISOString(), new Date(to.to - 1).toISOString()));
          }}
        />
      </div>
      <div className={css.facets}>
        <span className="small muted tn">
          {total}, {formatInstant(first.from, timeZone, 'minute')} to {formatInstant(last.to, timeZone, 'minute')},{' '}
          {barWords(summary.bar_seconds)} a bar
        </span>
        {summary.facets.map(({ field, values }) => (
          <Menu
            key={field}
            label={`${fieldWords[field] ?? field}: most frequent values`}
            tone="quiet"
            size="small"
            trigger={
              <>
                {fieldWords[field] ?? field} <Icon of={ChevronDown} size={12} />
              </>
            }
            groups={[
              {
                id: field,
                title: `Of the latest ${formatCount(summary.facets_of)}`,
                entries: values.map(({ value, count }) => ({
                  id: value,
                  label: value,
                  detail: formatCount(count),
                  onAction: () => onQuery(withCondition(query, field, value)),
                })),
              },
            ]}
          />
        ))}
      </div>
    </section>
  );
}

function barWords(seconds: number): string {
  if (seconds % 31_536_000 === 0) return seconds === 31_536_000 ? '1 year' : `${seconds / 31_536_000} years`;
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

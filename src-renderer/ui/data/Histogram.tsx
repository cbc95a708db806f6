// Counts over time, stacked by severity. Small in a strip, or with grid and axis in a panel; a table says the same to screen readers.
// With `onRange` one may choose a span, by dragging or by keys.

import { useContext, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { cx } from '../../lib/cx.ts';
import { formatInstant, formatTick } from '../../lib/instants.ts';
import { formatCount } from '../../lib/numbers.ts';
import { DisplayContext } from '../display.ts';
import css from './Histogram.module.css';
import { HistogramRange, type RangeChoice } from './HistogramRange.tsx';
import { type Bucket, barPieces, bucketTotal, highestTotal, roundTop } from './histogram-geometry.ts';
import { type SeverityLevel, severities, severityWords } from './severity-levels.ts';

interface HistogramProps extends RangeChoice {
  /** '212 alerts of the last 24 h by hour and severity' */
  readonly label: string;
  readonly buckets: readonly Bucket[];
  readonly size: 'strip' | 'panel';
  /** Height of the plot in a panel. */
  readonly height?: number;
  /** What the colours stand for where it isn't severity: those that are named, with their words. */
  readonly words?: Readonly<Partial<Record<SeverityLevel, string>>> | undefined;
}

const stripBox = { bar: 6, gap: 1, height: 23 } as const;
const axisWidth = 24;
/** A clock with its zone, and a gap. */
const leastTick = 64;
const mostTicks = 6;

/** At which of the buckets a label stands: so many apart that none runs into the next, or past the end. */
function tickEvery(count: number, width: number): number {
  let every = Math.max(1, Math.ceil(count / mostTicks));
  const room = (buckets: number) => (buckets * width) / count;
  while (every < count && Math.min(room(every), room(((count - 1) % every) + 1)) < leastTick) every += 1;
  return every;
}

export function Histogram({ label, buckets, size, height = 240, words, range, onRange }: HistogramProps) {
  const { timeZone } = useContext(DisplayContext);
  const plot = useRef<HTMLDivElement>(null);
  const measured = useMeasuredWidth(plot);
  const isStrip = size === 'strip';
  const most = highestTotal(buckets);
  const grid = roundTop(most);
  const box = isStrip
    ? {
        width: buckets.length * (stripBox.bar + stripBox.gap) - stripBox.gap,
        height: stripBox.height,
        gap: stripBox.gap,
        splits: false,
        top: most,
      }
    : { width: Math.max(0, measured - axisWidth), height, gap: 8, splits: true, top: grid.top };
  const pieces = useMemo(
    () => barPieces(buckets, { width: box.width, height: box.height, gap: box.gap, splits: box.splits, top: box.top }),
    [buckets, box.width, box.height, box.gap, box.splits, box.top],
  );
  const lines = isStrip
    ? []
    : Array.from({ length: Math.round(grid.top / grid.step) }, (_, line) => (line + 1) * grid.step);
  const labelEvery = tickEvery(buckets.length, box.width);
  const whole = (buckets.at(-1)?.to ?? 0) - (buckets[0]?.from ?? 0);

  return (
    <figure className={cx(css.histogram, isStrip && css.strip)} title={isStrip ? label : undefined}>
      <div ref={plot} className={css.plot} style={{ width: isStrip ? box.width : '100%', height: box.height + 1 }}>
        {lines.map((value) => (
          <div key={value} className={css.line} style={{ bottom: (value / grid.top) * height }} aria-hidden="true">
            <span>{formatCount(value)}</span>
          </div>
        ))}
        <svg className={css.bars} width={box.width} height={box.height} shapeRendering="crispEdges" aria-hidden="true">
          {pieces.map((piece) => (
            <rect
              key={`${piece.bucket} ${piece.severity}`}
              className={css[piece.severity]}
              x={piece.x}
              y={piece.y}
              width={piece.width}
              height={piece.height}
            />
          ))}
        </svg>
        {onRange && (
          <div className={css.range} style={{ width: box.width }}>
            <HistogramRange label={label} buckets={buckets} range={range} onRange={onRange} />
          </div>
        )}
      </div>
      {!isStrip && (
        <div className={css.axis} aria-hidden="true">
          {buckets.map(
            (bucket, position) =>
              position % labelEvery === 0 && (
                <span
                  key={bucket.from}
                  style={{ left: axisWidth + (position * (box.width + box.gap)) / buckets.length }}
                >
                  {formatTick(bucket.from, timeZone, bucket.to - bucket.from, whole)}
                  {position + labelEvery >= buckets.length && (timeZone === 'utc' ? ' UTC' : ' local')}
                </span>
              ),
          )}
        </div>
      )}
      <TableTwin label={label} buckets={buckets} words={words ?? severityWords} />
    </figure>
  );
}

function TableTwin({ label, buckets, words = {} }: Pick<HistogramProps, 'label' | 'buckets' | 'words'>) {
  const { timeZone } = useContext(DisplayContext);
  const named = severities.filter((severity) => words[severity] !== undefined);
  return (
    <div className="visually-hidden">
      <table>
        <caption>{label}</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            {named.map((severity) => (
              <th key={severity} scope="col">
                {words[severity]}
              </th>
            ))}
            <th scope="col">Sum</th>
          </tr>
        </thead>
        <tbody>
          {buckets.map((bucket) => (
            <tr key={bucket.from}>
              <th scope="row">{formatInstant(bucket.from, timeZone, 'minute')}</th>
              {named.map((severity) => (
                <td key={severity}>{bucket.counts[severity] ?? 0}</td>
              ))}
              <td>{bucketTotal(bucket)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function useMeasuredWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const box = element.current;
    if (box === null) return;
    setWidth(box.clientWidth);
    const observer = new ResizeObserver(() => setWidth(box.clientWidth));
    observer.observe(box);
    return () => observer.disconnect();
  }, [element]);
  return width;
}

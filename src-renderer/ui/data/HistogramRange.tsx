// Choosing a span of a histogram: drag over the bars, or arrow keys, Shift to widen, Enter to take it, Escape to let go.

import { type KeyboardEvent, type PointerEvent, useContext, useId, useRef, useState } from 'react';
import { cx } from '../../lib/cx.ts';
import { formatInstant } from '../../lib/instants.ts';
import { DisplayContext } from '../display.ts';
import css from './Histogram.module.css';
import { type Bucket, bucketTotal } from './histogram-geometry.ts';

export interface BucketRange {
  /** First and last bucket, both inside. */
  readonly first: number;
  readonly last: number;
}

export interface RangeChoice {
  readonly range?: BucketRange | undefined;
  readonly onRange?: ((range: BucketRange | undefined) => void) | undefined;
}

interface HistogramRangeProps {
  readonly label: string;
  readonly buckets: readonly Bucket[];
  readonly range: BucketRange | undefined;
  readonly onRange: (range: BucketRange | undefined) => void;
}

/** A span between two buckets, in whichever order they were reached. */
export function rangeBetween(anchor: number, end: number): BucketRange {
  return { first: Math.min(anchor, end), last: Math.max(anchor, end) };
}

export function HistogramRange({ label, buckets, range, onRange }: HistogramRangeProps) {
  const id = useId();
  const { timeZone } = useContext(DisplayContext);
  const [active, setActive] = useState(buckets.length - 1);
  const [draft, setDraft] = useState<BucketRange>();
  const anchor = useRef<number | undefined>(undefined);
  const shown = draft ?? range;

  function bucketUnder(event: PointerEvent<HTMLDivElement>): number {
    const box = event.currentTarget.getBoundingClientRect();
    const position = Math.floor(((event.clientX - box.left) / box.width) * buckets.length);
    return Math.min(buckets.length - 1, Math.max(0, position));
  }

  function onKeyDown(event: KeyboardEvent): void {
    const last = buckets.length - 1;
    const moved = { ArrowLeft: active - 1, ArrowRight: active + 1, Home: 0, End: last }[event.key];
    if (moved !== undefined) {
      const target = Math.min(last, Math.max(0, moved));
      anchor.current = event.shiftKey ? (anchor.current ?? active) : target;
      setActive(target);
      setDraft(rangeBetween(anchor.current, target));
    } else if (event.key === 'Enter' && draft) {
      onRange(draft);
      setDraft(undefined);
    } else if (event.key === 'Escape' && shown) {
      setDraft(undefined);
      onRange(undefined);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div
      className={css.slots}
      role="listbox"
      aria-label={`${label}. Choose a span of time`}
      aria-multiselectable="true"
      aria-orientation="horizontal"
      aria-activedescendant={`${id}-${active}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        const start = bucketUnder(event);
        anchor.current = start;
        setActive(start);
        setDraft(rangeBetween(start, start));
      }}
      onPointerMove={(event) => {
        if (draft && anchor.current !== undefined && event.buttons > 0)
          setDraft(rangeBetween(anchor.current, bucketUnder(event)));
      }}
      onPointerUp={() => {
        if (draft) onRange(draft);
        setDraft(undefined);
      }}
    >
      {buckets.map((bucket, position) => (
        <div
          key={bucket.from}
          id={`${id}-${position}`}
          role="option"
          tabIndex={-1}
          aria-selected={shown !== undefined && position >= shown.first && position <= shown.last}
          aria-label={`${formatInstant(bucket.from, timeZone, 'minute')}, ${bucketTotal(bucket)}`}
          className={cx(
            css.slot,
            shown && position >= shown.first && position <= shown.last && css.chosen,
            shown && (position < shown.first || position > shown.last) && css.outside,
            position === active && css.active,
          )}
        />
      ))}
    </div>
  );
}

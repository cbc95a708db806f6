// Work that takes a while: how far of how much, how fast, how long yet, and a way to stop it.

import { type ReactNode, useId } from 'react';
import { cx } from '../../lib/cx.ts';
import { spacedDuration } from '../../lib/durations.ts';
import { formatBytes, formatCount } from '../../lib/numbers.ts';
import { Button } from '../controls/Button.tsx';
import css from './states.module.css';

interface ProgressBarProps {
  /** 'Reading auth.log' */
  readonly label: string;
  readonly done: number;
  /** Absent: not known yet. */
  readonly total?: number | undefined;
  /** 'lines', 'entries'. Of 'bytes' the figures are written as KB, MB, GB. */
  readonly unit: string;
  /** Units a second, for the rate and the time left. */
  readonly rate?: number | undefined;
  readonly onCancel?: (() => void) | undefined;
  /** Other buttons than Cancel: pause, resume. */
  readonly actions?: ReactNode;
  /** Nothing moves and nobody waits: drawn muted. */
  readonly isPaused?: boolean;
}

export function ProgressBar(props: ProgressBarProps) {
  const { label, done, total, unit, rate, onCancel, actions, isPaused = false } = props;
  const id = useId();
  const amount = (count: number) => (unit === 'bytes' ? formatBytes(count) : formatCount(count));
  const unitWord = unit === 'bytes' ? '' : ` ${unit}`;
  const share = total === undefined || total === 0 ? undefined : Math.min(1, done / total);
  const left = total !== undefined && rate !== undefined && rate > 0 ? ((total - done) / rate) * 1000 : undefined;
  return (
    <div className={css.progress}>
      <div className={css.progressHead}>
        <span id={id} className="clip grow">
          {label}
        </span>
        {actions}
        {onCancel && (
          <Button size="small" onPress={onCancel}>
            Cancel
          </Button>
        )}
      </div>
      <div
        className={css.track}
        role="progressbar"
        aria-labelledby={id}
        {...(share === undefined
          ? {}
          : { 'aria-valuenow': Math.round(share * 100), 'aria-valuemin': 0, 'aria-valuemax': 100 })}
      >
        {share === undefined ? (
          <i className={cx(css.fill, css.unknown, isPaused && css.paused)} />
        ) : (
          <i className={cx(css.fill, isPaused && css.paused)} style={{ width: `${share * 100}%` }} />
        )}
      </div>
      <div className={css.figures}>
        {(done > 0 || total !== undefined) && (
          <span>
            {amount(done)}
            {total !== undefined && ` of ${amount(total)}`}
            {unitWord}
          </span>
        )}
        {rate !== undefined && (
          <span>
            {amount(rate)}
            {unitWord}/s
          </span>
        )}
        {left !== undefined && left > 0 && <span>about {spacedDuration(left)} left</span>}
      </div>
    </div>
  );
}

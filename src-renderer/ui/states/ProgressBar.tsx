// Work that takes a while: how far of how much, how fast, how long yet, and a way to stop it.

import { useId } from 'react';
import { spacedDuration } from '../../lib/durations.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../controls/Button.tsx';
import css from './states.module.css';

interface ProgressBarProps {
  /** 'Reading auth.log' */
  readonly label: string;
  readonly done: number;
  /** Absent: not known yet. */
  readonly total?: number | undefined;
  /** 'lines', 'entries' */
  readonly unit: string;
  /** Units a second, for the rate and the time left. */
  readonly rate?: number | undefined;
  readonly onCancel?: (() => void) | undefined;
}

export function ProgressBar({ label, done, total, unit, rate, onCancel }: ProgressBarProps) {
  const id = useId();
  const share = total === undefined || total === 0 ? undefined : Math.min(1, done / total);
  const left = total !== undefined && rate !== undefined && rate > 0 ? ((total - done) / rate) * 1000 : undefined;
  return (
    <div className={css.progress}>
      <div className={css.progressHead}>
        <span id={id} className="clip grow">
          {label}
        </span>
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
          <i className={`${css.fill} ${css.unknown}`} />
        ) : (
          <i className={css.fill} style={{ width: `${share * 100}%` }} />
        )}
      </div>
      <div className={css.figures}>
        <span>
          {formatCount(done)}
          {total !== undefined && ` of ${formatCount(total)}`} {unit}
        </span>
        {rate !== undefined && (
          <span>
            {formatCount(rate)} {unit}/s
          </span>
        )}
        {left !== undefined && left > 0 && <span>about {spacedDuration(left)} left</span>}
      </div>
    </div>
  );
}

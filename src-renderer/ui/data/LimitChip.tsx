// How near a limit is: plain, outlined amber when soon, filled amber when over.

import type { ReactNode } from 'react';
import { cx } from '../../lib/cx.ts';
import type { LimitState } from '../../lib/time-limit.ts';
import css from './LimitChip.module.css';

interface LimitChipProps {
  readonly state: LimitState;
  /** Read out in place of what is drawn. */
  readonly spoken: string;
  /** The moment itself. */
  readonly title: string;
  readonly isPaused?: boolean;
  readonly children: ReactNode;
}

export function LimitChip({ state, spoken, title, isPaused = false, children }: LimitChipProps) {
  return (
    <span role="img" aria-label={spoken} title={title} className={cx(css.chip, css[state], isPaused && css.paused)}>
      {children}
    </span>
  );
}

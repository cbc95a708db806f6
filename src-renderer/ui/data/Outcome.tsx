// The result of a check as icon and word: Proven, Limited, Gap, Not checkable. Green words, never green rows.

import { CircleCheck, CircleMinus, CircleX, Loader, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '../../lib/cx.ts';
import { Icon, type IconShape } from '../Icon.tsx';
import css from './Outcome.module.css';

export type OutcomeKind = 'good' | 'limited' | 'bad' | 'none' | 'running';

const shapes: Readonly<Record<OutcomeKind, IconShape>> = {
  good: CircleCheck,
  limited: TriangleAlert,
  bad: CircleX,
  none: CircleMinus,
  running: Loader,
};

interface OutcomeProps {
  readonly kind: OutcomeKind;
  /** Inside small text: only the icon is coloured. */
  readonly isSmall?: boolean;
  /** The word: 'Proven', 'Met', 'Gap'. */
  readonly children: ReactNode;
}

export function Outcome({ kind, isSmall = false, children }: OutcomeProps) {
  return (
    <span className={cx(css.outcome, css[kind], isSmall && css.small)}>
      <Icon of={shapes[kind]} size={isSmall ? 12 : 16} />
      <span className={css.words}>{children}</span>
    </span>
  );
}

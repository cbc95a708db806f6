// Nothing to show, and why: nothing happened, a filter hides it, or a source is silent, which is a warning. One way on.

import { CircleDashed, ListFilter, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '../../lib/cx.ts';
import { Icon, type IconShape } from '../Icon.tsx';
import css from './states.module.css';

export type EmptyReason = 'nothing' | 'hidden' | 'silent';

const shapes: Readonly<Record<EmptyReason, IconShape>> = {
  nothing: CircleDashed,
  hidden: ListFilter,
  silent: TriangleAlert,
};

interface EmptyStateProps {
  readonly reason: EmptyReason;
  /** 'No open alerts' · 'The filter hides 12' · 'fw-edge-2 has been silent for 3 h' */
  readonly title: string;
  /** 'Last event 2 min ago; 8 of 8 detectors on.' */
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

export function EmptyState({ reason, title, children, actions }: EmptyStateProps) {
  return (
    <div className={css.state} role="status">
      <span className={cx(css.mark, reason === 'silent' && css.warning)}>
        <Icon of={shapes[reason]} size={24} />
      </span>
      <p className={css.title}>{title}</p>
      {children !== undefined && <p className={css.text}>{children}</p>}
      {actions !== undefined && <div className={css.actions}>{actions}</div>}
    </div>
  );
}

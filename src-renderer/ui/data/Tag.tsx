// A fact in a small box: 'Open', 'Risk 84', 'demo data', 'simulated'.

import type { ReactNode } from 'react';
import { cx } from '../../lib/cx.ts';
import { Icon, type IconShape } from '../Icon.tsx';
import css from './Tag.module.css';

interface TagProps {
  readonly children: ReactNode;
  readonly icon?: IconShape;
  /** line: neutral with a border · dashed: simulated, proposed, not yet real. */
  readonly tone?: 'neutral' | 'accent' | 'ok' | 'warn' | 'line' | 'dashed';
}

export function Tag({ children, icon, tone = 'neutral' }: TagProps) {
  return (
    <span className={cx(css.tag, css[tone])}>
      {icon && <Icon of={icon} size={12} />}
      {children}
    </span>
  );
}

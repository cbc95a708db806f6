// One line above a screen that stays until its cause is gone: degraded, demo data, clock moved. It says exactly what is off.

import { Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '../../lib/cx.ts';
import { Icon } from '../Icon.tsx';
import css from './Banner.module.css';

interface BannerProps {
  /** demo: hatched, so that no screenshot passes for the real thing. */
  readonly tone?: 'info' | 'warn' | 'demo';
  readonly children: ReactNode;
  readonly actions?: ReactNode;
}

export function Banner({ tone = 'warn', children, actions }: BannerProps) {
  return (
    <div className={cx(css.banner, css[tone])} role="status">
      <Icon of={tone === 'warn' ? TriangleAlert : Info} />
      <span className={css.words}>{children}</span>
      {actions}
    </div>
  );
}

// The bar above pages that have no frame: doors, lock, the verifier alone. In the desktop window it is the handle (see base.css).

import type { ReactNode } from 'react';
import { GateIcon } from '../Icon.tsx';
import css from './PlainBar.module.css';

interface PlainBarProps {
  /** Default: the product. */
  readonly name?: string;
  /** Buttons at the end. */
  readonly children?: ReactNode;
}

export function PlainBar({ name = 'Gatehouse', children }: PlainBarProps) {
  return (
    <header className={css.bar} data-window-handle>
      <GateIcon />
      <span className="grow">{name}</span>
      {children}
    </header>
  );
}

// The page before the console: a card in the middle, the product's name above, verifying a bundle below, which needs no account.

import type { ReactNode } from 'react';
import { cx } from '../../lib/cx.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { PlainBar } from '../../ui/layout/PlainBar.tsx';
import css from './door.module.css';

interface DoorProps {
  readonly title: string;
  readonly lead?: string;
  readonly isWide?: boolean;
  readonly onVerify?: (() => void) | undefined;
  readonly children: ReactNode;
}

export function Door({ title, lead, isWide = false, onVerify, children }: DoorProps) {
  return (
    <div className={css.door}>
      <PlainBar />
      <main className={cx(css.card, isWide && css.wide)}>
        <h1 className={css.title}>{title}</h1>
        {lead !== undefined && <p className={css.lead}>{lead}</p>}
        <div className={css.content}>{children}</div>
      </main>
      <footer className={css.foot}>
        {onVerify && (
          <Button tone="quiet" onPress={onVerify}>
            Verify a bundle
          </Button>
        )}
      </footer>
    </div>
  );
}

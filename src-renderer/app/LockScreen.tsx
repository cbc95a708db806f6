// Covers everything while locked: who, since when, how to open. No titles, no names of things; counts only where the person chose so.

import { Lock } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Instant } from '../lib/instants.ts';
import { Button } from '../ui/controls/Button.tsx';
import { Time } from '../ui/data/Time.tsx';
import { Icon } from '../ui/Icon.tsx';
import { PlainBar } from '../ui/layout/PlainBar.tsx';
import css from './LockScreen.module.css';

interface LockScreenProps {
  /** 'Nordkai Console' */
  readonly consoleName: string;
  readonly user: string;
  readonly lastUnlock?: { readonly at: Instant; readonly device: string } | undefined;
  /** '3 critical waiting'. Absent unless switched on. */
  readonly waiting?: string | undefined;
  /** Why it locked, when it was not asked to: 'Locked after 10 min without keyboard or mouse.' */
  readonly reason?: string | undefined;
  /** The form that unlocks. It never opens a prompt by itself. */
  readonly children: ReactNode;
  readonly onOtherAccount?: (() => void) | undefined;
  readonly onVerify?: (() => void) | undefined;
}

export function LockScreen(props: LockScreenProps) {
  const { consoleName, user, lastUnlock, waiting, reason } = props;
  return (
    <main className={css.lock} aria-label="Locked">
      <PlainBar name={consoleName} />
      <div className={css.card}>
        <span className={css.mark}>
          <Icon of={Lock} size={20} />
        </span>
        <h1 className={css.title}>Locked</h1>
        <p className={css.lead}>{reason ?? 'Detection keeps running.'}</p>
        <p className={css.user}>{user}</p>
        <div className={css.form}>{props.children}</div>
        {waiting !== undefined && <p className={css.fact}>{waiting}</p>}
        {lastUnlock !== undefined && (
          <p className={css.fact}>
            Last unlocked <Time at={lastUnlock.at} format="minute" /> on {lastUnlock.device}
          </p>
        )}
      </div>
      <footer className={css.foot}>
        {props.onOtherAccount && (
          <Button tone="quiet" onPress={props.onOtherAccount}>
            Other account
          </Button>
        )}
        {props.onVerify && (
          <Button tone="quiet" onPress={props.onVerify}>
            Verify a bundle
          </Button>
        )}
      </footer>
    </main>
  );
}

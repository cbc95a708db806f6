// The bar at the bottom: the product's promise (the chain and its last checkpoint) is visible on every screen, and which clock is shown.

import { ArrowLeftRight, ShieldAlert, ShieldCheck, ShieldQuestion } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { cx } from '../lib/cx.ts';
import { relativeTime } from '../lib/durations.ts';
import { formatClock, formatInstant, toMillis } from '../lib/instants.ts';
import { useNow } from '../lib/now.ts';
import { formatCount } from '../lib/numbers.ts';
import { Figures } from '../ui/data/Figures.tsx';
import { Icon } from '../ui/Icon.tsx';
import type { ChainState, FrameProps, FrameStatus } from './frame-model.ts';
import css from './StatusBar.module.css';

interface StatusBarProps extends Pick<FrameProps, 'timeZone' | 'onTimeZoneChange' | 'onOpenStatus'> {
  readonly status: FrameStatus;
}

export function StatusBar({ status, timeZone, onTimeZoneChange, onOpenStatus }: StatusBarProps) {
  const { chain, checkpointAt, anchors, mirrors, service, api, stream } = status;
  const open = (item: 'chain' | 'mirrors' | 'service' | 'api') => onOpenStatus && (() => onOpenStatus(item));
  return (
    <footer className={css.statusbar} data-region="status" tabIndex={-1}>
      <Item onPress={open('chain')}>
        <Chain chain={chain} />
      </Item>
      {checkpointAt !== undefined && <Checkpoint at={toMillis(checkpointAt)} timeZone={timeZone} />}
      {anchors !== undefined && (
        <Item onPress={open('chain')} isWarning={anchors.isTroubled} isLesser={!anchors.isTroubled}>
          anchors {anchors.seen} of {anchors.of}
        </Item>
      )}
      {mirrors !== undefined && (
        <Item onPress={open('mirrors')} isWarning={mirrors.isTroubled} isLesser={!mirrors.isTroubled}>
          mirrors {mirrors.well} of {mirrors.of}
        </Item>
      )}
      <Item onPress={open('service')} isWarning={!service.ok} isLeast={service.ok}>
        {service.words}
      </Item>
      <Item onPress={open('api')} isWarning={!api.serving} isLeast={api.serving}>
        {api.serving ? `API ${api.address}` : 'API stopped'}
      </Item>
      {stream !== undefined && (
        <Item isLesser>
          SSE {stream.open} of {stream.limit}
        </Item>
      )}
      <ClockItem timeZone={timeZone} onTimeZoneChange={onTimeZoneChange} />
    </footer>
  );
}

interface ItemProps {
  readonly children: ReactNode;
  readonly onPress?: (() => void) | undefined;
  readonly isWarning?: boolean;
  /** First to go when the window is narrow. */
  readonly isLesser?: boolean;
  /** Goes when it is narrower still: what is well, and shown in the settings too. */
  readonly isLeast?: boolean;
}

function Item({ children, onPress, isWarning = false, isLesser = false, isLeast = false }: ItemProps) {
  const name = cx(css.item, isWarning && css.warning, isLesser && css.lesser, isLeast && css.least);
  if (onPress === undefined) return <span className={name}>{children}</span>;
  return (
    <AriaButton className={name} onPress={onPress}>
      {children}
    </AriaButton>
  );
}

function Chain({ chain }: { readonly chain: ChainState }) {
  switch (chain.kind) {
    case 'intact':
      return (
        <>
          <span className="ok">
            <Icon of={ShieldCheck} size={12} />
          </span>
          chain intact to #{formatCount(chain.size)}
        </>
      );
    case 'broken':
      return (
        <span className={css.broken}>
          <Icon of={ShieldAlert} size={12} />
          chain broken{chain.at !== null && ` at #${formatCount(chain.at)}`}
        </span>
      );
    case 'unknown':
      return (
        <>
          <Icon of={ShieldQuestion} size={12} />
          chain not checked yet
        </>
      );
  }
}

function Checkpoint({ at, timeZone }: { readonly at: number; readonly timeZone: FrameProps['timeZone'] }) {
  const now = useNow();
  return (
    <Item isLeast>
      <span title={formatInstant(at, timeZone)}>
        checkpoint {formatClock(at, timeZone)}, {relativeTime(at, now)}
      </span>
    </Item>
  );
}

function ClockItem({ timeZone, onTimeZoneChange }: Pick<StatusBarProps, 'timeZone' | 'onTimeZoneChange'>) {
  const now = useNow();
  const other = timeZone === 'utc' ? 'local' : 'utc';
  return (
    <AriaButton className={cx(css.item, css.end)} onPress={() => onTimeZoneChange(other)}>
      <time dateTime={new Date(now).toISOString()}>
        <Figures text={formatInstant(now, timeZone)} />
      </time>
      <Icon of={ArrowLeftRight} size={12} />
      <span className={css.least}>
        {other === 'local' ? 'local' : 'UTC'} {formatClock(now, other)}
      </span>
      <span className="visually-hidden">. Show times in {other === 'local' ? 'local time' : 'UTC'}</span>
    </AriaButton>
  );
}

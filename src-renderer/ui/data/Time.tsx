// Instants on screen. Each carries the absolute time in both zones on hover; what is shown follows the choice in the status bar.

import { useContext } from 'react';
import { relativeTime, shortDuration } from '../../lib/durations.ts';
import { formatInstant, type Instant, type InstantFormat, toMillis } from '../../lib/instants.ts';
import { useNow } from '../../lib/now.ts';
import { DisplayContext } from '../display.ts';
import { Figures } from './Figures.tsx';

interface TimeProps {
  readonly at: Instant;
  readonly format?: InstantFormat;
  readonly className?: string | undefined;
}

function bothZones(at: Instant): string {
  return `${formatInstant(at, 'utc')}\n${formatInstant(at, 'local')} local`;
}

function machineTime(at: Instant): string | undefined {
  const millis = toMillis(at);
  return Number.isNaN(millis) ? undefined : new Date(millis).toISOString();
}

/** 2026-11-21 14:08:22 UTC, or shorter by `format`. */
export function Time({ at, format = 'full', className }: TimeProps) {
  const { timeZone } = useContext(DisplayContext);
  return (
    <time dateTime={machineTime(at)} title={bothZones(at)} className={className}>
      <Figures text={formatInstant(at, timeZone, format)} />
    </time>
  );
}

/** To the millisecond and in both zones at once: 2026-11-21 14:08:22.310 UTC · 15:08:22 +01:00 on this computer. */
export function ExactTime({ at }: { readonly at: Instant }) {
  const zone = formatInstant(at, 'local').split(' ').at(-1);
  const utc = `${formatInstant(at, 'utc', 'date')} ${formatInstant(at, 'utc', 'precise')} UTC`;
  const local = `${formatInstant(at, 'local', 'date')} ${formatInstant(at, 'local', 'time')} ${zone}`;
  if (machineTime(at) === undefined) return <>unknown time</>;
  return (
    <time dateTime={machineTime(at)}>
      <Figures text={utc} /> <span className="muted">· {local} on this computer</span>
    </time>
  );
}

interface RelativeTimeProps {
  readonly at: Instant;
  /** short: '4m', for columns headed Age · spaced: '4 min ago'. */
  readonly form?: 'short' | 'spaced';
  readonly className?: string | undefined;
}

export function RelativeTime({ at, form = 'spaced', className }: RelativeTimeProps) {
  const now = useNow();
  const millis = toMillis(at);
  return (
    <time dateTime={machineTime(at)} title={bothZones(at)} className={className}>
      {Number.isNaN(millis)
        ? 'unknown time'
        : form === 'short'
          ? shortDuration(now - millis)
          : relativeTime(millis, now)}
    </time>
  );
}

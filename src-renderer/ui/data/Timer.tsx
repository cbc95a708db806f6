// A limit that runs: plain, outlined amber in the last quarter, filled amber with + when over. Drawn once a second at most.

import { formatInstant, type Instant, toMillis } from '../../lib/instants.ts';
import { useNow } from '../../lib/now.ts';
import { timeLimitAt } from '../../lib/time-limit.ts';
import { LimitChip } from './LimitChip.tsx';

interface TimerProps {
  readonly startedAt: Instant;
  readonly dueAt: Instant;
  /** What the limit is for: 'SLA', 'Reverts'. Read out before the time. */
  readonly label?: string;
  /** Adds 'left' in headlines; a column says so in its head. */
  readonly showsLeft?: boolean;
  /** Stopped there, e.g. while snoozed. */
  readonly pausedAt?: Instant | undefined;
}

export function Timer({ startedAt, dueAt, label = 'SLA', showsLeft = false, pausedAt }: TimerProps) {
  const ticking = useNow();
  const now = pausedAt === undefined ? ticking : toMillis(pausedAt);
  const { state, short, spoken } = timeLimitAt(now, toMillis(startedAt), toMillis(dueAt));
  return (
    <LimitChip
      state={state}
      spoken={`${label} ${spoken}${pausedAt === undefined ? '' : ', paused'}`}
      title={`${label} ends ${formatInstant(dueAt, 'utc')}`}
      isPaused={pausedAt !== undefined}
    >
      {short}
      {showsLeft && state !== 'late' && ' left'}
    </LimitChip>
  );
}

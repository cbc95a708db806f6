// Too many failed attempts: how long until the next one. The first sentence is announced, the seconds are not.

import { spacedDuration } from '../../lib/durations.ts';
import { useNow } from '../../lib/now.ts';
import css from './credentials.module.css';

/** Is there time to wait, now? Renders again each second. */
export function useIsWaiting(retryAt: number | undefined): boolean {
  const now = useNow();
  return retryAt !== undefined && retryAt > now;
}

export function Waiting({ until }: { readonly until: number | undefined }) {
  const now = useNow();
  if (until === undefined || until <= now) return null;
  return (
    <p className={css.wait}>
      <span role="status">Wait before the next try.</span>{' '}
      <span className="tn" aria-hidden="true">
        {spacedDuration(until - now + 999)} left.
      </span>
    </p>
  );
}

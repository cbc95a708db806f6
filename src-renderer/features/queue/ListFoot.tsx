// How much of the list is loaded: nothing is cut off silently, and a page that failed can be asked for again.

import { useStore } from 'zustand';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import css from './queue.module.css';
import { queue } from './queue-state.ts';

export function ListFoot() {
  const loaded = useStore(queue, (state) => state.rows.length);
  const matching = useStore(queue, (state) => state.summary?.matching);
  const hasMore = useStore(queue, (state) => state.nextCursor !== null);
  const isLoading = useStore(queue, (state) => state.isLoadingMore);
  const failure = useStore(queue, (state) => state.moreFailure);
  if (failure === undefined && !hasMore) return null;
  return (
    <div className={css.foot} role="status">
      {failure === undefined ? (
        <>
          {formatCount(loaded)} of {formatCount(Math.max(loaded, matching ?? loaded))} loaded
          {isLoading ? ', loading more' : '. Scroll for more.'}
        </>
      ) : (
        <>
          <span className="warn">The next alerts could not be read. {failure}</span>
          <Button size="small" onPress={() => void queue.loadMore()}>
            Try again
          </Button>
        </>
      )}
    </div>
  );
}

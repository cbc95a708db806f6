// The queue without rows: loading, failed, or empty, and then why: nothing happened, the filter hides something, or the sources are silent.

import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { call } from '../../api/client.ts';
import { isAborted } from '../../api/failures.ts';
import { relativeTime } from '../../lib/durations.ts';
import { toMillis } from '../../lib/instants.ts';
import { useNow } from '../../lib/now.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { EmptyState } from '../../ui/states/EmptyState.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import { queue } from './queue-state.ts';
import { defaultView, viewOf } from './views.ts';

const everyOpen = 'status:open,ack';
const closedToday = 'status:closed age:<24h';
const silentAfterMs = 3 * 3_600_000;

export function NoRows({ onQuery }: { readonly onQuery: (text: string) => void }) {
  const phase = useStore(queue, (state) => state.phase);
  const failure = useStore(queue, (state) => state.failure);
  if (phase === 'loading') return <LoadingSkeleton label="Loading alerts" rows={16} />;
  if (phase === 'failed') {
    return (
      <ErrorState
        title="The alerts could not be read"
        detail={failure}
        stillWorks="Nothing that was raised is lost."
        onRetry={() => void queue.load()}
        diagnostics={`screen: queue\nquery: ${queue.getState().queryText}\nerror: ${failure ?? ''}`}
      />
    );
  }
  return <Nothing onQuery={onQuery} />;
}

function Nothing({ onQuery }: { readonly onQuery: (text: string) => void }) {
  const queryText = useStore(queue, (state) => state.queryText);
  const summary = useStore(queue, (state) => state.summary);
  const status = useConsoleStatus();
  const now = useNow();
  const view = viewOf(queryText);
  const active = summary === undefined ? 0 : summary.open + summary.acknowledged;
  const isHiding = active > 0 && queryText !== everyOpen;
  const lastEventAt = status?.last_event_at == null ? undefined : toMillis(status.last_event_at);
  const isSilent = lastEventAt !== undefined && now - lastEventAt > silentAfterMs;

  if (isHiding) {
    return (
      <EmptyState
        reason="hidden"
        title={
          view?.id === defaultView.id
            ? `Nothing open from the last 24 h. ${formatCount(active)} older open`
            : `The filter hides ${formatCount(active)} open`
        }
        actions={
          <>
            <Button onPress={() => onQuery(everyOpen)}>Show all open</Button>
            {view?.id !== defaultView.id && (
              <Button tone="quiet" onPress={() => onQuery(defaultView.query)}>
                Back to {defaultView.name.toLowerCase()}
              </Button>
            )}
          </>
        }
      />
    );
  }
  return (
    <EmptyState
      reason={isSilent ? 'silent' : 'nothing'}
      title={
        isSilent && lastEventAt !== undefined
          ? `Nothing open, and no event since ${relativeTime(lastEventAt, now)}`
          : (view?.emptyTitle ?? 'Nothing matches')
      }
      actions={
        <>
          {queryText !== closedToday && <Button onPress={() => onQuery(closedToday)}>See what was closed</Button>}
          {isSilent && <a href="#/events">Look at the events</a>}
        </>
      }
    >
      {status === undefined
        ? undefined
        : `${status.detectors_on} of ${status.detectors_total} detectors on, ${
            lastEventAt === undefined
              ? 'no event yet. Import a log file under Events.'
              : `last event ${relativeTime(lastEventAt, now)}.`
          }`}
    </EmptyState>
  );
}

/** Read once while the list is empty; the sentence is left out when it cannot be had. */
function useConsoleStatus(): Output<'console.status'> | undefined {
  const [status, setStatus] = useState<Output<'console.status'>>();
  useEffect(() => {
    const stop = new AbortController();
    call('console.status', {}, { signal: stop.signal }).then(setStatus, (error: unknown) => {
      if (!isAborted(error)) setStatus(undefined);
    });
    return () => stop.abort();
  }, []);
  return status;
}

// What tools and files sent that could not be taken in, and why: the sender's answer is gone by the time somebody asks.

import { useEffect } from 'react';
import { useStore } from 'zustand';
import type { EventRejection } from '../../../src-shared/contract/events.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { RelativeTime } from '../../ui/data/Time.tsx';
import { Dialog } from '../../ui/overlays/Dialog.tsx';
import { EmptyState } from '../../ui/states/EmptyState.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import css from './events.module.css';
import { rejections } from './events-state.ts';

export function RejectionsDialog({ onClose }: { readonly onClose: () => void }) {
  const { rows, total, phase, failure, nextCursor } = useStore(rejections);
  useEffect(() => void rejections.load(), []);
  return (
    <Dialog
      title="Refused events"
      size="large"
      isOpen
      onClose={onClose}
      footer={
        <>
          {nextCursor !== null && <Button onPress={() => void rejections.loadMore()}>Show more</Button>}
          <Button onPress={onClose}>Close</Button>
        </>
      }
    >
      <p className="muted">
        {formatCount(total)} refused so far. The latest stand here with the reason, as they were sent.
      </p>
      {phase === 'loading' && <LoadingSkeleton label="Loading refused events" rows={6} />}
      {phase === 'failed' && (
        <ErrorState
          title="The refused events could not be read"
          detail={failure}
          stillWorks="They are kept, and events go on being taken in."
          onRetry={() => void rejections.load()}
          diagnostics={`screen: refused events\nerror: ${failure ?? ''}`}
        />
      )}
      {phase === 'ready' && rows.length === 0 && <EmptyState reason="nothing" title="No event was refused" />}
      {rows.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keys too
        <ul className={css.rejections} aria-label="Refused events, newest first" tabIndex={0}>
          {rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows are only added at the end, and may be the same
            <Rejection key={index} row={row} />
          ))}
        </ul>
      )}
    </Dialog>
  );
}

function Rejection({
  row: { received_at, sent_by, file, place, reason, text, more },
}: {
  readonly row: EventRejection;
}) {
  return (
    <li>
      <div className="strong">{reason}</div>
      <div className="small muted">
        {file === null ? `No. ${formatCount(place + 1)} of its batch` : `${file}, line ${formatCount(place)}`}, sent by{' '}
        {sent_by} <RelativeTime at={received_at} />
        {more > 0 && `; ${formatCount(more)} more of the same ${file === null ? 'batch' : 'file'} were counted only`}
      </div>
      {text !== null && <code className={css.rejectedText}>{text}</code>}
    </li>
  );
}

// All exceptions of the workspace: what is kept from whom, why, for how long, how often it was so; reminded of a week before they end, and
// then extended or let go.

import { useState } from 'react';
import { useStore } from 'zustand';
import type { Output } from '../../../src-shared/contract/contract.ts';
import type { RuleException } from '../../../src-shared/contract/rules.ts';
import { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import { useMayDo } from '../../app/services.ts';
import { shortDuration } from '../../lib/durations.ts';
import { byEnd, endOf, endsSoon } from '../../lib/exception-ends.ts';
import { useNow } from '../../lib/now.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Tag } from '../../ui/data/Tag.tsx';
import { RelativeTime, Time } from '../../ui/data/Time.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { Banner } from '../../ui/states/Banner.tsx';
import { EmptyState } from '../../ui/states/EmptyState.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import { ProgressBar } from '../../ui/states/ProgressBar.tsx';
import css from './detections.module.css';
import { detections } from './detections-state.ts';
import { ExtendDialog } from './ExtendDialog.tsx';
import { countOf } from './rule-words.ts';
import { TransferDialog } from './TransferDialog.tsx';
import { useLoad } from './use-load.ts';
import { useLookBack } from './use-look-back.ts';

const minuteMs = 60_000;

export function ExceptionsView() {
  const reading = useStore(detections, (state) => state.reading);
  const mayManage = useMayDo('detections.manage');
  const now = useNow(minuteMs);
  const { value, failure, reload } = useLoad(`exceptions ${reading}`, (signal) =>
    call('exceptions.list', {}, { signal }),
  );
  if (value === undefined && failure !== undefined)
    return (
      <ErrorState title="The exceptions could not be read" detail={failure} stillWorks="They go on." onRetry={reload} />
    );
  if (value === undefined) return <LoadingSkeleton label="Loading exceptions" />;
  if (value.items.length === 0) {
    return (
      <EmptyState reason="nothing" title="No exceptions">
        Every rule looks at every event. An exception is made from a detector, or from an alert.
      </EmptyState>
    );
  }
  const soon = value.items.filter((one) => endsSoon(one, now)).length;
  return (
    <div className={css.scroll}>
      {soon > 0 && (
        <Banner>
          {countOf(soon, 'exception')} {soon === 1 ? 'ends' : 'end'} within 7 days. What{' '}
          {soon === 1 ? 'it keeps' : 'they keep'} away will raise alerts again, unless somebody still needs{' '}
          {soon === 1 ? 'it' : 'them'} and says why.
        </Banner>
      )}
      <ExceptionList items={value.items} mayManage={mayManage} onChanged={reload} namesRules />
    </div>
  );
}

interface ExceptionListProps {
  readonly items: readonly RuleException[];
  readonly mayManage: boolean;
  readonly onChanged: () => void;
  readonly namesRules?: boolean;
}

export function ExceptionList({ items, mayManage, onChanged, namesRules = false }: ExceptionListProps) {
  const rules = useStore(detections, (state) => state.items);
  const [extending, setExtending] = useState<RuleException>();
  const [handing, setHanding] = useState<RuleException>();

  async function end(one: RuleException): Promise<void> {
    try {
      await call('exceptions.delete', { id: one.id });
      toasts.show({ text: 'Exception ended', undo: one.expired ? undefined : () => void makeAgain(one) });
      onChanged();
    } catch (error) {
      toasts.show({ text: failureWords(error), tone: 'warn' });
    }
  }

  /** Another one like it: it begins to count anew, and is of whoever takes the end back. */
  async function makeAgain({ rule, conditions, reason, expires_at }: RuleException): Promise<void> {
    try {
      await call('exceptions.create', { rule, conditions, reason, expires_at });
      toasts.show({ text: 'Exception made again, with you as its owner' });
      onChanged();
    } catch (error) {
      toasts.show({ text: failureWords(error), tone: 'warn' });
    }
  }

  return (
    <>
      <ul className={css.exceptions}>
        {byEnd(items).map((one) => (
          <li key={one.id}>
            <div className={css.exceptionWords}>
              <p className="mono">{conditionWords(one)}</p>
              <p className="small">
                {one.rule === null ? <Tag tone="warn">all rules</Tag> : null}
                {namesRules && one.rule !== null && (
                  <span className="strong">{rules.find(({ rule }) => rule === one.rule)?.title ?? one.rule}: </span>
                )}{' '}
                {one.reason}
              </p>
              <p className="small muted">
                {one.owner}, since <Time at={one.created_at} />; <Ending one={one} />;{' '}
                {one.alerts > 0 && <b className="nowrap">saved you {countOf(one.alerts, 'alert')}, </b>}
                kept {countOf(one.hits, 'match', 'matches')} away
                {one.last_hit_at !== null && (
                  <>
                    , the last <RelativeTime at={one.last_hit_at} />
                  </>
                )}
              </p>
              {mayManage && !one.expired && one.hits > 0 && <Saved one={one} />}
            </div>
            {mayManage && (
              <div className={css.exceptionActions}>
                {!one.expired && (
                  <Button
                    size="small"
                    label={`Extend the exception for ${firstOf(one)}`}
                    onPress={() => setExtending(one)}
                  >
                    Extend
                  </Button>
                )}
                {!one.expired && (
                  <Button
                    size="small"
                    label={`Hand over the exception for ${firstOf(one)}`}
                    onPress={() => setHanding(one)}
                  >
                    Hand over
                  </Button>
                )}
                <Button size="small" label={`End the exception for ${firstOf(one)}`} onPress={() => void end(one)}>
                  {one.expired ? 'Remove' : 'End'}
                </Button>
              </div>
            )}
          </li>
        ))}
      </ul>
      {extending !== undefined && (
        <ExtendDialog
          exception={extending}
          words={conditionWords(extending)}
          onClose={() => setExtending(undefined)}
          onExtended={onChanged}
        />
      )}
      {handing !== undefined && (
        <TransferDialog
          exception={handing}
          words={conditionWords(handing)}
          onClose={() => setHanding(undefined)}
          onTransferred={onChanged}
        />
      )}
    </>
  );
}

function conditionWords({ conditions }: RuleException): string {
  return conditions.map(({ field, value }) => `${field} = ${value}`).join('  and  ');
}

function firstOf({ conditions: [first] }: RuleException): string {
  return `${first?.field} = ${first?.value}`;
}

function Ending({ one }: { readonly one: RuleException }) {
  const now = useNow(minuteMs);
  if (one.expires_at === null) return <Tag tone="warn">never ends</Tag>;
  if (one.expired)
    return (
      <>
        ended <Time at={one.expires_at} />
      </>
    );
  const left = shortDuration(endOf(one) - now);
  return (
    <>
      ends <Time at={one.expires_at} />{' '}
      {endsSoon(one, now) ? <Tag tone="warn">in {left}</Tag> : <span>(in {left})</span>}
    </>
  );
}

/** Matches are events; how many alerts would have come of them is told by looking back without the exception. */
function Saved({ one }: { readonly one: RuleException }) {
  const look = useLookBack<Output<'detections.what_if'>>();
  const { answer, failure, progress } = look;
  if (progress !== undefined)
    return (
      <ProgressBar
        label="Looking at the events of 30 days without it"
        done={progress.done}
        total={progress.total === 0 ? undefined : progress.total}
        unit="events"
        rate={progress.rate}
        onCancel={look.cancel}
      />
    );
  if (failure !== undefined) return <p className="small warn">{failure}</p>;
  if (answer !== undefined)
    return (
      <p className="small" role="status">
        <b>Saved you {countOf(Math.max(0, answer.after - answer.before), 'alert')}</b> among the{' '}
        {countOf(answer.events, 'event')} of 30 days{answer.truncated && ', the newest of more'}
      </p>
    );
  return (
    <Button
      size="small"
      tone="quiet"
      label={`How many alerts did it save? The exception for ${firstOf(one)}`}
      onPress={() =>
        void look.ask((task, signal) =>
          call('detections.what_if', { rule: one.rule, without_exception: one.id, task }, { signal }),
        )
      }
    >
      How many alerts did it save?
    </Button>
  );
}

// Looking back: what a rule would have found in the stored events, and what a change would have made of the alerts.

import { useState } from 'react';
import type { CallInput, Output } from '../../../src-shared/contract/contract.ts';
import type { LookProgress } from '../../../src-shared/contract/detections.ts';
import { call } from '../../api/client.ts';
import { formatPlace } from '../../app/navigation.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { Severity } from '../../ui/data/Severity.tsx';
import { RelativeTime, Time } from '../../ui/data/Time.tsx';
import { ProgressBar } from '../../ui/states/ProgressBar.tsx';
import css from './detections.module.css';
import { countOf } from './rule-words.ts';
import { type LookBack, useLookBack } from './use-look-back.ts';

const dayMs = 86_400_000;
const periods = [
  { id: '1', label: 'Last day' },
  { id: '7', label: 'Last 7 days' },
  { id: '30', label: 'Last 30 days' },
  { id: '365', label: 'Last year' },
] as const;
type PeriodId = (typeof periods)[number]['id'];

function sinceOf(period: PeriodId): string {
  return new Date(Date.now() - Number(period) * dayMs).toISOString();
}

interface Bar {
  readonly label: string;
  readonly look: Pick<LookBack<unknown>, 'progress' | 'cancel'>;
  readonly period: PeriodId;
  readonly onPeriod: (period: PeriodId) => void;
  readonly onRun: () => void;
}

export const phaseWords: Readonly<Record<LookProgress['phase'], string>> = {
  compiling: 'Compiling the rules',
  counting: 'Counting the events',
  running: 'Looking at the events',
  comparing: 'Comparing with the alerts',
};

function QuestionBar({ label, look, period, onPeriod, onRun }: Bar) {
  const { progress } = look;
  return (
    <>
      <div className={css.question}>
        <Select label="Over which events" hideLabel options={periods} value={period} onChange={onPeriod} />
        <Button isDisabled={progress !== undefined} onPress={onRun}>
          {label}
        </Button>
      </div>
      {progress !== undefined && (
        <ProgressBar
          label={phaseWords[progress.phase]}
          done={progress.done}
          total={progress.total === 0 ? undefined : progress.total}
          unit={progress.phase === 'comparing' ? 'alerts' : 'events'}
          rate={progress.rate}
          onCancel={look.cancel}
        />
      )}
    </>
  );
}

function Examined({
  events,
  since,
  until,
  truncated,
}: Pick<Output<'detections.dry_run'>, 'events' | 'since' | 'until' | 'truncated'>) {
  return (
    <p className="small muted">
      {countOf(events, 'event')} from <Time at={since} /> to <Time at={until} />
      {truncated && '; the newest of more'}
    </p>
  );
}

type DryRun = Pick<CallInput<'detections.dry_run'>, 'source' | 'rule'>;

/** An answer and what it is the answer to: kept by whoever shows the panel, so that it is there again when the panel is. */
export interface Look<T> extends LookBack<{ readonly of: string; readonly result: T }> {
  readonly period: PeriodId;
  readonly onPeriod: (period: PeriodId) => void;
}

function useLook<T>(): Look<T> {
  const [period, onPeriod] = useState<PeriodId>('30');
  return { ...useLookBack<{ readonly of: string; readonly result: T }>(), period, onPeriod };
}

export const useDryRun = () => useLook<Output<'detections.dry_run'>>();
export const useWhatIf = () => useLook<Output<'detections.what_if'>>();

interface DryRunProps {
  readonly rule: DryRun;
  readonly look: Look<Output<'detections.dry_run'>>;
}

export function DryRunPanel({ rule, look }: DryRunProps) {
  const { answer, failure, period, onPeriod } = look;
  const key = JSON.stringify(rule);
  return (
    <section className={css.history} aria-label="Dry run">
      <QuestionBar
        label="Run over stored events"
        look={look}
        period={period}
        onPeriod={onPeriod}
        onRun={() =>
          void look.ask(async (task, signal) => ({
            of: key,
            result: await call('detections.dry_run', { ...rule, task, since: sinceOf(period) }, { signal }),
          }))
        }
      />
      {failure !== undefined && (
        <p className="warn" role="alert">
          {failure}
        </p>
      )}
      {answer !== undefined && (
        <div role="status" className={answer.of === key ? undefined : css.old}>
          <p>
            <b>{countOf(answer.result.alerts, 'alert')}</b> would have been raised, from{' '}
            {countOf(answer.result.matched, 'event')}.
            {answer.of !== key && <span className="muted"> (before your last change)</span>}
          </p>
          <Examined {...answer.result} />
          <WouldBeList items={answer.result.shown} total={answer.result.alerts} />
        </div>
      )}
    </section>
  );
}

type Change = Pick<CallInput<'detections.what_if'>, 'rule' | 'source' | 'parameters' | 'suppression'>;

interface WhatIfProps {
  readonly change: Change;
  readonly look: Look<Output<'detections.what_if'>>;
}

export function WhatIfPanel({ change, look }: WhatIfProps) {
  const { answer, failure, period, onPeriod } = look;
  const key = JSON.stringify(change);
  return (
    <section className={css.history} aria-label="What if">
      <QuestionBar
        label="What if"
        look={look}
        period={period}
        onPeriod={onPeriod}
        onRun={() =>
          void look.ask(async (task, signal) => ({
            of: key,
            result: await call('detections.what_if', { ...change, task, since: sinceOf(period) }, { signal }),
          }))
        }
      />
      {failure !== undefined && (
        <p className="warn" role="alert">
          {failure}
        </p>
      )}
      {answer !== undefined && <WhatIfAnswer result={answer.result} isOld={answer.of !== key} />}
    </section>
  );
}

interface WhatIfAnswerProps {
  readonly result: Output<'detections.what_if'>;
  /** What it is the answer to was changed since. */
  readonly isOld: boolean;
}

export function WhatIfAnswer({ result, isOld }: WhatIfAnswerProps) {
  const { before, after, hidden, hidden_true_positives: lost, added } = result;
  return (
    <div role="status" className={isOld ? css.old : undefined}>
      <p>
        <b>
          {formatCount(before)} → {countOf(after, 'alert')}
        </b>
        {isOld && <span className="muted"> (before your last change)</span>}
      </p>
      {lost > 0 && <p className="warn strong">Would have hidden {countOf(lost, 'true positive')}</p>}
      {lost === 0 && hidden.length > 0 && <p>Would have hidden no alert that was judged a true positive.</p>}
      <Examined {...result} />
      {hidden.length > 0 && (
        <>
          <h4 className="small strong">Hidden</h4>
          <ul className={css.wouldBe}>
            {hidden.map(({ id, number, title, verdict }) => (
              <li key={id}>
                <a className="mono nowrap" href={formatPlace({ screen: 'queue', path: [id] })}>
                  ALR-{number}
                </a>{' '}
                <span className="clip">{title}</span>{' '}
                <span className={verdict === 'true_positive' ? 'warn nowrap' : 'small muted nowrap'}>
                  {verdict === null ? 'not judged' : verdict.replaceAll('_', ' ')}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      {added.length > 0 && (
        <>
          <h4 className="small strong">New</h4>
          <WouldBeList items={added} total={added.length} />
        </>
      )}
    </div>
  );
}

function WouldBeList({
  items,
  total,
}: {
  readonly items: Output<'detections.dry_run'>['shown'];
  readonly total: number;
}) {
  return (
    <>
      <ul className={css.wouldBe}>
        {items.map((one) => (
          <li key={`${one.first_at} ${one.title} ${one.events[0] ?? ''}`} title={one.sentence}>
            <Severity level={one.severity} /> <span className="clip">{one.title}</span>{' '}
            <span className="small muted nowrap">
              × {formatCount(one.count)}, <RelativeTime at={one.last_at} />
            </span>
          </li>
        ))}
      </ul>
      {total > items.length && <p className="small muted">and {formatCount(total - items.length)} more</p>}
    </>
  );
}

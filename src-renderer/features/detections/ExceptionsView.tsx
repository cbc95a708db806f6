// All exceptions of the workspace: what is kept from whom, why, for how long, and how often it was so.

import { useStore } from 'zustand';
import type { RuleException } from '../../../src-shared/contract/rules.ts';
import { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import { useMayDo } from '../../app/services.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Tag } from '../../ui/data/Tag.tsx';
import { Time } from '../../ui/data/Time.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { EmptyState } from '../../ui/states/EmptyState.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import css from './detections.module.css';
import { detections } from './detections-state.ts';
import { countOf } from './rule-words.ts';
import { useLoad } from './use-load.ts';

export function ExceptionsView() {
  const reading = useStore(detections, (state) => state.reading);
  const mayManage = useMayDo('detections.manage');
  const { value, failure, reload } = useLoad(`exceptions ${reading}`, (signal) =>
    call('exceptions.list', {}, { signal }),
  );
  if (failure !== undefined)
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
  return (
    <div className={css.scroll}>
      <ExceptionList items={value.items} mayManage={mayManage} onEnded={reload} namesRules />
    </div>
  );
}

interface ExceptionListProps {
  readonly items: readonly RuleException[];
  readonly mayManage: boolean;
  readonly onEnded: () => void;
  readonly namesRules?: boolean;
}

const soonMs = 7 * 86_400_000;

export function ExceptionList({ items, mayManage, onEnded, namesRules = false }: ExceptionListProps) {
  const rules = useStore(detections, (state) => state.items);

  async function end(id: string): Promise<void> {
    try {
      await call('exceptions.delete', { id });
      toasts.show({ text: 'Exception ended' });
      onEnded();
    } catch (error) {
      toasts.show({ text: failureWords(error), tone: 'warn' });
    }
  }

  return (
    <ul className={css.exceptions}>
      {items.map((one) => (
        <li key={one.id}>
          <div className={css.exceptionWords}>
            <p className="mono">{one.conditions.map(({ field, value }) => `${field} = ${value}`).join('  and  ')}</p>
            <p className="small">
              {one.rule === null ? <Tag tone="warn">all rules</Tag> : null}
              {namesRules && one.rule !== null && (
                <span className="strong">{rules.find(({ rule }) => rule === one.rule)?.title ?? one.rule}: </span>
              )}{' '}
              {one.reason}
            </p>
            <p className="small muted">
              {one.owner}; {one.expired ? 'ended' : 'ends'} <Time at={one.expires_at} />
              {!one.expired && Date.parse(one.expires_at) - Date.now() < soonMs && (
                <span className="warn"> (soon)</span>
              )}
              ; kept {countOf(one.hits, 'match', 'matches')} away
            </p>
          </div>
          {mayManage && (
            <Button
              size="small"
              label={`End the exception for ${one.conditions[0]?.field} = ${one.conditions[0]?.value}`}
              onPress={() => void end(one.id)}
            >
              {one.expired ? 'Remove' : 'End'}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

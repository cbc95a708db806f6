// What lies behind an alert: computed anew from its events on demand, and the way to an exception for more of its kind.

import { ShieldOff } from 'lucide-react';
import { useState } from 'react';
import type { AlertFull } from '../../../src-shared/contract/alerts.ts';
import type { Replay } from '../../../src-shared/contract/detections.ts';
import { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import { navigate } from '../../app/navigation.ts';
import { useMayDo } from '../../app/services.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import css from './queue.module.css';

export function AlertProof({ alert }: { readonly alert: AlertFull }) {
  const mayManage = useMayDo('detections.manage');
  const [answer, setAnswer] = useState<Replay>();
  const [failure, setFailure] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  async function replay(): Promise<void> {
    setBusy(true);
    setFailure(undefined);
    try {
      setAnswer(await call('detections.replay', { id: alert.id }));
    } catch (error) {
      setFailure(failureWords(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <div className={css.also}>
      <div className="line wrap">
        <Button size="small" isBusy={isBusy} onPress={() => void replay()}>
          Replay
        </Button>
        {mayManage && (
          <Button
            size="small"
            icon={ShieldOff}
            onPress={() =>
              navigate({
                screen: 'detections',
                path: [alert.detector.id],
                query: { except: JSON.stringify(conditionsOf(alert)) },
              })
            }
          >
            Don’t alert on this again
          </Button>
        )}
      </div>
      <div role="status" className="small">
        {failure !== undefined && <p className="warn">{failure}</p>}
        {answer !== undefined && <Answer answer={answer} />}
      </div>
    </div>
  );
}

function Answer({ answer }: { readonly answer: Replay }) {
  const { outcome, events, changed, missing, differences } = answer;
  if (outcome === 'same') {
    return (
      <p>
        The same: {formatCount(events)} stored events, as they were, and the version of the rule that raised it give
        this alert again.
      </p>
    );
  }
  return (
    <>
      <p className="warn strong">
        {outcome === 'different' ? 'Not the same.' : 'Could not be computed anew: something is missing.'}
      </p>
      <ul>
        {changed.map((id) => (
          <li key={id}>
            Event <span className="mono">{id}</span> is not what it was when the alert was raised.
          </li>
        ))}
        {missing.map((what) => (
          <li key={what}>Missing: {what}</li>
        ))}
        {differences.map(({ what, stored, replayed }) => (
          <li key={what}>
            {what}: stored {stored}, computed {replayed}
          </li>
        ))}
      </ul>
    </>
  );
}

const usualFields = { user: 'actor', ip: 'ip_address', host: 'source', key: 'details.key_id', resource: 'resource_id' };

/** The alert's entities as conditions on the fields that they stand in, as its first event has them. */
function conditionsOf({ entities, events }: AlertFull): { field: string; value: string }[] {
  const record = events[0]?.record ?? {};
  return entities.slice(0, 3).map(({ kind, value }) => ({
    field: fieldWith(record, value) ?? usualFields[kind],
    // What was seen is meant as it stands: in a condition * and ? would be wildcards.
    value: value.replace(/[\\*?]/g, '\\$&'),
  }));
}

function fieldWith(record: Readonly<Record<string, unknown>>, value: string): string | undefined {
  const own = Object.keys(record).find((name) => record[name] === value);
  if (own !== undefined) return own;
  const { details } = record;
  if (typeof details !== 'object' || details === null) return undefined;
  const inner = Object.entries(details).find((entry) => entry[1] === value)?.[0];
  return inner === undefined ? undefined : `details.${inner}`;
}

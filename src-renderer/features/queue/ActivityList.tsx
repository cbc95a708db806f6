// Everything that happened to an alert, newest first: who, when, from where, with which note. The newest change can be taken back.

import { Undo2 } from 'lucide-react';
import type { AlertFull } from '../../../src-shared/contract/alerts.ts';
import { toMillis } from '../../lib/instants.ts';
import { useNow } from '../../lib/now.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Avatar } from '../../ui/data/Avatar.tsx';
import { Time } from '../../ui/data/Time.tsx';
import { activityWords } from './alert-words.ts';
import css from './queue.module.css';
import { triage } from './queue-state.ts';

interface ActivityListProps {
  readonly activity: AlertFull['activity'];
  readonly me: string;
  readonly mayUndo: boolean;
}

/** Also how long a time needs no date beside it. */
const undoableForMs = 24 * 3_600_000;

export function ActivityList({ activity, me, mayUndo }: ActivityListProps) {
  const now = useNow(60_000);
  const newest = activity.toSorted((left, right) => toMillis(right.at) - toMillis(left.at));
  // Only the newest: the service takes nothing back that something was built on.
  const last = newest.find((each) => each.kind !== 'repeated');
  const isUndoable =
    mayUndo &&
    last !== undefined &&
    last.change_id !== null &&
    !['undone', 'raised'].includes(last.kind) &&
    now - toMillis(last.at) < undoableForMs;
  return (
    <ol className={css.activity}>
      {newest.map((each) => (
        <li key={each.id}>
          <Time at={each.at} format={now - toMillis(each.at) < undoableForMs ? 'time' : 'minute'} className="faint" />
          <Avatar name={each.actor} isMe={each.actor === me} />
          <div>
            <p>
              {activityWords(each)} <span className="muted">by {each.actor}</span>
              {each.ip_address !== null && <span className="faint"> from {each.ip_address}</span>}
            </p>
            {each.note !== null && <p className={css.note}>{each.note}</p>}
            {isUndoable && each === last && last.change_id !== null && (
              <Button size="small" icon={Undo2} onPress={() => void triage.undo([last.change_id ?? ''])}>
                Take back
              </Button>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}

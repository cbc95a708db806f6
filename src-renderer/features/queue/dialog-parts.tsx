// What the dialogs of the queue share: running the change, naming the alerts, confirming how many, saying why nothing was changed.

import { type ReactNode, useEffect, useState } from 'react';
import { severities } from '../../../src-shared/alert-words.ts';
import type { AlertRow, AlertStatus } from '../../../src-shared/contract/alerts.ts';
import { call } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { formatCount } from '../../lib/numbers.ts';
import { TextField } from '../../ui/controls/TextField.tsx';
import { alertNumber } from './alert-words.ts';
import css from './queue.module.css';
import { type GroupTarget, queue, showDialog } from './queue-state.ts';
import type { Outcome } from './triage.ts';

export const longestNote = 4000;

export function idsOf(rows: readonly AlertRow[]): readonly string[] {
  return rows.map((row) => row.id);
}

/** Closes only when everything was done: what was typed is not lost to a service that did not answer. */
export function useChange(change: () => Promise<Outcome>) {
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  async function submit(): Promise<void> {
    setIsBusy(true);
    setFailure(undefined);
    try {
      const outcome = await change();
      if (outcome.failure !== undefined && outcome.count === 0) {
        setFailure(outcome.failure);
        return;
      }
      showDialog(undefined);
      queue.select({ kind: 'none' });
      queue.groups.clearSelection();
    } finally {
      setIsBusy(false);
    }
  }
  return { isBusy, failure, submit };
}

const namedAtMost = 5;

function Subjects({ rows }: { readonly rows: readonly AlertRow[] }) {
  return (
    <ul className={css.subjects}>
      {rows.slice(0, namedAtMost).map((row) => (
        <li key={row.id} className="clip">
          <span className="mono faint">{alertNumber(row.number)}</span> {row.title}
        </li>
      ))}
      {rows.length > namedAtMost && <li className="muted">and {formatCount(rows.length - namedAtMost)} more</li>}
    </ul>
  );
}

/** What a dialog is about: some alerts, or all of a group. */
export interface Subject {
  readonly count: number;
  /** A few of them, by name. */
  readonly list: ReactNode;
  readonly graded: readonly Pick<AlertRow, 'severity'>[];
  /** Alerts that they keep quiet. */
  readonly suppressed: number;
}

export function subjectOf(rows: readonly AlertRow[]): Subject {
  return {
    count: rows.length,
    list: <Subjects rows={rows} />,
    graded: rows,
    suppressed: rows.reduce((sum, row) => sum + row.suppressed, 0),
  };
}

/** All alerts of a group that are in one of the states. */
export function groupSubject(group: GroupTarget, statuses: readonly AlertStatus[]): Subject {
  const count = statuses.reduce((sum, status) => sum + group.statuses[status], 0);
  return {
    count,
    list: <GroupSamples group={group} statuses={statuses} count={count} />,
    graded: severities.filter((severity) => group.severities[severity] > 0).map((severity) => ({ severity })),
    suppressed: 0,
  };
}

interface GroupSamplesProps {
  readonly group: GroupTarget;
  readonly statuses: readonly AlertStatus[];
  readonly count: number;
}

function GroupSamples({ group, statuses, count }: GroupSamplesProps) {
  const [rows, setRows] = useState<readonly AlertRow[]>([]);
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    const stop = new AbortController();
    const asked = { ...group.filters, status: [...statuses], within: [...group.within], limit: namedAtMost };
    call('alerts.list', asked, { signal: stop.signal }).then(
      ({ items }) => setRows(items),
      (error: unknown) => {
        if (!isAborted(error)) setFailure(failureWords(error));
      },
    );
    return () => stop.abort();
  }, [group, statuses]);
  return (
    <>
      <p>
        <b className="tn">{formatCount(count)}</b> {count === 1 ? 'alert' : 'alerts'} of the group <b>{group.name}</b>
      </p>
      <ul className={css.subjects}>
        {rows.map((row) => (
          <li key={row.id} className="clip">
            <span className="mono faint">{alertNumber(row.number)}</span> {row.title}
          </li>
        ))}
        {rows.length > 0 && count > rows.length && (
          <li className="muted">and {formatCount(count - rows.length)} more</li>
        )}
        {failure !== undefined && <li className="warn">Some of them could not be read. {failure}</li>}
      </ul>
    </>
  );
}

interface CountFieldProps {
  readonly count: number;
  readonly typed: string;
  readonly onChange: (typed: string) => void;
}

export function CountField({ count, typed, onChange }: CountFieldProps) {
  return (
    <TextField
      label={`Type ${count} to confirm the number of alerts`}
      value={typed}
      onChange={onChange}
      inputMode="numeric"
      isMono
    />
  );
}

export function Failure({ words }: { readonly words: string | undefined }) {
  if (words === undefined) return null;
  return (
    <p className="warn" role="alert">
      {words} Nothing was changed.
    </p>
  );
}

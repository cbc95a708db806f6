// What the dialogs of the queue share: running the change, naming the alerts, confirming how many, saying why nothing was changed.

import { useState } from 'react';
import type { AlertRow } from '../../../src-shared/contract/alerts.ts';
import { formatCount } from '../../lib/numbers.ts';
import { TextField } from '../../ui/controls/TextField.tsx';
import { alertNumber } from './alert-words.ts';
import css from './queue.module.css';
import { queue, showDialog } from './queue-state.ts';
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
      if (outcome.failure !== undefined && outcome.changed.length === 0) {
        setFailure(outcome.failure);
        return;
      }
      showDialog(undefined);
      queue.select({ kind: 'none' });
    } finally {
      setIsBusy(false);
    }
  }
  return { isBusy, failure, submit };
}

const namedAtMost = 5;

export function Subjects({ rows }: { readonly rows: readonly AlertRow[] }) {
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

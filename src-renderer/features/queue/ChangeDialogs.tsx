// The dialogs of the queue: close with a verdict, acknowledge many, add a note, reopen with a reason, and what was refused.

import { useId, useState } from 'react';
import { useStore } from 'zustand';
import type { AlertRow, Verdict } from '../../../src-shared/contract/alerts.ts';
import { useShortcuts } from '../../app/KeyboardProvider.tsx';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Dialog } from '../../ui/overlays/Dialog.tsx';
import { needsNote } from './alert-rows.ts';
import { alertNumber, verdicts, verdictWords } from './alert-words.ts';
import css from './queue.module.css';
import { dialogs, queue, showDialog, triage } from './queue-state.ts';
import { askAbove, type Outcome } from './triage.ts';

const longestNote = 4000;

export function ChangeDialogs() {
  const open = useStore(dialogs, (state) => state.open);
  switch (open?.kind) {
    case undefined:
      return null;
    case 'close':
      return <CloseDialog rows={open.rows} />;
    case 'acknowledge':
      return (
        <NoteDialog
          rows={open.rows}
          title={`Acknowledge ${formatCount(open.rows.length)} alerts`}
          label="Note for all of them"
          verb="Acknowledge"
          isRequired={false}
          onNote={(note) => triage.acknowledge(idsOf(open.rows), note)}
        />
      );
    case 'note':
      return (
        <NoteDialog
          rows={open.rows}
          title="Add a note"
          label="Note"
          verb="Add note"
          isRequired
          onNote={(note) => triage.note(open.rows[0]?.id ?? '', note)}
        />
      );
    case 'reopen':
      return (
        <NoteDialog
          rows={open.rows}
          title="Reopen"
          label="Reason"
          verb="Reopen"
          isRequired
          description="Its verdict stays in the activity."
          onNote={(note) => triage.reopen(open.rows[0]?.id ?? '', note)}
        />
      );
    case 'refused':
      return <RefusedDialog outcome={open.outcome} />;
  }
}

function idsOf(rows: readonly AlertRow[]): readonly string[] {
  return rows.map((row) => row.id);
}

/** Closes only when everything was done: what was typed is not lost to a service that did not answer. */
function useChange(change: () => Promise<Outcome>) {
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

function CloseDialog({ rows }: { readonly rows: readonly AlertRow[] }) {
  const form = useId();
  const [verdict, setVerdict] = useState<Verdict>();
  const [note, setNote] = useState('');
  const [typed, setTyped] = useState('');
  const isNoteNeeded = needsNote(verdict, rows);
  const asksCount = rows.length > askAbove;
  const isReady =
    verdict !== undefined &&
    (!isNoteNeeded || note.trim() !== '') &&
    (!asksCount || typed.trim() === String(rows.length));
  const { isBusy, failure, submit } = useChange(() => {
    if (verdict === undefined) throw new Error('the dialog was submitted without a verdict');
    return triage.close(idsOf(rows), verdict, note);
  });

  function pick(next: Verdict): void {
    setVerdict(next);
    // Where a note must follow, the next key already writes it.
    if (needsNote(next, rows)) document.getElementById(form)?.querySelector('textarea')?.focus();
  }
  const send = () => {
    if (isReady && !isBusy) void submit();
  };

  useShortcuts('dialog', 'Close alert', [
    ...verdicts.map((each, position) => ({
      id: `queue.verdict-${position + 1}`,
      keys: String(position + 1),
      label: verdictWords[each].label,
      run: () => pick(each),
    })),
    { id: 'queue.close-enter', keys: 'Enter', label: 'Close the alert', run: send },
    { id: 'queue.close-send', keys: 'Mod+Enter', label: 'Close the alert, while writing', run: send },
  ]);

  return (
    <Dialog
      title={rows.length === 1 ? 'Close alert' : `Close ${formatCount(rows.length)} alerts`}
      isOpen
      onClose={() => showDialog(undefined)}
      isHeld={isBusy}
      footnote={isNoteNeeded && note.trim() === '' ? 'This verdict needs a note.' : undefined}
      footer={
        <>
          <Button onPress={() => showDialog(undefined)} isDisabled={isBusy}>
            Cancel
          </Button>
          <Button tone="primary" type="submit" form={form} keys="Mod+Enter" isBusy={isBusy} isDisabled={!isReady}>
            {rows.length === 1 ? 'Close alert' : `Close ${formatCount(rows.length)}`}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Subjects rows={rows} />
        <ChoiceList
          label="Verdict"
          layout="list"
          choices={verdicts.map((each, position) => ({
            id: each,
            label: verdictWords[each].label,
            detail: verdictWords[each].detail,
            keys: String(position + 1),
          }))}
          value={verdict}
          onChange={pick}
        />
        <TextField
          label={isNoteNeeded ? 'Note' : 'Note (optional)'}
          rows={3}
          maxLength={longestNote}
          value={note}
          onChange={setNote}
          isRequired={isNoteNeeded}
          description={rows.length > 1 ? 'The same note for all of them.' : undefined}
        />
        {asksCount && <CountField count={rows.length} typed={typed} onChange={setTyped} />}
        <Failure words={failure} />
      </form>
    </Dialog>
  );
}

interface NoteDialogProps {
  readonly rows: readonly AlertRow[];
  readonly title: string;
  readonly label: string;
  readonly verb: string;
  readonly description?: string;
  readonly isRequired: boolean;
  readonly onNote: (note: string) => Promise<Outcome>;
}

function NoteDialog({ rows, title, label, verb, description, isRequired, onNote }: NoteDialogProps) {
  const form = useId();
  const [note, setNote] = useState('');
  const [typed, setTyped] = useState('');
  const asksCount = rows.length > askAbove;
  const isReady = (!isRequired || note.trim() !== '') && (!asksCount || typed.trim() === String(rows.length));
  const { isBusy, failure, submit } = useChange(() => onNote(note));
  const send = () => {
    if (isReady && !isBusy) void submit();
  };
  useShortcuts('dialog', title, [{ id: 'queue.note-send', keys: 'Mod+Enter', label: verb, run: send }]);
  return (
    <Dialog
      title={title}
      isOpen
      onClose={() => showDialog(undefined)}
      isHeld={isBusy}
      footer={
        <>
          <Button onPress={() => showDialog(undefined)} isDisabled={isBusy}>
            Cancel
          </Button>
          <Button tone="primary" type="submit" form={form} keys="Mod+Enter" isBusy={isBusy} isDisabled={!isReady}>
            {verb}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Subjects rows={rows} />
        <TextField
          label={isRequired ? label : `${label} (optional)`}
          rows={3}
          maxLength={longestNote}
          value={note}
          onChange={setNote}
          isRequired={isRequired}
          description={description}
          autoFocus
        />
        {asksCount && <CountField count={rows.length} typed={typed} onChange={setTyped} />}
        <Failure words={failure} />
      </form>
    </Dialog>
  );
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

interface CountFieldProps {
  readonly count: number;
  readonly typed: string;
  readonly onChange: (typed: string) => void;
}

function CountField({ count, typed, onChange }: CountFieldProps) {
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

function Failure({ words }: { readonly words: string | undefined }) {
  if (words === undefined) return null;
  return (
    <p className="warn" role="alert">
      {words} Nothing was changed.
    </p>
  );
}

function RefusedDialog({ outcome }: { readonly outcome: Outcome }) {
  return (
    <Dialog
      title={`${formatCount(outcome.refused.length)} refused`}
      isOpen
      isDismissable
      onClose={() => showDialog(undefined)}
      footer={<Button onPress={() => showDialog(undefined)}>Done</Button>}
    >
      <p>
        {formatCount(outcome.changed.length)} {outcome.done}. These were not:
      </p>
      <ul className={css.refused}>
        {outcome.refused.map((each) => (
          <li key={each.id}>
            <span className="clip">{each.name}</span>
            <span className="muted">{each.reason}</span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

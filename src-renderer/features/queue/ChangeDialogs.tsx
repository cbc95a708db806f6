// The dialogs of the queue: close with a verdict, acknowledge many, add a note, reopen with a reason, and what was refused.

import { useId, useState } from 'react';
import { useStore } from 'zustand';
import type { AlertStatus } from '../../../src-shared/contract/alerts.ts';
import { useShortcuts } from '../../app/KeyboardProvider.tsx';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Dialog } from '../../ui/overlays/Dialog.tsx';
import { CloseDialog } from './CloseDialog.tsx';
import {
  CountField,
  Failure,
  groupSubject,
  idsOf,
  longestNote,
  type Subject,
  subjectOf,
  useChange,
} from './dialog-parts.tsx';
import css from './queue.module.css';
import { dialogs, showDialog, triage } from './queue-state.ts';
import { askAbove, type Outcome } from './triage.ts';

const notClosed: readonly AlertStatus[] = ['open', 'acknowledged'];
const onlyOpen: readonly AlertStatus[] = ['open'];

export function ChangeDialogs() {
  const open = useStore(dialogs, (state) => state.open);
  switch (open?.kind) {
    case undefined:
      return null;
    case 'close':
      return (
        <CloseDialog
          subject={subjectOf(open.rows)}
          onClose={(verdict, note, resets) => triage.close(idsOf(open.rows), verdict, note, resets)}
        />
      );
    case 'close-group':
      return (
        <CloseDialog
          subject={groupSubject(open.group, notClosed)}
          onClose={(verdict, note) => triage.closeGroup(open.group, verdict, note)}
        />
      );
    case 'acknowledge-group':
      return (
        <NoteDialog
          subject={groupSubject(open.group, onlyOpen)}
          title={`Acknowledge ${formatCount(open.group.statuses.open)} ${open.group.statuses.open === 1 ? 'alert' : 'alerts'}`}
          label="Note for all of them"
          verb="Acknowledge"
          isRequired={false}
          onNote={(note) => triage.acknowledgeGroup(open.group, note)}
        />
      );
    case 'acknowledge':
      return (
        <NoteDialog
          subject={subjectOf(open.rows)}
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
          subject={subjectOf(open.rows)}
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
          subject={subjectOf(open.rows)}
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

interface NoteDialogProps {
  readonly subject: Subject;
  readonly title: string;
  readonly label: string;
  readonly verb: string;
  readonly description?: string;
  readonly isRequired: boolean;
  readonly onNote: (note: string) => Promise<Outcome>;
}

function NoteDialog({ subject, title, label, verb, description, isRequired, onNote }: NoteDialogProps) {
  const form = useId();
  const [note, setNote] = useState('');
  const [typed, setTyped] = useState('');
  const asksCount = subject.count > askAbove;
  const isReady = (!isRequired || note.trim() !== '') && (!asksCount || typed.trim() === String(subject.count));
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
        {subject.list}
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
        {asksCount && <CountField count={subject.count} typed={typed} onChange={setTyped} />}
        <Failure words={failure} />
      </form>
    </Dialog>
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
        {formatCount(outcome.count)} {outcome.done}. These were not:
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

// Closing alerts: one verdict by key or press, a note where the verdict needs one, and the number itself when they are many.

import { useId, useState } from 'react';
import { verdicts } from '../../../src-shared/alert-words.ts';
import type { Verdict } from '../../../src-shared/contract/alerts.ts';
import { useShortcuts } from '../../app/KeyboardProvider.tsx';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Checkbox } from '../../ui/controls/Checkbox.tsx';
import { ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Dialog } from '../../ui/overlays/Dialog.tsx';
import { needsNote } from './alert-rows.ts';
import { verdictWords } from './alert-words.ts';
import { CountField, Failure, longestNote, type Subject, useChange } from './dialog-parts.tsx';
import { showDialog } from './queue-state.ts';
import { askAbove, type Outcome } from './triage.ts';

interface CloseDialogProps {
  readonly subject: Subject;
  readonly onClose: (verdict: Verdict, note: string, resets: boolean) => Promise<Outcome>;
}

export function CloseDialog({ subject, onClose }: CloseDialogProps) {
  const { count, graded, suppressed } = subject;
  const form = useId();
  const [verdict, setVerdict] = useState<Verdict>();
  const [note, setNote] = useState('');
  const [typed, setTyped] = useState('');
  const [resets, setResets] = useState(false);
  const isNoteNeeded = needsNote(verdict, graded);
  const asksCount = count > askAbove;
  const isReady =
    verdict !== undefined && (!isNoteNeeded || note.trim() !== '') && (!asksCount || typed.trim() === String(count));
  const { isBusy, failure, submit } = useChange(() => {
    if (verdict === undefined) throw new Error('the dialog was submitted without a verdict');
    return onClose(verdict, note, resets);
  });

  function pick(next: Verdict): void {
    setVerdict(next);
    // Where a note must follow, the next key already writes it.
    if (needsNote(next, graded)) document.getElementById(form)?.querySelector('textarea')?.focus();
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
      title={count === 1 ? 'Close alert' : `Close ${formatCount(count)} alerts`}
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
            {count === 1 ? 'Close alert' : `Close ${formatCount(count)}`}
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
          description={count > 1 ? 'The same note for all of them.' : undefined}
        />
        {suppressed > 0 && (
          <Checkbox
            isChecked={resets}
            onChange={setResets}
            detail="Otherwise their suppression goes on until its time is over, also when they are closed."
          >
            Raise the next one again ({formatCount(suppressed)} suppressed)
          </Checkbox>
        )}
        {asksCount && <CountField count={count} typed={typed} onChange={setTyped} />}
        <Failure words={failure} />
      </form>
    </Dialog>
  );
}

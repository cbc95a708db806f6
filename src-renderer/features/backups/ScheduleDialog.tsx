// When backups are made by themselves, where they go, and how many of which age are kept.

import { type FormEvent, useState } from 'react';
import type { BackupSchedule } from '../../../src-shared/contract/backups.ts';
import { failureWords, fieldMessages } from '../../api/failures.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Checkbox } from '../../ui/controls/Checkbox.tsx';
import { ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { Dialog } from '../../ui/overlays/Dialog.tsx';
import css from './backups.module.css';
import { backups } from './backups-state.ts';
import type { ScheduleStatus } from './backups-store.ts';
import { type ScheduleDraft, scheduleDraft, scheduleOf } from './schedule-draft.ts';

const form = 'backup-schedule';

interface ScheduleDialogProps {
  readonly isOpen: boolean;
  readonly schedule: ScheduleStatus;
  readonly onClose: () => void;
}

export function ScheduleDialog({ isOpen, ...rest }: ScheduleDialogProps) {
  return isOpen ? <ScheduleForm {...rest} /> : null;
}

function ScheduleForm({ schedule, onClose }: Omit<ScheduleDialogProps, 'isOpen'>) {
  const [draft, setDraft] = useState<ScheduleDraft>(() => scheduleDraft(schedule));
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const read = scheduleOf(draft);
  const refused = fieldMessages(error);
  const change = (changes: Partial<ScheduleDraft>) => {
    setDraft((before) => ({ ...before, ...changes }));
    setError(undefined);
  };

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (read.kind !== 'schedule' || isBusy) return;
    await save(read.schedule);
  }

  async function save(next: BackupSchedule): Promise<void> {
    setIsBusy(true);
    setError(undefined);
    try {
      await backups.setSchedule(next);
      onClose();
      toasts.show({ text: next.enabled ? 'Schedule saved' : 'Schedule switched off' });
    } catch (failure) {
      setError(failure);
    } finally {
      setIsBusy(false);
    }
  }

  const wrong = read.kind === 'wrong' ? read.fields : {};
  const field = (name: keyof ScheduleDraft) => wrong[name] ?? refused[name];
  return (
    <Dialog
      title="Schedule of backups"
      isOpen
      onClose={onClose}
      isHeld={isBusy}
      size="medium"
      footnote="Each scheduled backup is proven by a test restore."
      footer={
        <>
          <Button onPress={onClose} isDisabled={isBusy}>
            Cancel
          </Button>
          <Button tone="primary" type="submit" form={form} isBusy={isBusy} isDisabled={read.kind !== 'schedule'}>
            Save
          </Button>
        </>
      }
    >
      <form id={form} className="stack" onSubmit={submit}>
        <Checkbox
          isSwitch
          isChecked={draft.enabled}
          onChange={(enabled) => change({ enabled })}
          detail="Off: backups are made only by hand, and nothing is cleaned up."
        >
          Make backups by themselves
        </Checkbox>
        <div className={css.fieldRow}>
          <ChoiceList
            label="Every"
            layout="row"
            value={draft.every}
            onChange={(every) => change({ every })}
            choices={[
              { id: 'day', label: 'Day' },
              { id: 'week', label: 'Sunday' },
            ]}
          />
          <TextField
            label="At, the computer’s time"
            value={draft.at}
            onChange={(at) => change({ at })}
            error={field('at')}
            placeholder="02:30"
            maxLength={5}
            inputMode="text"
            isMono
          />
        </div>
        <TextField
          label="Folder"
          value={draft.folder}
          onChange={(folder) => change({ folder })}
          error={field('folder')}
          description="On the computer that Gatehouse runs on. Empty: the folder backups beside the store. Another disk survives the loss of this one."
          placeholder="backups in the data folder"
          maxLength={1000}
          autoComplete="off"
          isMono
        />
        <fieldset>
          <legend className={css.legend}>Keep</legend>
          <div className={css.fieldRow}>
            {(['keep_daily', 'keep_weekly', 'keep_monthly'] as const).map((name) => (
              <TextField
                key={name}
                label={keepLabels[name]}
                value={draft[name]}
                onChange={(value) => change({ [name]: value })}
                error={field(name)}
                inputMode="numeric"
                maxLength={3}
                className={css.number}
              />
            ))}
          </div>
          <p className={css.note}>
            The newest of each day, week and month; others of the schedule are deleted. Backups made by hand stay.
          </p>
        </fieldset>
        {error !== undefined && Object.keys(refused).length === 0 && (
          <p className={css.problem} role="alert">
            {failureWords(error)}
          </p>
        )}
      </form>
    </Dialog>
  );
}

const keepLabels = { keep_daily: 'Daily', keep_weekly: 'Weekly', keep_monthly: 'Monthly' } as const;

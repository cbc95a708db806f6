// When backups are made by themselves, where they go, and how many of which age are kept.

import { useState } from 'react';
import { useSubmit } from '../../app/use-submit.ts';
import { Checkbox } from '../../ui/controls/Checkbox.tsx';
import { ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { FormDialog } from '../../ui/overlays/FormDialog.tsx';
import css from './backups.module.css';
import { backups } from './backups-state.ts';
import type { ScheduleStatus } from './backups-store.ts';
import { type ScheduleDraft, scheduleDraft, scheduleOf } from './schedule-draft.ts';

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
  const read = scheduleOf(draft);
  const { isBusy, submit, fields, problem, forget } = useSubmit(
    async () => {
      if (read.kind !== 'schedule') return false;
      await backups.setSchedule(read.schedule);
      return read.schedule.enabled;
    },
    (isOn) => {
      onClose();
      toasts.show({ text: isOn ? 'Schedule saved' : 'Schedule switched off' });
    },
  );
  const change = (changes: Partial<ScheduleDraft>) => {
    setDraft((before) => ({ ...before, ...changes }));
    forget();
  };
  const wrong = read.kind === 'wrong' ? read.fields : {};
  const field = (name: keyof ScheduleDraft) => wrong[name] ?? fields[name];
  return (
    <FormDialog
      title="Schedule of backups"
      verb="Save"
      footnote="Each scheduled backup is proven by a test restore."
      isReady={read.kind === 'schedule'}
      onSubmit={submit}
      {...{ isBusy, problem, onClose }}
    >
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
    </FormDialog>
  );
}

const keepLabels = { keep_daily: 'Daily', keep_weekly: 'Weekly', keep_monthly: 'Monthly' } as const;

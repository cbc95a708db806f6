// Placing a legal hold: what it covers is kept until somebody releases it.

import { useState } from 'react';
import type { RetentionCategory } from '../../../src-shared/contract/retention.ts';
import { useSubmit } from '../../app/use-submit.ts';
import { isDay } from '../../lib/instants.ts';
import { CopyCommand } from '../../ui/controls/CopyCommand.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { FormDialog } from '../../ui/overlays/FormDialog.tsx';
import css from './retention.module.css';
import { retention } from './retention-state.ts';
import { categoryWords, holdLine } from './retention-words.ts';

const categories = Object.keys(categoryWords) as RetentionCategory[];

interface HoldDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

export function HoldDialog({ isOpen, onClose }: HoldDialogProps) {
  return isOpen ? <HoldForm onClose={onClose} /> : null;
}

function HoldForm({ onClose }: Pick<HoldDialogProps, 'onClose'>) {
  const [label, setLabel] = useState('');
  const [category, setCategory] = useState<RetentionCategory | 'all'>('all');
  const [since, setSince] = useState('');
  const [until, setUntil] = useState('');
  const line = holdLine({ label, category, since, until });
  const isReady = label.trim() !== '' && isOpenOrDay(since) && isOpenOrDay(until);
  const { isBusy, submit, fields, problem } = useSubmit(
    () =>
      retention.hold({
        label,
        ...(category === 'all' ? {} : { category }),
        ...(since === '' ? {} : { since: `${since}T00:00:00.000Z` }),
        ...(until === '' ? {} : { until: `${until}T23:59:59.999Z` }),
      }),
    () => {
      onClose();
      toasts.show({ text: 'Legal hold placed' });
    },
  );

  return (
    <FormDialog
      title="Place a legal hold"
      verb="Place hold"
      footnote={line !== undefined && <CopyCommand line={line} />}
      isReady={isReady}
      onSubmit={submit}
      {...{ isBusy, problem, onClose }}
    >
      <p className="small muted">The hold and its release stand in the audit log.</p>
      <TextField
        label="Case or reason"
        value={label}
        onChange={setLabel}
        error={fields.label}
        maxLength={200}
        autoComplete="off"
        autoFocus
      />
      <Select<RetentionCategory | 'all'>
        label="Covers"
        value={category}
        onChange={setCategory}
        options={[
          { id: 'all', label: 'Everything' },
          ...categories.map((id) => ({ id, label: categoryWords[id].name })),
        ]}
      />
      <div className={css.fieldRow}>
        <TextField
          label="Entries since (UTC)"
          value={since}
          onChange={setSince}
          error={isOpenOrDay(since) ? fields.since : 'a day, such as 2026-11-21'}
          placeholder="the beginning"
          maxLength={10}
          isMono
        />
        <TextField
          label="Until (UTC)"
          value={until}
          onChange={setUntil}
          error={isOpenOrDay(until) ? fields.until : 'a day, such as 2026-11-21'}
          placeholder="now and later"
          maxLength={10}
          isMono
        />
      </div>
    </FormDialog>
  );
}

function isOpenOrDay(text: string): boolean {
  return text === '' || isDay(text);
}

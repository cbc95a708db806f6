// Placing a legal hold: what it covers is kept until somebody releases it.

import { type FormEvent, useState } from 'react';
import type { RetentionCategory } from '../../../src-shared/contract/retention.ts';
import { failureWords, fieldMessages } from '../../api/failures.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { Dialog } from '../../ui/overlays/Dialog.tsx';
import css from './retention.module.css';
import { retention } from './retention-state.ts';
import { categoryWords } from './retention-words.ts';

const form = 'legal-hold';
const categories = Object.keys(categoryWords) as RetentionCategory[];
const day = /^\d{4}-\d{2}-\d{2}$/;

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
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const refused = fieldMessages(error);
  const isReady = label.trim() !== '' && isDay(since) && isDay(until);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!isReady || isBusy) return;
    setIsBusy(true);
    setError(undefined);
    try {
      await retention.hold({
        label,
        ...(category === 'all' ? {} : { category }),
        ...(since === '' ? {} : { since: `${since}T00:00:00.000Z` }),
        ...(until === '' ? {} : { until: `${until}T23:59:59.999Z` }),
      });
      onClose();
      toasts.show({ text: 'Legal hold placed' });
    } catch (failure) {
      setError(failure);
    } finally {
      setIsBusy(false);
    }
  }

  return (
    <Dialog
      title="Place a legal hold"
      isOpen
      onClose={onClose}
      isHeld={isBusy}
      size="medium"
      footnote="The hold and its release stand in the audit log."
      footer={
        <>
          <Button onPress={onClose} isDisabled={isBusy}>
            Cancel
          </Button>
          <Button tone="primary" type="submit" form={form} isBusy={isBusy} isDisabled={!isReady}>
            Place hold
          </Button>
        </>
      }
    >
      <form id={form} className="stack" onSubmit={submit}>
        <TextField
          label="Case or reason"
          value={label}
          onChange={setLabel}
          error={refused.label}
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
            error={isDay(since) ? refused.since : 'a day, such as 2026-11-21'}
            placeholder="the beginning"
            maxLength={10}
            isMono
          />
          <TextField
            label="Until (UTC)"
            value={until}
            onChange={setUntil}
            error={isDay(until) ? refused.until : 'a day, such as 2026-11-21'}
            placeholder="now and later"
            maxLength={10}
            isMono
          />
        </div>
        {error !== undefined && Object.keys(refused).length === 0 && (
          <p className={css.problem} role="alert">
            {failureWords(error)}
          </p>
        )}
      </form>
    </Dialog>
  );
}

function isDay(text: string): boolean {
  return text === '' || (day.test(text) && !Number.isNaN(Date.parse(text)));
}

// Rotation in two steps: the new value, then who reads the old one, how long it should still answer, and what happens next.

import { useState } from 'react';
import type { SecretDetail } from '../../../src-shared/contract/secrets.ts';
import { call } from '../../api/client.ts';
import { useSubmit } from '../../app/use-submit.ts';
import { spacedDuration } from '../../lib/durations.ts';
import { toMillis } from '../../lib/instants.ts';
import { useNow } from '../../lib/now.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import { FormDialog } from '../../ui/overlays/FormDialog.tsx';
import { rotateLines } from './copy-as.ts';
import { CopyAs } from './parts.tsx';
import { ConsumerTable } from './SecretHistory.tsx';
import css from './secrets.module.css';
import { ValueFields } from './ValueFields.tsx';
import { canGenerate, contentOf, draftFault, emptyDraft } from './value-draft.ts';

const hourMs = 3_600_000;
const days30Ms = 720 * hourMs;

const overlaps = [
  { id: '0', label: 'None' },
  { id: '1', label: '1 h' },
  { id: '24', label: '24 h' },
  { id: '168', label: '7 d' },
  { id: '720', label: '30 d' },
] as const;
type Overlap = (typeof overlaps)[number]['id'];

interface RotateDialogProps {
  readonly detail: SecretDetail;
  readonly apiBase: string;
  readonly onRotated: (detail: SecretDetail) => void;
  readonly onClose: () => void;
}

export function RotateDialog({ detail, apiBase, onRotated, onClose }: RotateDialogProps) {
  const [step, setStep] = useState<'value' | 'overlap'>('value');
  const [value, setValue] = useState(() => ({
    ...emptyDraft(detail.field_names.length === 0 ? [''] : detail.field_names),
    isGenerated: canGenerate(detail.type),
  }));
  const [overlap, setOverlap] = useState<Overlap>('24');
  const [isTried, setIsTried] = useState(false);
  const { isBusy, submit, words } = useSubmit(
    () =>
      call('secrets.rotate', {
        id: detail.id,
        ...contentOf(detail.type, value),
        overlap_hours: Number(overlap),
      }),
    onRotated,
  );
  const fault = draftFault(detail.type, value);

  function next(): void {
    setIsTried(true);
    if (fault !== undefined) {
      setStep('value');
      return;
    }
    if (step === 'value') setStep('overlap');
    else void submit();
  }

  return (
    <FormDialog
      title={`Rotate ${detail.name}`}
      verb={step === 'value' ? 'Next' : 'Rotate'}
      size="large"
      footnote={
        <span className="line">
          <span className="nowrap">Step {step === 'value' ? 1 : 2} of 2</span>
          <CopyAs lines={rotateLines(apiBase, detail.name, detail.id)} what="This" />
        </span>
      }
      otherButtons={
        step === 'overlap' && (
          <Button onPress={() => setStep('value')} isDisabled={isBusy}>
            Back
          </Button>
        )
      }
      problem={words}
      onSubmit={next}
      {...{ isBusy, onClose }}
    >
      {step === 'value' ? (
        <ValueFields
          type={detail.type}
          draft={value}
          onChange={setValue}
          error={isTried ? fault : undefined}
          autoFocus
        />
      ) : (
        <OverlapStep detail={detail} overlap={overlap} onChange={setOverlap} />
      )}
    </FormDialog>
  );
}

interface OverlapStepProps {
  readonly detail: SecretDetail;
  readonly overlap: Overlap;
  readonly onChange: (overlap: Overlap) => void;
}

function OverlapStep({ detail, overlap, onChange }: OverlapStepProps) {
  const now = useNow(60_000);
  const recent = detail.consumers.filter(({ last_at }) => now - toMillis(last_at) < days30Ms);
  const { version } = detail;
  const hours = Number(overlap);
  return (
    <>
      <div>
        <p className={css.legend}>
          {recent.length === 0 ? 'Nobody read it in the last 30 days' : 'These read it in the last 30 days'}
        </p>
        {recent.length > 0 && (
          // biome-ignore lint/a11y/useSemanticElements: a box that scrolls, not a form's group
          // biome-ignore lint/a11y/noNoninteractiveTabindex: by keys too
          <div className={css.tableBox} role="group" aria-label="Who reads it" tabIndex={0}>
            <ConsumerTable consumers={recent} />
          </div>
        )}
      </div>
      <ChoiceList
        label={`Version ${version} still answers for`}
        layout="row"
        value={overlap}
        onChange={onChange}
        choices={overlaps}
      />
      <div className={css.consequence} role="status">
        <p className={css.legend}>What happens next</p>
        <ol className={css.steps}>
          <li>Version {version + 1} answers at once to whoever asks without naming a version.</li>
          <li>
            {hours === 0
              ? `Version ${version} stops answering at once. A tool that holds the old value has to read again.`
              : `Version ${version} answers for ${spacedDuration(hours * hourMs)} more to whoever asks for it by its number, then to nobody but those who manage the secret.`}
          </li>
          <li>
            Where the value is checked (the database, the service), it is yours to change: Gatehouse keeps it, it does
            not set it there.
          </li>
        </ol>
      </div>
    </>
  );
}

// Making an exception: conditions, why, until when. What it would have kept from people in 30 days is shown before it can be made.

import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Checkbox } from '../../ui/controls/Checkbox.tsx';
import { CopyCommand } from '../../ui/controls/CopyCommand.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { Dialog } from '../../ui/overlays/Dialog.tsx';
import { ProgressBar } from '../../ui/states/ProgressBar.tsx';
import { exceptLine } from './cli-lines.ts';
import css from './detections.module.css';
import { ExceptionEnd, expiresAt, spanWords } from './ExceptionEnd.tsx';
import { phaseWords, WhatIfAnswer } from './HistoryPanels.tsx';
import { countOf, type ExceptionSpan } from './rule-words.ts';
import { type Preview, usePreview } from './use-preview.ts';

interface ExceptionDialogProps {
  readonly rule: string;
  readonly title: string;
  /** Conditions as JSON, where an alert proposes them. */
  readonly proposed: string | undefined;
  readonly onClose: () => void;
}

type Condition = { readonly field: string; readonly value: string };

export function ExceptionDialog({ rule, title, proposed, onClose }: ExceptionDialogProps) {
  const [conditions, setConditions] = useState<readonly Condition[]>(() => conditionsOf(proposed));
  const [scope, setScope] = useState<'rule' | 'all'>('rule');
  const [reason, setReason] = useState('');
  const [span, setSpan] = useState<ExceptionSpan>('30');
  const [failure, setFailure] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const filled = conditions.filter(({ field }) => field.trim() !== '');
  const target = scope === 'all' ? null : rule;
  const preview = usePreview(
    filled.length === 0 ? undefined : { rule: target, exception: filled.map((one) => ({ ...one })) },
  );
  const lost = preview.isOld ? 0 : (preview.result?.hidden_true_positives ?? 0);
  const [accepted, setAccepted] = useState<Preview['result']>();
  const isAccepted = lost === 0 || accepted === preview.result;

  function change(index: number, part: Partial<Condition>): void {
    setConditions(conditions.map((one, at) => (at === index ? { ...one, ...part } : one)));
  }

  async function save(): Promise<void> {
    setBusy(true);
    setFailure(undefined);
    try {
      await call('exceptions.create', {
        rule: target,
        conditions: filled.map((one) => ({ ...one })),
        reason,
        expires_at: expiresAt(span),
      });
      toasts.show({ text: `Exception made, ${spanWords(span)}` });
      onClose();
    } catch (error) {
      setFailure(failureWords(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog
      title={`Exception from ${title}`}
      isOpen
      size="large"
      onClose={onClose}
      footnote={
        preview.isDue
          ? 'First, what it would have hidden.'
          : filled.length > 0 &&
            reason.trim() !== '' && (
              <CopyCommand line={exceptLine({ rule: target, conditions: filled, reason, span })} />
            )
      }
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            tone="primary"
            isBusy={isBusy}
            isDisabled={filled.length === 0 || reason.trim() === '' || preview.isDue || !isAccepted}
            onPress={() => void save()}
          >
            Make exception
          </Button>
        </>
      }
    >
      <div className={css.form}>
        <p className="small muted">
          Events that meet all of these do not count for the rule. * and ? are wildcards; a field may carry a modifier,
          such as ip_address|cidr.
        </p>
        {conditions.map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no other identity while they are typed
          <div key={index} className={css.condition}>
            <TextField
              label={`Field ${index + 1}`}
              isMono
              value={one.field}
              onChange={(field) => change(index, { field })}
              maxLength={200}
            />
            <TextField
              label={`Value ${index + 1}`}
              isMono
              value={one.value}
              onChange={(value) => change(index, { value })}
              maxLength={1000}
            />
            <Button
              tone="quiet"
              icon={X}
              label={`Remove condition ${index + 1}`}
              isDisabled={conditions.length === 1}
              onPress={() => setConditions(conditions.filter((_, at) => at !== index))}
            />
          </div>
        ))}
        <div className="line">
          <Button
            size="small"
            icon={Plus}
            isDisabled={conditions.length >= 8}
            onPress={() => setConditions([...conditions, { field: '', value: '' }])}
          >
            Add condition
          </Button>
        </div>
        <div className={css.choicesRow}>
          <Select
            label="For"
            value={scope}
            options={[
              { id: 'rule', label: 'This rule' },
              { id: 'all', label: 'All rules' },
            ]}
            onChange={setScope}
          />
          <ExceptionEnd label="Ends after" value={span} onChange={setSpan} />
        </div>
        <TextField label="Reason" value={reason} onChange={setReason} maxLength={1000} isRequired />
        {filled.length > 0 && <PreviewPanel preview={preview} />}
        {lost > 0 && (
          <Checkbox isChecked={isAccepted} onChange={(on) => setAccepted(on ? preview.result : undefined)}>
            Hide alerts like {lost === 1 ? 'this true positive' : `these ${countOf(lost, 'true positive')}`} all the
            same
          </Checkbox>
        )}
        {failure !== undefined && (
          <p className="warn" role="alert">
            {failure}
          </p>
        )}
      </div>
    </Dialog>
  );
}

function PreviewPanel({ preview }: { readonly preview: Preview }) {
  const { progress, failure, result, isOld, isDue } = preview;
  return (
    <section className={css.history} aria-label="What it would have hidden">
      <h3 className="small strong">What it would have hidden in the last 30 days</h3>
      {progress !== undefined && (
        <ProgressBar
          label={phaseWords[progress.phase]}
          done={progress.done}
          total={progress.total === 0 ? undefined : progress.total}
          unit={progress.phase === 'comparing' ? 'alerts' : 'events'}
          rate={progress.rate}
          onCancel={preview.cancel}
        />
      )}
      {failure !== undefined && !isDue && (
        <p className="warn" role="alert">
          {failure}
        </p>
      )}
      {result !== undefined && <WhatIfAnswer result={result} isOld={isOld} />}
      {!isDue && (isOld || failure !== undefined) && (
        <div className="line">
          <span className="small muted">Not looked up.</span>
          <Button size="small" onPress={preview.again}>
            Look it up
          </Button>
        </div>
      )}
    </section>
  );
}

/** What stands in an address may be anything. */
function conditionsOf(text: string | undefined): Condition[] {
  const nothing = [{ field: '', value: '' }];
  if (text === undefined) return nothing;
  try {
    const parsed: unknown = JSON.parse(text);
    if (!Array.isArray(parsed)) return nothing;
    const found = parsed.flatMap((one: unknown) =>
      typeof one === 'object' &&
      one !== null &&
      'field' in one &&
      'value' in one &&
      typeof one.field === 'string' &&
      typeof one.value === 'string'
        ? [{ field: one.field.slice(0, 200), value: one.value.slice(0, 1000) }]
        : [],
    );
    return found.length === 0 ? nothing : found.slice(0, 8);
  } catch {
    // Typed or cut off on the way: the form starts empty.
    return nothing;
  }
}

// Making an exception: conditions, why, until when, and what it would have kept from people, before it is made.

import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { Dialog } from '../../ui/overlays/Dialog.tsx';
import css from './detections.module.css';
import { WhatIfPanel } from './HistoryPanels.tsx';
import { exceptionSpans, type SpanId } from './rule-words.ts';

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
  const [span, setSpan] = useState<SpanId>('30');
  const [failure, setFailure] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const filled = conditions.filter(({ field }) => field.trim() !== '');
  const target = scope === 'all' ? null : rule;

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
        expires_at: new Date(Date.now() + Number(span) * 86_400_000).toISOString(),
      });
      toasts.show({ text: `Exception made, for ${exceptionSpans.find(({ id }) => id === span)?.label}` });
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
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            tone="primary"
            isBusy={isBusy}
            isDisabled={filled.length === 0 || reason.trim() === ''}
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
          <Select label="Ends after" value={span} options={exceptionSpans} onChange={setSpan} />
        </div>
        <TextField label="Reason" value={reason} onChange={setReason} maxLength={1000} isRequired />
        {filled.length > 0 && <WhatIfPanel change={{ rule: target, exception: filled.map((one) => ({ ...one })) }} />}
        {failure !== undefined && (
          <p className="warn" role="alert">
            {failure}
          </p>
        )}
      </div>
    </Dialog>
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

// When an exception ends. That it never does may be chosen by those who may make such ones.

import { useMayDo } from '../../app/services.ts';
import { Select } from '../../ui/controls/Select.tsx';
import { type ExceptionSpan, exceptionSpans } from './rule-words.ts';

interface ExceptionEndProps {
  readonly label: string;
  readonly value: ExceptionSpan;
  readonly onChange: (span: ExceptionSpan) => void;
}

export function ExceptionEnd({ label, value, onChange }: ExceptionEndProps) {
  const mayNever = useMayDo('exceptions.permanent');
  return (
    <Select
      label={label}
      value={value}
      options={exceptionSpans.filter(({ id }) => mayNever || id !== 'never')}
      description={value === 'never' ? 'Nothing will ask whether it is still needed.' : undefined}
      onChange={onChange}
    />
  );
}

/** Counted from now. */
export function expiresAt(span: ExceptionSpan): string | null {
  return span === 'never' ? null : new Date(Date.now() + Number(span) * 86_400_000).toISOString();
}

/** 'for 30 days', 'for ever' */
export function spanWords(span: ExceptionSpan): string {
  return span === 'never' ? 'for ever' : `for ${exceptionSpans.find(({ id }) => id === span)?.label}`;
}

// Six digits. One real input under six drawn boxes, so that paste, autofill and screen readers meet an ordinary field.

import { type ReactNode, useState } from 'react';
import { FieldError } from 'react-aria-components/FieldError';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { Text } from 'react-aria-components/Text';
import { TextField } from 'react-aria-components/TextField';
import { cx } from '../../lib/cx.ts';
import { given } from '../../lib/given.ts';
import css from './CodeField.module.css';
import fields from './fields.module.css';

interface CodeFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (digits: string) => void;
  /** Called once when the last digit is there. */
  readonly onComplete: (digits: string) => void;
  readonly description?: ReactNode;
  readonly error?: string | undefined;
  readonly length?: number;
  readonly autoFocus?: boolean;
  readonly isDisabled?: boolean | undefined;
}

/** What remains of a typed or pasted text: '417 902' and '417-902' are both a code. */
export function digitsOf(text: string, length: number): string {
  return text.normalize('NFKC').replace(/\D/g, '').slice(0, length);
}

export function CodeField(props: CodeFieldProps) {
  const { label, value, description, error, length = 6 } = props;
  const [hasFocus, setHasFocus] = useState(false);
  const next = Math.min(value.length, length - 1);
  return (
    <TextField
      className={cx(fields.field)}
      value={value}
      inputMode="numeric"
      autoComplete="one-time-code"
      isInvalid={error !== undefined}
      validationBehavior="aria"
      onFocusChange={setHasFocus}
      onChange={(text) => {
        const digits = digitsOf(text, length);
        if (digits === value) return;
        props.onChange(digits);
        if (digits.length === length) props.onComplete(digits);
      }}
      {...given({ autoFocus: props.autoFocus, isDisabled: props.isDisabled })}
    >
      <Label className={cx(fields.label)}>{label}</Label>
      <div className={css.code}>
        {Array.from({ length }, (_, position) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: the boxes are their positions
            key={position}
            className={cx(
              css.box,
              position * 2 === length && css.half,
              hasFocus && position === next && css.next,
              hasFocus && position === value.length && css.caret,
              error !== undefined && css.wrong,
            )}
            aria-hidden="true"
          >
            {value[position]}
          </span>
        ))}
        <Input className={cx(css.input)} />
      </div>
      {description !== undefined && (
        <Text slot="description" className={cx(fields.description)}>
          {description}
        </Text>
      )}
      <FieldError className={cx(fields.error)}>{error}</FieldError>
    </TextField>
  );
}

// A labelled line or block of text with its description, its error and an optional piece at either end.

import type { ReactNode, Ref } from 'react';
import { FieldError } from 'react-aria-components/FieldError';
import { Group } from 'react-aria-components/Group';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { Text } from 'react-aria-components/Text';
import { TextArea } from 'react-aria-components/TextArea';
import { TextField as AriaTextField } from 'react-aria-components/TextField';
import { cx } from '../../lib/cx.ts';
import { given } from '../../lib/given.ts';
import { Icon, type IconShape } from '../Icon.tsx';
import css from './fields.module.css';

export interface TextFieldProps {
  readonly label: string;
  /** Keeps the label for screen readers alone, where a heading or icon says the same. */
  readonly hideLabel?: boolean;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly description?: ReactNode;
  /** What to do about it. Its presence marks the field as wrong. */
  readonly error?: string | undefined;
  readonly type?: 'text' | 'password' | 'email' | 'url' | 'search' | 'tel';
  readonly inputMode?: 'text' | 'numeric' | 'decimal' | 'search';
  readonly placeholder?: string | undefined;
  readonly autoComplete?: string | undefined;
  readonly name?: string | undefined;
  readonly maxLength?: number | undefined;
  readonly icon?: IconShape | undefined;
  readonly end?: ReactNode;
  /** More than one line. */
  readonly rows?: number | undefined;
  /** For what one would copy: paths, addresses, queries. */
  readonly isMono?: boolean;
  readonly isRequired?: boolean | undefined;
  readonly isDisabled?: boolean | undefined;
  readonly isReadOnly?: boolean | undefined;
  readonly autoFocus?: boolean | undefined;
  readonly size?: 'medium' | 'large';
  readonly className?: string | undefined;
  readonly ref?: Ref<HTMLInputElement> | undefined;
  readonly onBlur?: (() => void) | undefined;
  readonly onKeyDown?: ((event: { readonly key: string; preventDefault(): void }) => void) | undefined;
}

export function TextField(props: TextFieldProps) {
  const { label, hideLabel = false, description, error, size = 'medium' } = props;
  const inputClass = cx(css.input, props.isMono && css.mono);
  return (
    <AriaTextField
      className={cx(css.field, props.className)}
      value={props.value}
      onChange={props.onChange}
      isInvalid={error !== undefined}
      validationBehavior="aria"
      spellCheck="false"
      {...given({
        type: props.type,
        inputMode: props.inputMode,
        autoComplete: props.autoComplete,
        name: props.name,
        maxLength: props.maxLength,
        isRequired: props.isRequired,
        isDisabled: props.isDisabled,
        isReadOnly: props.isReadOnly,
        autoFocus: props.autoFocus,
        onBlur: props.onBlur && (() => props.onBlur?.()),
        onKeyDown: props.onKeyDown,
      })}
    >
      <Label className={hideLabel ? 'visually-hidden' : cx(css.label)}>{label}</Label>
      {props.rows === undefined ? (
        <Group className={cx(css.box, size === 'large' && css.large)}>
          {props.icon && <Icon of={props.icon} className={cx(css.icon)} />}
          <Input className={inputClass} {...given({ placeholder: props.placeholder, ref: props.ref })} />
          {props.end}
        </Group>
      ) : (
        <Group className={cx(css.box, css.area)}>
          <TextArea className={inputClass} rows={props.rows} {...given({ placeholder: props.placeholder })} />
        </Group>
      )}
      {description !== undefined && (
        <Text slot="description" className={cx(css.description)}>
          {description}
        </Text>
      )}
      <FieldError className={cx(css.error)}>{error}</FieldError>
    </AriaTextField>
  );
}

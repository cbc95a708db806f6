// Checkbox and switch on the platform's own input: keyboard, forms and screen readers come with it.

import { type ReactNode, useEffect, useRef } from 'react';
import { cx } from '../../lib/cx.ts';
import css from './Checkbox.module.css';

interface CheckboxProps {
  readonly isChecked: boolean;
  readonly onChange: (isChecked: boolean) => void;
  /** The label. Without it give `label`. */
  readonly children?: ReactNode;
  readonly label?: string;
  readonly detail?: ReactNode;
  /** Some but not all of what it stands for. */
  readonly isMixed?: boolean;
  readonly isDisabled?: boolean | undefined;
  readonly isSwitch?: boolean;
  /** -1 in rows of a list, whose keyboard selects by itself. */
  readonly tabIndex?: number;
}

export function Checkbox(props: CheckboxProps) {
  const { isChecked, isMixed = false, isSwitch = false, children, detail } = props;
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (input.current) input.current.indeterminate = isMixed && !isChecked;
  }, [isMixed, isChecked]);
  return (
    <label className={cx(css.label, children === undefined && css.alone, props.isDisabled === true && css.disabled)}>
      <input
        ref={input}
        type="checkbox"
        role={isSwitch ? 'switch' : undefined}
        className={cx(css.box, isSwitch && css.switch)}
        checked={isChecked}
        disabled={props.isDisabled}
        tabIndex={props.tabIndex}
        aria-label={props.label}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      {children !== undefined && (
        <span className={css.words}>
          {children}
          {detail !== undefined && <span className={css.detail}>{detail}</span>}
        </span>
      )}
    </label>
  );
}

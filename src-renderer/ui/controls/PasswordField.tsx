// A password: paste and managers welcome, shown on request, Caps Lock said. Rules appear as they are met; the meter is a hint.

import { Circle, CircleCheck, Eye, EyeOff } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { cx } from '../../lib/cx.ts';
import { Icon } from '../Icon.tsx';
import { Button } from './Button.tsx';
import css from './PasswordField.module.css';
import { type Strength, StrengthMeter } from './StrengthMeter.tsx';
import { TextField } from './TextField.tsx';

export interface PasswordRule {
  readonly id: string;
  readonly label: string;
  readonly isMet: boolean;
}

export type PasswordStrength = Strength;

interface PasswordFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly purpose: 'current' | 'new';
  readonly description?: ReactNode;
  readonly error?: string | undefined;
  readonly rules?: readonly PasswordRule[];
  /** Absent while nothing was typed. */
  readonly strength?: PasswordStrength | undefined;
  readonly autoFocus?: boolean | undefined;
  readonly isDisabled?: boolean | undefined;
  readonly size?: 'medium' | 'large';
}

export function PasswordField(props: PasswordFieldProps) {
  const { rules = [], strength } = props;
  const [isShown, setIsShown] = useState(false);
  const [capsLock, setCapsLock] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only listens for the state of Caps Lock on its way up
    <div className={css.password} onKeyUp={(event) => setCapsLock(event.getModifierState('CapsLock'))}>
      <TextField
        label={props.label}
        value={props.value}
        onChange={props.onChange}
        type={isShown ? 'text' : 'password'}
        autoComplete={props.purpose === 'new' ? 'new-password' : 'current-password'}
        description={capsLock ? 'Caps Lock is on.' : props.description}
        error={props.error}
        autoFocus={props.autoFocus}
        isDisabled={props.isDisabled}
        size={props.size ?? 'medium'}
        end={
          <Button
            tone="quiet"
            size="small"
            icon={isShown ? EyeOff : Eye}
            label={isShown ? 'Hide password' : 'Show password'}
            isPressed={isShown}
            className={css.eye}
            onPress={() => setIsShown(!isShown)}
          />
        }
      />
      {strength !== undefined && <StrengthMeter label="Password strength" strength={strength} />}
      {rules.length > 0 && (
        <ul className={css.rules}>
          {rules.map((rule) => (
            <li key={rule.id} className={cx(css.rule, rule.isMet && css.met)}>
              <Icon of={rule.isMet ? CircleCheck : Circle} size={12} />
              {rule.label}
              <span className="visually-hidden">{rule.isMet ? ', met' : ', not met yet'}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

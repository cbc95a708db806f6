// One of several, all visible: cards with a title and a line of detail, or a row of short words. Native radio buttons.

import { type ReactNode, useId } from 'react';
import { cx } from '../../lib/cx.ts';
import { Icon, type IconShape } from '../Icon.tsx';
import css from './ChoiceList.module.css';
import { Kbd } from './Kbd.tsx';

export interface Choice<Id extends string> {
  readonly id: Id;
  readonly label: string;
  readonly detail?: ReactNode;
  readonly icon?: IconShape;
  /** Shown at the end; the dialog registers the key. */
  readonly keys?: string;
  readonly isDisabled?: boolean;
}

interface ChoiceListProps<Id extends string> {
  readonly label: string;
  readonly hideLabel?: boolean;
  readonly choices: readonly Choice<Id>[];
  readonly value: Id | undefined;
  readonly onChange: (id: Id) => void;
  /** row: short words side by side, as in settings. */
  readonly layout?: 'cards' | 'list' | 'row';
}

export function ChoiceList<Id extends string>(props: ChoiceListProps<Id>) {
  const { label, hideLabel = false, choices, value, onChange, layout = 'cards' } = props;
  const name = useId();
  return (
    <fieldset className={css.set}>
      <legend className={hideLabel ? 'visually-hidden' : css.legend}>{label}</legend>
      <div className={cx(css.choices, css[layout])}>
        {choices.map((choice) => (
          <label key={choice.id} className={css.choice}>
            <input
              type="radio"
              className={css.dot}
              name={name}
              value={choice.id}
              checked={choice.id === value}
              disabled={choice.isDisabled}
              onChange={() => onChange(choice.id)}
            />
            {choice.icon && <Icon of={choice.icon} />}
            <span className={css.words}>
              <span className={css.title}>{choice.label}</span>
              {choice.detail !== undefined && <span className={css.detail}>{choice.detail}</span>}
            </span>
            {choice.keys !== undefined && <Kbd keys={choice.keys} />}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

// One of a list that opens. For two to five short words prefer ChoiceList, which shows them all.

import { Check, ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { FieldError } from 'react-aria-components/FieldError';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { Select as AriaSelect, SelectValue } from 'react-aria-components/Select';
import { Text } from 'react-aria-components/Text';
import { cx } from '../../lib/cx.ts';
import { given } from '../../lib/given.ts';
import { Icon } from '../Icon.tsx';
import menu from '../overlays/Menu.module.css';
import fields from './fields.module.css';
import css from './Select.module.css';

export interface SelectOption<Id extends string> {
  readonly id: Id;
  readonly label: string;
  readonly detail?: string;
}

interface SelectProps<Id extends string> {
  readonly label: string;
  readonly hideLabel?: boolean;
  readonly options: readonly SelectOption<Id>[];
  readonly value: Id | undefined;
  readonly onChange: (id: Id) => void;
  readonly placeholder?: string;
  readonly description?: ReactNode;
  readonly error?: string | undefined;
  readonly isDisabled?: boolean | undefined;
  readonly className?: string | undefined;
}

export function Select<Id extends string>(props: SelectProps<Id>) {
  const { label, hideLabel = false, options, value, error } = props;
  return (
    <AriaSelect
      className={cx(fields.field, props.className)}
      value={value ?? null}
      onChange={(id) => {
        const chosen = options.find((option) => option.id === id);
        if (chosen) props.onChange(chosen.id);
      }}
      placeholder={props.placeholder ?? 'Choose'}
      isInvalid={error !== undefined}
      validationBehavior="aria"
      {...given({ isDisabled: props.isDisabled })}
    >
      <Label className={hideLabel ? 'visually-hidden' : cx(fields.label)}>{label}</Label>
      <Button className={cx(fields.box, css.trigger)}>
        <SelectValue className={cx(css.value)} />
        <Icon of={ChevronDown} size={12} />
      </Button>
      {props.description !== undefined && (
        <Text slot="description" className={cx(fields.description)}>
          {props.description}
        </Text>
      )}
      <FieldError className={cx(fields.error)}>{error}</FieldError>
      <Popover className={cx(menu.popover, css.popover)} offset={4}>
        <ListBox className={cx(menu.menu)} items={options}>
          {options.map((option) => (
            <ListBoxItem key={option.id} id={option.id} textValue={option.label} className={cx(menu.entry, css.option)}>
              <span className={menu.words}>
                {option.label}
                {option.detail !== undefined && <span className={menu.detail}>{option.detail}</span>}
              </span>
              {option.id === value && <Icon of={Check} />}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

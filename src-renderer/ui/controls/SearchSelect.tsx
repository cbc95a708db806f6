// One of a long list, found by typing: every word typed must stand in it. For a list that one sees whole, Select.

import { Check, ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { ComboBox } from 'react-aria-components/ComboBox';
import { Group } from 'react-aria-components/Group';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { Text } from 'react-aria-components/Text';
import { cx } from '../../lib/cx.ts';
import { given } from '../../lib/given.ts';
import { Icon } from '../Icon.tsx';
import menu from '../overlays/Menu.module.css';
import fields from './fields.module.css';
import css from './SearchSelect.module.css';

export interface SearchOption {
  readonly id: string;
  /** Stands in the field once chosen. */
  readonly label: string;
  readonly detail?: string;
  /** Belongs to the entry before it that doesn't. */
  readonly isInner?: boolean;
}

/** In pixels: what is around stays in sight. */
const mostHigh = 400;

interface SearchSelectProps {
  readonly label: string;
  /** Keeps the label for screen readers alone. */
  readonly hideLabel?: boolean;
  readonly options: readonly SearchOption[];
  /** Empty: none. */
  readonly value: string;
  readonly onChange: (id: string) => void;
  readonly placeholder: string;
  readonly description?: ReactNode;
  readonly isDisabled?: boolean | undefined;
  readonly className?: string | undefined;
}

export function SearchSelect(props: SearchSelectProps) {
  const { label, options, value } = props;
  return (
    <ComboBox
      className={cx(fields.field, props.className)}
      defaultItems={options}
      selectedKey={value === '' ? null : value}
      onSelectionChange={(id) => props.onChange(id === null ? '' : String(id))}
      defaultFilter={hasWords}
      menuTrigger="focus"
      allowsEmptyCollection
      {...given({ isDisabled: props.isDisabled })}
    >
      <Label className={cx(props.hideLabel === true ? 'visually-hidden' : fields.label)}>{label}</Label>
      <Group className={cx(fields.box)}>
        <Input className={cx(fields.input)} placeholder={props.placeholder} />
        <Button className={cx(css.open)}>
          <Icon of={ChevronDown} size={12} />
        </Button>
      </Group>
      {props.description !== undefined && (
        <Text slot="description" className={cx(fields.description)}>
          {props.description}
        </Text>
      )}
      <Popover className={cx(menu.popover, css.popover)} offset={4} maxHeight={mostHigh}>
        <ListBox<SearchOption>
          className={cx(menu.menu)}
          renderEmptyState={() => <p className={css.empty}>Nothing has these words in it.</p>}
        >
          {(option) => (
            <ListBoxItem
              id={option.id}
              textValue={option.label}
              className={cx(menu.entry, option.isInner === true && css.inner)}
            >
              <span className={menu.words}>
                {option.label}
                {option.detail !== undefined && <span className={menu.detail}>{option.detail}</span>}
              </span>
              {option.id === value && <Icon of={Check} />}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}

function hasWords(text: string, typed: string): boolean {
  const words = text.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => words.includes(word));
}

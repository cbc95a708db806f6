// A menu that opens from a button: entries with icon, key and tone, in sections. Entries one may not use are left out by the caller.

import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { Header } from 'react-aria-components/Header';
import { Menu as AriaMenu, MenuItem, MenuSection, MenuTrigger } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { cx } from '../../lib/cx.ts';
import { type ButtonSize, type ButtonTone, buttonClass } from '../controls/Button.tsx';
import { Kbd } from '../controls/Kbd.tsx';
import { Icon, type IconShape } from '../Icon.tsx';
import css from './Menu.module.css';

export interface MenuEntry {
  readonly id: string;
  readonly label: string;
  readonly icon?: IconShape | undefined;
  readonly keys?: string | undefined;
  /** Second, quieter line. */
  readonly detail?: string | undefined;
  readonly isDanger?: boolean | undefined;
  readonly isDisabled?: boolean | undefined;
  /** Shows a tick: for menus that choose one of several. */
  readonly isCurrent?: boolean | undefined;
  /** It leads to other entries instead of closing the menu. */
  readonly staysOpen?: boolean | undefined;
  readonly onAction: () => void;
}

export interface MenuGroup {
  readonly id: string;
  readonly title?: string;
  readonly entries: readonly MenuEntry[];
}

interface MenuProps {
  /** Name of the menu, and of its trigger when the trigger is an icon alone. */
  readonly label: string;
  /** Content of the trigger. It looks like a button of `tone` and `size`, or as `triggerClassName` says. */
  readonly trigger: ReactNode;
  readonly triggerClassName?: string | undefined;
  readonly tone?: ButtonTone;
  readonly size?: ButtonSize;
  /** True when the trigger's content is an icon alone, so that the label becomes its name. */
  readonly isIconTrigger?: boolean;
  readonly groups: readonly MenuGroup[];
  readonly placement?: 'bottom start' | 'bottom end' | 'top start' | 'top end';
}

export function Menu(props: MenuProps) {
  return (
    <MenuTrigger>
      <AriaButton
        className={cx(
          css.trigger,
          props.triggerClassName ??
            buttonClass(props.tone ?? 'plain', props.size ?? 'medium', props.isIconTrigger === true),
        )}
        {...(props.isIconTrigger === true ? { 'aria-label': props.label } : {})}
      >
        {props.trigger}
      </AriaButton>
      <Popover className={css.popover ?? ''} placement={props.placement ?? 'bottom start'} offset={4}>
        <MenuList label={props.label} groups={props.groups} />
      </Popover>
    </MenuTrigger>
  );
}

interface MenuListProps {
  readonly label: string;
  readonly groups: readonly MenuGroup[];
  readonly autoFocus?: 'first';
  readonly onClose?: () => void;
}

/** The entries alone, for what opens them. */
export function MenuList({ label, groups, autoFocus, onClose }: MenuListProps) {
  const entries = groups.flatMap((group) => group.entries);
  return (
    <AriaMenu
      className={css.menu ?? ''}
      aria-label={label}
      {...(autoFocus === undefined ? {} : { autoFocus })}
      {...(onClose === undefined ? {} : { onClose })}
      onAction={(id) => entries.find((entry) => entry.id === id)?.onAction()}
    >
      {groups.map((group) => (
        <MenuSection key={group.id} className={css.section ?? ''} aria-label={group.title ?? label}>
          {group.title !== undefined && <Header className={css.heading ?? ''}>{group.title}</Header>}
          {group.entries.map((entry) => (
            <MenuItem
              key={entry.id}
              id={entry.id}
              textValue={entry.label}
              isDisabled={entry.isDisabled === true}
              {...(entry.staysOpen === true ? { shouldCloseOnSelect: false } : {})}
              className={cx(css.entry, entry.isDanger === true && css.danger)}
            >
              {entry.icon && <Icon of={entry.icon} />}
              <span className={css.words}>
                {entry.label}
                {entry.detail !== undefined && <span className={css.detail}>{entry.detail}</span>}
              </span>
              {entry.isCurrent === true && <Icon of={Check} />}
              {entry.keys !== undefined && <Kbd keys={entry.keys} />}
            </MenuItem>
          ))}
        </MenuSection>
      ))}
    </AriaMenu>
  );
}

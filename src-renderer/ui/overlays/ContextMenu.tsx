// A menu that belongs to something on the page instead of a button: it opens beside its anchor, and the focus returns to where it was.

import { useRef } from 'react';
import { Popover } from 'react-aria-components/Popover';
import css from './Menu.module.css';
import { type MenuGroup, MenuList } from './Menu.tsx';

interface ContextMenuProps {
  readonly label: string;
  readonly anchor: HTMLElement;
  readonly groups: readonly MenuGroup[];
  readonly onClose: () => void;
}

/** Open while it is drawn. Give it another key when it becomes a menu about something else: the focus begins at its top again. */
export function ContextMenu({ label, anchor, groups, onClose }: ContextMenuProps) {
  const trigger = useRef<HTMLElement>(anchor);
  return (
    <Popover
      className={css.popover ?? ''}
      trigger="MenuTrigger"
      triggerRef={trigger}
      placement="bottom start"
      offset={4}
      isOpen
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
    >
      <MenuList label={label} groups={groups} autoFocus="first" onClose={onClose} />
    </Popover>
  );
}

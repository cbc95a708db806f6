// The sheet behind `?`: made from what is registered now, so it is never out of date; the screen one is on comes first.

import { useMemo } from 'react';
import { Checkbox } from '../ui/controls/Checkbox.tsx';
import { Kbd } from '../ui/controls/Kbd.tsx';
import { Dialog } from '../ui/overlays/Dialog.tsx';
import { useKeyboard } from './KeyboardProvider.tsx';
import css from './ShortcutSheet.module.css';

interface ShortcutSheetProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly singleKeys: boolean;
  readonly onSingleKeysChange: (singleKeys: boolean) => void;
}

export function ShortcutSheet({ isOpen, onClose, singleKeys, onSingleKeysChange }: ShortcutSheetProps) {
  const keyboard = useKeyboard();
  // Read when the sheet opens: what is registered does not change under it.
  const sections = useMemo(() => (isOpen ? keyboard.sections() : []), [keyboard, isOpen]);
  return (
    <Dialog
      title="Keyboard shortcuts"
      isOpen={isOpen}
      onClose={onClose}
      size="large"
      isDismissable
      footnote={
        <Checkbox isChecked={singleKeys} onChange={onSingleKeysChange}>
          Use shortcuts of one letter
        </Checkbox>
      }
    >
      <div className={css.sections}>
        {sections.map((section) => (
          <section key={section.title} className={css.section} aria-label={section.title}>
            <h3 className={css.title}>{section.title}</h3>
            <dl>
              {section.shortcuts.map((shortcut) => (
                <div key={shortcut.id} className={css.shortcut}>
                  <dt>{shortcut.label}</dt>
                  <dd>
                    <span className="visually-hidden">{shortcut.keys.replace('Mod', 'Ctrl or Command')}</span>
                    <Kbd keys={shortcut.keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

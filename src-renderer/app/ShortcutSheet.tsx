// The sheet behind `?`: made from what is registered now, so it is never out of date; the screen one is on comes first.

import { useMemo } from 'react';
import { Checkbox } from '../ui/controls/Checkbox.tsx';
import { Kbd } from '../ui/controls/Kbd.tsx';
import { Dialog } from '../ui/overlays/Dialog.tsx';
import { useKeyboard } from './KeyboardProvider.tsx';
import type { Shortcut } from './keyboard.ts';
import css from './ShortcutSheet.module.css';

interface ShortcutSheetProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly singleKeys: boolean;
  readonly onSingleKeysChange: (singleKeys: boolean) => void;
}

/** What has two keys stands once, with both. */
function byLabel(shortcuts: readonly Shortcut[]): readonly (readonly [string, readonly string[]])[] {
  const keys = new Map<string, string[]>();
  for (const shortcut of shortcuts) keys.set(shortcut.label, [...(keys.get(shortcut.label) ?? []), shortcut.keys]);
  return [...keys];
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
              {byLabel(section.shortcuts).map(([label, keys]) => (
                <div key={label} className={css.shortcut}>
                  <dt>{label}</dt>
                  <dd className={css.keys}>
                    {keys.map((each) => (
                      <span key={each}>
                        <span className="visually-hidden">{each.replace('Mod', 'Ctrl or Command')}</span>
                        <Kbd keys={each} />
                      </span>
                    ))}
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

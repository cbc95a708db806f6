// Key caps beside a control. Hidden from screen readers: the shortcut sheet says the same in words.

import { isMacPlatform, shownKeys } from '../../lib/keys.ts';
import css from './Kbd.module.css';

export function Kbd({ keys }: { readonly keys: string }) {
  return (
    <span className={css.keys} aria-hidden="true">
      {shownKeys(keys, isMacPlatform()).map((cap, position) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a sequence may repeat a key, and its order never changes
        <kbd key={position} className={css.cap}>
          {cap}
        </kbd>
      ))}
    </span>
  );
}

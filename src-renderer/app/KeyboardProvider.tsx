// Joins the keyboard registry to React: one listener on the window, and a hook by which screens add what they answer to.

import { createContext, type ReactNode, useContext, useEffect, useLayoutEffect, useRef } from 'react';
import type { Keyboard, Scope, Shortcut } from './keyboard.ts';

const KeyboardContext = createContext<Keyboard | undefined>(undefined);

export function KeyboardProvider(props: { readonly keyboard: Keyboard; readonly children: ReactNode }) {
  const { keyboard } = props;
  useEffect(() => {
    // In the bubbling phase, so that a field, list or menu that used the key has already said so.
    const listen = (event: KeyboardEvent) => {
      keyboard.handle(event);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [keyboard]);
  return <KeyboardContext value={keyboard}>{props.children}</KeyboardContext>;
}

export function useKeyboard(): Keyboard {
  const keyboard = useContext(KeyboardContext);
  if (keyboard === undefined) throw new Error('useKeyboard needs a KeyboardProvider above it');
  return keyboard;
}

/** Registers while mounted. The list may be made anew at each render; what counts is which ids and keys it holds. */
export function useShortcuts(scope: Scope, title: string, shortcuts: readonly Shortcut[]): void {
  const keyboard = useKeyboard();
  const latest = useRef(shortcuts);
  useLayoutEffect(() => {
    latest.current = shortcuts;
  });
  const shape = JSON.stringify(shortcuts.map((each) => ({ ...each, run: each.run !== undefined })));
  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` stands for the list, whose handlers are read when a key comes
  useEffect(() => {
    const stable = latest.current.map(({ run, ...rest }, position) =>
      run === undefined ? rest : { ...rest, run: () => latest.current[position]?.run?.() },
    );
    return keyboard.register(scope, title, stable);
  }, [keyboard, scope, title, shape]);
}

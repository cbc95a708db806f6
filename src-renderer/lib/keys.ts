// How a shortcut is written ('Mod+k', 'Shift+a', 'g q', '?') and shown. What it does is the keyboard registry's matter.

export interface Chord {
  /** Lower-case letter, printable character or KeyboardEvent.key name ('Enter', 'ArrowDown'). */
  readonly key: string;
  readonly mod: boolean;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
}

const modifiers = new Set(['Mod', 'Ctrl', 'Alt', 'Shift']);

/** 'g q' is two chords one after the other; 'Mod+Shift+l' is one. */
export function parseKeys(keys: string): readonly Chord[] {
  return keys.split(' ').map((written) => {
    const parts = written === '+' ? ['+'] : written.split('+');
    const key = parts.at(-1) ?? '';
    const held = parts.slice(0, -1);
    const unknown = held.find((part) => !modifiers.has(part));
    if (key === '' || unknown !== undefined) throw new Error(`not a shortcut: ${keys}`);
    return {
      key: key.length === 1 ? key.toLowerCase() : key,
      mod: held.includes('Mod'),
      ctrl: held.includes('Ctrl'),
      alt: held.includes('Alt'),
      shift: held.includes('Shift'),
    };
  });
}

const shownNames: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  ' ': 'Space',
};

/** The caps to draw, one string each: 'Mod+k' is ['Ctrl K'] or ['⌘ K'], 'g q' is ['G', 'Q']. */
export function shownKeys(keys: string, isMac: boolean): readonly string[] {
  return parseKeys(keys).map((chord) =>
    [
      chord.mod && (isMac ? '⌘' : 'Ctrl'),
      chord.ctrl && (isMac ? '⌃' : 'Ctrl'),
      chord.alt && (isMac ? '⌥' : 'Alt'),
      chord.shift && (isMac ? '⇧' : 'Shift'),
      shownNames[chord.key] ?? (chord.key.length === 1 ? chord.key.toUpperCase() : chord.key),
    ]
      .filter(Boolean)
      .join(' '),
  );
}

export function isMacPlatform(): boolean {
  return typeof navigator !== 'undefined' && /mac|iphone|ipad/i.test(navigator.platform);
}

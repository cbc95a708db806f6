// The keyboard map (what is registered is what the `?` sheet shows): sequences, single keys that can be switched off, scopes.
// Moving inside lists, menus and dialogs is the components' own; this acts on what they left.

import { type Chord, parseKeys } from '../lib/keys.ts';

export interface Shortcut {
  /** Stable, e.g. 'alerts.acknowledge': the name a remapping refers to. */
  readonly id: string;
  /** 'a', 'Shift+a', 'g q', 'Mod+k'. */
  readonly keys: string;
  readonly label: string;
  /** Heading in the sheet, e.g. 'Queue'. Default: that of the scope. */
  readonly section?: string;
  /** Absent: only listed in the sheet, because a component handles the key itself. */
  readonly run?: () => void;
  /** Fires while the key is held, for moving. */
  readonly repeats?: boolean;
  /** Also fires while a dialog, menu or the palette is open: locking must always work. */
  readonly always?: boolean;
}

/** 'anywhere', or a screen's id. A dialog registers under 'dialog'. */
export type Scope = string;

export interface ShortcutSection {
  readonly title: string;
  readonly shortcuts: readonly Shortcut[];
}

export interface KeyboardSettings {
  readonly singleKeys: boolean;
  readonly isMac: boolean;
  /** Shortcut id → other keys. */
  readonly overrides: Readonly<Record<string, string>>;
}

export interface Keyboard {
  /** Adds shortcuts while something is on screen; the answer removes them. Throws when two in one scope share a key. */
  register(scope: Scope, title: string, shortcuts: readonly Shortcut[]): () => void;
  configure(settings: Partial<KeyboardSettings>): void;
  /** True when a shortcut ran or a sequence began; the event is then already stopped. */
  handle(event: KeyboardEvent): boolean;
  /** Narrowest scope first, as the sheet shows it. */
  sections(): readonly ShortcutSection[];
  /** The keys in force for a shortcut, for hints in buttons and menus. */
  keysOf(id: string): string | undefined;
}

const sequenceMs = 1500;

/** With Ctrl or Command these edit text, so in a field they are never a shortcut: undoing a word must not undo a closed alert. */
const editingKeys = new Set(['a', 'c', 'v', 'x', 'y', 'z']);

interface Registration {
  readonly scope: Scope;
  readonly title: string;
  readonly shortcuts: readonly Shortcut[];
}

export function createKeyboard(initial: Partial<KeyboardSettings> = {}): Keyboard {
  let settings: KeyboardSettings = { singleKeys: true, isMac: false, overrides: {}, ...initial };
  let registrations: readonly Registration[] = [];
  let begun: { readonly chords: readonly Chord[]; readonly at: number } | undefined;

  const chordsOf = (shortcut: Shortcut) => parseKeys(settings.overrides[shortcut.id] ?? shortcut.keys);

  function register(scope: Scope, title: string, shortcuts: readonly Shortcut[]): () => void {
    const taken = new Map<string, string>();
    for (const other of registrations) {
      if (other.scope === scope) for (const each of other.shortcuts) taken.set(each.keys, each.id);
    }
    for (const each of shortcuts) {
      parseKeys(each.keys);
      const holder = taken.get(each.keys);
      if (holder !== undefined && holder !== each.id) {
        throw new Error(`shortcut ${each.keys} of ${each.id} is already taken by ${holder} in ${scope}`);
      }
      taken.set(each.keys, each.id);
    }
    const registration = { scope, title, shortcuts };
    registrations = [...registrations, registration];
    return () => {
      registrations = registrations.filter((each) => each !== registration);
    };
  }

  /** Later registrations first: what was opened last is what the person looks at. 'anywhere' comes last. */
  function candidates(inOverlay: boolean): readonly Shortcut[] {
    const narrow = registrations.filter((each) => each.scope !== 'anywhere').toReversed();
    const wide = registrations.filter((each) => each.scope === 'anywhere');
    return [...narrow, ...wide].flatMap((each) =>
      inOverlay && each.scope !== 'dialog'
        ? each.shortcuts.filter((shortcut) => shortcut.always === true)
        : each.shortcuts,
    );
  }

  function handle(event: KeyboardEvent): boolean {
    if (event.defaultPrevented || event.isComposing || isModifierAlone(event)) return false;
    const target = event.target instanceof Element ? event.target : undefined;
    const typing = target !== undefined && isTextField(target);
    const activates = target !== undefined && takesActivation(target, event.key);
    const prefix = begun !== undefined && event.timeStamp - begun.at < sequenceMs ? begun.chords : [];
    begun = undefined;

    for (const shortcut of candidates(target !== undefined && isInOverlay(target))) {
      const chords = chordsOf(shortcut);
      const next = chords[prefix.length];
      if (next === undefined || !matches(next, event, settings.isMac)) continue;
      if (!prefix.every((chord, position) => sameChord(chord, chords[position]))) continue;
      const isPlain = !next.mod && !next.ctrl && !next.alt;
      if (isPlain && (typing || activates)) continue;
      if (typing && next.mod && editingKeys.has(next.key)) continue;
      if (isPlain && !settings.singleKeys && isCharacter(next)) continue;
      if (chords.length > prefix.length + 1) {
        begun = { chords: chords.slice(0, prefix.length + 1), at: event.timeStamp };
        event.preventDefault();
        return true;
      }
      if (shortcut.run === undefined || (event.repeat && shortcut.repeats !== true)) continue;
      event.preventDefault();
      shortcut.run();
      return true;
    }
    return false;
  }

  return {
    register,
    configure(changes) {
      settings = { ...settings, ...changes };
    },
    handle,
    sections() {
      const titles = new Map<string, Shortcut[]>();
      // The same keys mean what the nearest scope says; the wider meaning is out of reach and not listed.
      const heldBy = new Map<string, string>();
      const narrow = registrations.filter((each) => each.scope !== 'anywhere').toReversed();
      const wide = registrations.filter((each) => each.scope === 'anywhere');
      for (const registration of [...narrow, ...wide]) {
        for (const shortcut of registration.shortcuts) {
          const title = shortcut.section ?? registration.title;
          const listed = titles.get(title) ?? [];
          const keys = settings.overrides[shortcut.id] ?? shortcut.keys;
          if (heldBy.has(keys) && heldBy.get(keys) !== registration.scope) continue;
          heldBy.set(keys, registration.scope);
          if (listed.some((each) => each.id === shortcut.id)) continue;
          listed.push({ ...shortcut, keys });
          titles.set(title, listed);
        }
      }
      return Array.from(titles, ([title, shortcuts]) => ({ title, shortcuts }));
    },
    keysOf(id) {
      const found = registrations.flatMap((each) => each.shortcuts).find((shortcut) => shortcut.id === id);
      return found && (settings.overrides[id] ?? found.keys);
    },
  };
}

function isModifierAlone(event: KeyboardEvent): boolean {
  return ['Shift', 'Control', 'Alt', 'Meta', 'AltGraph', 'CapsLock'].includes(event.key);
}

function isCharacter(chord: Chord): boolean {
  return chord.key.length === 1 && chord.key !== ' ';
}

function matches(chord: Chord, event: KeyboardEvent, isMac: boolean): boolean {
  // AltGr reports Ctrl and Alt on Windows although it only reaches a character of the layout.
  const isAltGraph = event.getModifierState('AltGraph');
  const mod = isMac ? event.metaKey : event.ctrlKey && !isAltGraph;
  const ctrl = isMac ? event.ctrlKey : event.ctrlKey && !isAltGraph;
  const alt = event.altKey && !isAltGraph;
  if (mod !== (chord.mod || (!isMac && chord.ctrl)) || alt !== chord.alt) return false;
  if (isMac && ctrl !== chord.ctrl) return false;
  if (/^[a-z]$/.test(chord.key)) return letterOf(event) === chord.key && event.shiftKey === chord.shift;
  // For '?', '/', '[' and the like the layout decides whether Shift is needed, so Shift is not compared.
  if (chord.key.length === 1 && !/^[0-9 ]$/.test(chord.key)) return event.key === chord.key;
  return event.key === chord.key && event.shiftKey === chord.shift;
}

/** On a layout without Latin letters the key's position says which one is meant. */
function letterOf(event: KeyboardEvent): string {
  if (/^[a-z]$/i.test(event.key)) return event.key.toLowerCase();
  return /^Key[A-Z]$/.test(event.code) && !/^[\x20-\x7e]$/.test(event.key)
    ? event.code.slice(3).toLowerCase()
    : event.key;
}

function sameChord(left: Chord, right: Chord | undefined): boolean {
  return (
    right !== undefined &&
    left.key === right.key &&
    left.mod === right.mod &&
    left.ctrl === right.ctrl &&
    left.alt === right.alt &&
    left.shift === right.shift
  );
}

const notText = new Set(['checkbox', 'radio', 'button', 'submit', 'reset', 'range', 'color', 'file', 'image']);

export function isTextField(element: Element): boolean {
  if (element.closest('[contenteditable]:not([contenteditable="false"])') !== null) return true;
  const name = element.tagName.toLowerCase();
  if (name === 'textarea' || name === 'select') return true;
  return name === 'input' && !notText.has(element.getAttribute('type') ?? 'text');
}

function takesActivation(element: Element, key: string): boolean {
  return (key === 'Enter' || key === ' ') && element.closest('button, a, input, summary, [role="tab"]') !== null;
}

function isInOverlay(element: Element): boolean {
  return element.closest('[role="dialog"], [role="alertdialog"], [role="menu"], [data-trigger]') !== null;
}

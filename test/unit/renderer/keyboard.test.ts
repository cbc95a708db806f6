// The keyboard registry against events as browsers send them; DOM objects are the few properties it reads.

import { beforeAll, describe, expect, it, vi } from 'vitest';
import { createKeyboard, isTextField, type Keyboard, type Shortcut } from '../../../src-renderer/app/keyboard.ts';

class FakeElement {
  readonly tagName: string;
  readonly #attributes: Readonly<Record<string, string>>;
  readonly #within: readonly string[];

  constructor(tagName: string, attributes: Readonly<Record<string, string>> = {}, within: readonly string[] = []) {
    this.tagName = tagName.toUpperCase();
    this.#attributes = attributes;
    this.#within = within;
  }

  getAttribute(name: string): string | null {
    return this.#attributes[name] ?? null;
  }

  /** True for a list of selectors that names the element's tag, or one of the selectors it was said to lie within. */
  closest(selectors: string): FakeElement | null {
    const parts = selectors.split(',').map((part) => part.trim());
    return parts.some((part) => part === this.tagName.toLowerCase() || this.#within.includes(part)) ? this : null;
  }
}

beforeAll(() => {
  vi.stubGlobal('Element', FakeElement);
  return () => vi.unstubAllGlobals();
});

interface Pressed {
  readonly key: string;
  readonly code?: string;
  readonly shift?: boolean;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
  readonly alt?: boolean;
  readonly altGraph?: boolean;
  readonly repeat?: boolean;
  readonly composing?: boolean;
  readonly prevented?: boolean;
  readonly at?: number;
  readonly target?: FakeElement;
}

function press(keyboard: Keyboard, pressed: Pressed): boolean {
  const event = {
    key: pressed.key,
    code: pressed.code ?? '',
    shiftKey: pressed.shift ?? false,
    ctrlKey: pressed.ctrl ?? false,
    metaKey: pressed.meta ?? false,
    altKey: pressed.alt ?? false,
    repeat: pressed.repeat ?? false,
    isComposing: pressed.composing ?? false,
    defaultPrevented: pressed.prevented ?? false,
    timeStamp: pressed.at ?? 0,
    target: pressed.target ?? new FakeElement('body'),
    getModifierState: (name: string) => name === 'AltGraph' && (pressed.altGraph ?? false),
    preventDefault: () => undefined,
  };
  return keyboard.handle(event as unknown as KeyboardEvent);
}

function withShortcuts(
  shortcuts: readonly (Partial<Shortcut> & { readonly keys: string })[],
  scope = 'anywhere',
  mac = false,
) {
  const keyboard = createKeyboard({ isMac: mac });
  const runs: string[] = [];
  keyboard.register(
    scope,
    scope,
    shortcuts.map((each) => ({ id: each.keys, label: each.keys, run: () => runs.push(each.keys), ...each })),
  );
  return { keyboard, runs };
}

describe('keys', () => {
  it('runs a letter, and its shifted form apart from it', () => {
    const { keyboard, runs } = withShortcuts([{ keys: 'a' }, { keys: 'Shift+a' }]);
    press(keyboard, { key: 'a' });
    press(keyboard, { key: 'A', shift: true });
    expect(runs).toEqual(['a', 'Shift+a']);
  });

  it('takes punctuation however the layout reaches it', () => {
    const { keyboard, runs } = withShortcuts([{ keys: '?' }, { keys: '[' }]);
    press(keyboard, { key: '?', shift: true });
    press(keyboard, { key: '[', ctrl: true, alt: true, altGraph: true });
    expect(runs).toEqual(['?', '[']);
  });

  it('finds a letter by its position on a layout without Latin letters', () => {
    const { keyboard, runs } = withShortcuts([{ keys: 'j' }]);
    press(keyboard, { key: 'о', code: 'KeyJ' });
    expect(runs).toEqual(['j']);
  });

  it('leaves a Latin letter where the layout puts it, not where the key lies', () => {
    const { keyboard, runs } = withShortcuts([{ keys: 'q' }]);
    press(keyboard, { key: 'a', code: 'KeyQ' });
    expect(runs).toEqual([]);
  });

  it('reads Mod as Ctrl here and as Command on a Mac', () => {
    const here = withShortcuts([{ keys: 'Mod+k' }]);
    press(here.keyboard, { key: 'k', ctrl: true });
    press(here.keyboard, { key: 'k', meta: true });
    expect(here.runs).toEqual(['Mod+k']);
    const mac = withShortcuts([{ keys: 'Mod+k' }], 'anywhere', true);
    press(mac.keyboard, { key: 'k', meta: true });
    press(mac.keyboard, { key: 'k', ctrl: true });
    expect(mac.runs).toEqual(['Mod+k']);
  });

  it('does not take a key that somebody used, that composes text, or that repeats where that makes no sense', () => {
    const { keyboard, runs } = withShortcuts([{ keys: 'a' }, { keys: 'j', repeats: true }]);
    press(keyboard, { key: 'a', prevented: true });
    press(keyboard, { key: 'a', composing: true });
    press(keyboard, { key: 'a', repeat: true });
    press(keyboard, { key: 'j', repeat: true });
    expect(runs).toEqual(['j']);
  });
});

describe('sequences', () => {
  it('runs g q, and nothing that q alone would do', () => {
    const { keyboard, runs } = withShortcuts([{ keys: 'g q' }, { keys: 'q' }]);
    press(keyboard, { key: 'g', at: 0 });
    press(keyboard, { key: 'q', at: 300 });
    expect(runs).toEqual(['g q']);
  });

  it('forgets a beginning after a while', () => {
    const { keyboard, runs } = withShortcuts([{ keys: 'g q' }, { keys: 'q' }]);
    press(keyboard, { key: 'g', at: 0 });
    press(keyboard, { key: 'q', at: 1600 });
    expect(runs).toEqual(['q']);
  });

  it('drops a sequence that leads nowhere instead of running its last key', () => {
    const { keyboard, runs } = withShortcuts([{ keys: 'g q' }, { keys: 'x' }]);
    press(keyboard, { key: 'g', at: 0 });
    press(keyboard, { key: 'x', at: 100 });
    press(keyboard, { key: 'x', at: 200 });
    expect(runs).toEqual(['x']);
  });
});

describe('where a key does not belong to the console', () => {
  const field = new FakeElement('input', { type: 'search' });

  it('never takes characters from a text field, but does take Mod', () => {
    const { keyboard, runs } = withShortcuts([{ keys: 'a' }, { keys: 'g q' }, { keys: '/' }, { keys: 'Mod+k' }]);
    for (const key of ['a', 'g', 'q', '/']) expect(press(keyboard, { key, target: field })).toBe(false);
    press(keyboard, { key: 'k', ctrl: true, target: field });
    expect(runs).toEqual(['Mod+k']);
  });

  it('leaves what edits text to the field, and takes it elsewhere', () => {
    const { keyboard, runs } = withShortcuts([{ keys: 'Mod+z' }]);
    expect(press(keyboard, { key: 'z', ctrl: true, target: field })).toBe(false);
    press(keyboard, { key: 'z', ctrl: true });
    expect(runs).toEqual(['Mod+z']);
  });

  it.each([
    ['textarea', {}, [], true],
    ['select', {}, [], true],
    ['input', {}, [], true],
    ['input', { type: 'password' }, [], true],
    ['input', { type: 'checkbox' }, [], false],
    ['div', {}, ['[contenteditable]:not([contenteditable="false"])'], true],
    ['button', {}, [], false],
  ] as const)('knows that %s %o takes text: %s', (tag, attributes, within, expected) => {
    expect(isTextField(new FakeElement(tag, attributes, within) as unknown as Element)).toBe(expected);
  });

  it('leaves Enter and Space to a focused button or link', () => {
    const { keyboard, runs } = withShortcuts([{ keys: 'Enter' }]);
    press(keyboard, { key: 'Enter', target: new FakeElement('button') });
    press(keyboard, { key: 'Enter', target: new FakeElement('body') });
    expect(runs).toEqual(['Enter']);
  });

  it('holds screens back under a dialog; locking and the dialog itself go through', () => {
    const { keyboard, runs } = withShortcuts([{ keys: 'a' }, { keys: 'Mod+l', always: true }]);
    keyboard.register('dialog', 'Close', [
      { id: 'verdict', keys: '1', label: 'True positive', run: () => runs.push('1') },
    ]);
    const inDialog = new FakeElement('div', {}, ['[role="dialog"]']);
    press(keyboard, { key: 'a', target: inDialog });
    press(keyboard, { key: '1', target: inDialog });
    press(keyboard, { key: 'l', ctrl: true, target: inDialog });
    expect(runs).toEqual(['1', 'Mod+l']);
  });
});

describe('settings', () => {
  it('switches off single characters and sequences of them, and nothing else', () => {
    const { keyboard, runs } = withShortcuts([{ keys: 'a' }, { keys: 'g q' }, { keys: 'Mod+k' }, { keys: 'F6' }]);
    keyboard.configure({ singleKeys: false });
    for (const key of ['a', 'g', 'q', 'F6']) press(keyboard, { key });
    press(keyboard, { key: 'k', ctrl: true });
    expect(runs).toEqual(['F6', 'Mod+k']);
  });

  it('follows a remapping in what it does and in what it shows', () => {
    const { keyboard, runs } = withShortcuts([{ id: 'alerts.acknowledge', keys: 'a' }]);
    keyboard.configure({ overrides: { 'alerts.acknowledge': 'w' } });
    press(keyboard, { key: 'a' });
    press(keyboard, { key: 'w' });
    expect(runs).toEqual(['a']);
    expect(keyboard.keysOf('alerts.acknowledge')).toBe('w');
    expect(keyboard.sections()[0]?.shortcuts[0]?.keys).toBe('w');
  });
});

describe('scopes', () => {
  it('asks what was opened last first, and everywhere last', () => {
    const keyboard = createKeyboard();
    const runs: string[] = [];
    const add = (scope: string, id: string) =>
      keyboard.register(scope, scope, [{ id, keys: 'n', label: id, run: () => runs.push(id) }]);
    add('anywhere', 'wide');
    add('queue', 'narrow');
    const remove = add('pane', 'narrowest');
    press(keyboard, { key: 'n' });
    remove();
    press(keyboard, { key: 'n' });
    expect(runs).toEqual(['narrowest', 'narrow']);
    // The wide meaning of the key is out of reach while the narrow one holds it, so the sheet does not promise it.
    expect(keyboard.sections().map((section) => section.title)).toEqual(['queue']);
    keyboard.register('anywhere', 'anywhere', [{ id: 'other', keys: 'o', label: 'other', run: () => undefined }]);
    expect(keyboard.sections().map((section) => section.title)).toEqual(['queue', 'anywhere']);
  });

  it('refuses two shortcuts on one key in one scope', () => {
    const keyboard = createKeyboard();
    keyboard.register('queue', 'Queue', [{ id: 'one', keys: 'n', label: 'One' }]);
    expect(() => keyboard.register('queue', 'Queue', [{ id: 'two', keys: 'n', label: 'Two' }])).toThrow(
      /already taken by one/,
    );
  });

  it('lists what a component handles itself without taking the key', () => {
    const keyboard = createKeyboard();
    keyboard.register('queue', 'Queue', [{ id: 'open', keys: 'Enter', label: 'Open' }]);
    expect(press(keyboard, { key: 'Enter' })).toBe(false);
    expect(keyboard.sections()[0]?.shortcuts.map((each) => each.label)).toEqual(['Open']);
  });
});

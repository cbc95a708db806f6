// What is announced and when; messages that run out and can be taken back; looks that are kept.

import { describe, expect, it } from 'vitest';
import {
  createAppearance,
  defaultAppearance,
  parseAppearance,
  resolveTheme,
} from '../../../src-renderer/app/appearance.ts';
import { pageStorage } from '../../../src-renderer/app/page-storage.ts';
import { createAnnouncer, gathered } from '../../../src-renderer/ui/feedback/announcer.ts';
import { createToastList } from '../../../src-renderer/ui/feedback/toast-list.ts';

function announcerWithClock() {
  let now = 0;
  const due: { readonly at: number; readonly run: () => void }[] = [];
  const announcer = createAnnouncer({ now: () => now, later: (run, ms) => due.push({ at: now + ms, run }) });
  return {
    announcer,
    said: () => announcer.store.getState().polite,
    pass(ms: number) {
      now += ms;
      for (const each of due.splice(0))
        if (each.at <= now) each.run();
        else due.push(each);
    },
  };
}

describe('announcements', () => {
  it('gather news to one in ten seconds, the first at once', () => {
    const { announcer, said, pass } = announcerWithClock();
    announcer.announce('High, failed logins', 'news');
    expect(said()).toEqual({ text: 'High, failed logins', turn: 1 });
    for (const text of ['two', 'three', 'four', 'five', 'six']) announcer.announce(text, 'news');
    pass(9_999);
    expect(said().turn).toBe(1);
    pass(1);
    expect(said()).toEqual({ text: 'two. three. four. And 2 more', turn: 2 });
    pass(20_000);
    announcer.announce('seven', 'news');
    expect(said()).toEqual({ text: 'seven', turn: 3 });
  });

  it('reply at once, twice the same if asked twice', () => {
    const { announcer, said } = announcerWithClock();
    announcer.announce('Copied');
    announcer.announce('Copied');
    expect(said()).toEqual({ text: 'Copied', turn: 2 });
  });

  it('interrupt only when urgent', () => {
    const { announcer, said } = announcerWithClock();
    announcer.announce('Critical, risk 98', 'urgent');
    expect([announcer.store.getState().assertive.text, said().text]).toEqual(['Critical, risk 98', '']);
  });

  it('name three and count the rest', () => {
    expect([gathered(['a']), gathered(['a', 'b', 'c', 'd'])]).toEqual(['a', 'a. b. c. And 1 more']);
  });
});

describe('messages', () => {
  const texts = (list: ReturnType<typeof createToastList>) => list.store.getState().toasts.map((toast) => toast.text);

  it('run out after ten seconds, not while held', () => {
    const list = createToastList();
    list.show({ text: 'closed' });
    list.pass(9_000);
    list.hold(true);
    list.pass(60_000);
    expect(texts(list)).toEqual(['closed']);
    list.hold(false);
    list.pass(1_000);
    expect(texts(list)).toEqual([]);
  });

  it('undo the newest that can be undone, once', () => {
    const list = createToastList();
    const undone: string[] = [];
    list.show({ text: 'one', undo: () => undone.push('one') });
    list.show({ text: 'two', undo: () => undone.push('two') });
    list.show({ text: 'three' });
    expect([list.undoLast(), list.undoLast(), list.undoLast()]).toEqual([true, true, false]);
    expect(undone).toEqual(['two', 'one']);
    expect(texts(list)).toEqual(['three']);
  });

  it('no longer undo what has run out', () => {
    const list = createToastList();
    let undone = false;
    list.show({
      text: 'one',
      undo: () => {
        undone = true;
      },
    });
    list.pass(10_000);
    expect([list.undoLast(), undone]).toEqual([false, false]);
  });

  it('show three at once and can be taken away by who showed them', () => {
    const list = createToastList();
    const takeAway = ['a', 'b', 'c', 'd'].map((text) => list.show({ text })).at(-1);
    expect(texts(list)).toEqual(['b', 'c', 'd']);
    takeAway?.();
    expect(texts(list)).toEqual(['b', 'c']);
  });
});

describe('appearance', () => {
  it.each([null, 'dark', 7, [], { theme: 'pink', density: {}, rail: 'gone', timeZone: 'mars', singleKeys: 'yes' }])(
    'falls back to the defaults for %j',
    (kept) => {
      expect(parseAppearance(kept)).toEqual(defaultAppearance);
    },
  );

  it('keeps what is understood and saves each change', () => {
    const saved: unknown[] = [];
    const store = createAppearance({ load: () => ({ theme: 'dark', extra: 1 }), save: (look) => saved.push(look) });
    store.setState({ density: 'comfortable' });
    expect(saved).toEqual([{ ...defaultAppearance, theme: 'dark', density: 'comfortable' }]);
  });

  it('follows the system in colour and contrast', () => {
    const themes = [false, true].flatMap((dark) =>
      [false, true].map((contrast) => resolveTheme('system', { dark, contrast })),
    );
    expect(themes).toEqual(['light', 'contrast-light', 'dark', 'contrast-dark']);
    expect(resolveTheme('light', { dark: true, contrast: true })).toBe('light');
  });

  it('reads nothing from a place that holds something else', () => {
    const storage = { getItem: () => '{broken', setItem: () => undefined } as unknown as Storage;
    expect(pageStorage(storage, 'key').load()).toBeUndefined();
  });
});

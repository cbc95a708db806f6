// A secret on the clipboard goes away again, and only it; a window that shows one is kept out of screenshots, and only as long.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDocumentDesk } from '../../../src-main/shells/electron/documents.ts';
import { createPageCalls } from '../../../src-main/shells/electron/page-calls.ts';
import { ProblemError } from '../../../src-shared/contract/problems.ts';
import { createTestHost } from '../../support/host.ts';
import { createClipboard, createRecorder } from './recorded.ts';

function setting(canHide = true) {
  const recorder = createRecorder();
  const host = createTestHost();
  const clipboard = createClipboard(recorder);
  const calls = createPageCalls({
    clipboard,
    hideFromCapture(isHidden) {
      recorder.note('hide', isHidden);
      return canHide;
    },
    documents: createDocumentDesk(),
    timers: host.timers,
    log: host.log,
  });
  const copy = (text: string, ms = 30_000) => calls.answer('desktop.copy_secret', { text, clear_after_ms: ms });
  /** The clipboard answers a turn later. */
  async function pass(ms: number): Promise<void> {
    host.advance(ms);
    await host.timers.breathe();
  }
  return { recorder, host, clipboard, calls, copy, pass };
}

test('a copied secret is cleared when its time is over, with no page left to ask for it', async () => {
  const { clipboard, copy, pass } = setting();
  expect(await copy('vT7-quartz')).toEqual({ ok: true });
  await pass(29_999);
  expect(clipboard.text).toBe('vT7-quartz');
  await pass(1);
  expect(clipboard.text).toBe('');
});

test('what was copied since stays', async () => {
  const { recorder, clipboard, copy, pass } = setting();
  await copy('vT7-quartz');
  clipboard.text = 'notes of mine';
  await pass(60_000);
  expect(clipboard.text).toBe('notes of mine');
  expect(recorder.of('clipboard.clear')).toEqual([]);
});

test('a second secret has its own full time', async () => {
  const { clipboard, copy, pass } = setting();
  await copy('first');
  await pass(20_000);
  await copy('second');
  await pass(20_000);
  expect(clipboard.text).toBe('second');
  await pass(10_000);
  expect(clipboard.text).toBe('');
});

test('quitting clears at once, and only what is ours', async () => {
  for (const [now, after] of [
    ['vT7-quartz', ''],
    ['other', 'other'],
  ] as const) {
    const { clipboard, calls, copy, pass } = setting();
    await copy('vT7-quartz');
    clipboard.text = now;
    await calls[Symbol.asyncDispose]();
    expect(clipboard.text).toBe(after);
    clipboard.text = 'vT7-quartz';
    await pass(60_000);
    expect(clipboard.text).toBe('vT7-quartz');
  }
});

test('a clipboard that the system holds back is a line in the log, without the secret', async () => {
  const { host, clipboard, copy, pass } = setting();
  await copy('vT7-quartz');
  clipboard.readText = async () => {
    throw new Error('the clipboard is held by another program');
  };
  await pass(30_000);
  expect(host.logged.map(({ event }) => event)).toEqual(['the clipboard was not cleared']);
  expect(JSON.stringify(host.logged)).not.toContain('vT7-quartz');
});

test('the window is hidden from capture as long as asked, and no longer when nobody ends it', async () => {
  const { recorder, calls, pass } = setting();
  expect(await calls.answer('desktop.hide_from_capture', { for_ms: 30_000 })).toEqual({ hidden: true });
  await pass(30_000);
  expect(await calls.answer('desktop.hide_from_capture', { for_ms: 30_000 })).toEqual({ hidden: true });
  expect(await calls.answer('desktop.hide_from_capture', { for_ms: 0 })).toEqual({ hidden: false });
  await pass(60_000);
  expect(recorder.of('hide')).toEqual([[true], [false], [true], [false]]);
});

test('a system that cannot hide it says so', async () => {
  expect(await setting(false).calls.answer('desktop.hide_from_capture', { for_ms: 30_000 })).toEqual({ hidden: false });
});

test.each(['alerts.list', '__proto__', 'constructor', 'toString', 'desktop.', ''])(
  '%j is not answered here',
  (name) => {
    expect(setting().calls.answer(name, {})).toBeUndefined();
  },
);

test.each([
  {},
  { text: 'x' },
  { text: '', clear_after_ms: 30_000 },
  { text: 'x'.repeat(65_537), clear_after_ms: 30_000 },
  { text: 'x', clear_after_ms: 0 },
  { text: 'x', clear_after_ms: 1e12 },
  { text: 'x', clear_after_ms: Number.NaN },
  { text: ['x'], clear_after_ms: 30_000 },
  { text: 'x', clear_after_ms: 30_000, more: 1 },
])('refuses %.60j and copies nothing', async (input) => {
  const { clipboard, calls } = setting();
  await expect(calls.answer('desktop.copy_secret', input)).rejects.toThrow(ProblemError);
  expect(clipboard.text).toBe('');
});

test('whatever the page sends is copied as it is or refused, and a refusal never repeats it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.anything(), fc.anything(), async (text, ms) => {
      const { clipboard, calls } = setting();
      try {
        await calls.answer('desktop.copy_secret', { text, clear_after_ms: ms });
        expect(clipboard.text).toBe(text);
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        expect(error.message).toMatch(/^expected other values(: (text|clear_after_ms)(, (text|clear_after_ms))*)?$/);
      }
    }),
  );
});

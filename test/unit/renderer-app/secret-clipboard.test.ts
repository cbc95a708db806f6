// A copied secret leaves the clipboard: what is not ours stays where the browser lets us look, and otherwise the words say that it won't.

import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { DesktopCalls } from '../../../src-renderer/app/desktop-calls.ts';
import { CopyRefused, clearAfterMs, createSecretClipboard } from '../../../src-renderer/app/secret-clipboard.ts';
import { createSteps, settled } from '../renderer-screens/secret-rows.ts';

function setting(options: { mayRead?: boolean; desktop?: DesktopCalls } = {}) {
  const steps = createSteps();
  const page = { text: 'before', isInFront: true, mayRead: options.mayRead ?? false };
  const back = new Set<() => void>();
  const copied = new Set<() => void>();
  const inFront = () => {
    if (!page.isInFront) throw new DOMException('Document is not focused.', 'NotAllowedError');
  };
  const clipboard = createSecretClipboard({
    desktop: options.desktop,
    clipboard: {
      async writeText(text) {
        inFront();
        page.text = text;
      },
      async readText() {
        inFront();
        if (!page.mayRead) throw new DOMException('Read permission denied.', 'NotAllowedError');
        return page.text;
      },
    },
    mayRead: async () => page.mayRead,
    digest: async (text) => createHash('sha256').update(text).digest('hex'),
    later: steps.later,
    whenBack(run) {
      back.add(run);
      return () => back.delete(run);
    },
    whenCopied(run) {
      copied.add(run);
      return () => copied.delete(run);
    },
  });
  const tell = async (listeners: Set<() => void>) => {
    for (const run of [...listeners]) {
      listeners.delete(run);
      run();
    }
    await settled();
  };
  return { steps, page, clipboard, comesBack: () => tell(back), copiesElse: () => tell(copied) };
}

it('is cleared after 30 s where the page may not look, whatever it then holds', async () => {
  const { steps, page, clipboard } = setting();
  expect(await clipboard.copy('secret')).toBe('regardless');
  expect(page.text).toBe('secret');
  await steps.pass(clearAfterMs - 1);
  expect(page.text).toBe('secret');
  page.text = 'copied in another program';
  await steps.pass(1);
  expect(page.text).toBe('');
});

it('what was copied in this page since stays, even where it may not look', async () => {
  const { steps, page, clipboard, copiesElse } = setting();
  await clipboard.copy('secret');
  page.text = 'selected here';
  await copiesElse();
  await steps.pass(clearAfterMs);
  expect(page.text).toBe('selected here');
});

it('is cleared only if it is still ours where the page may look', async () => {
  for (const [holds, after] of [
    ['secret', ''],
    ['copied in another program', 'copied in another program'],
  ] as const) {
    const { steps, page, clipboard } = setting({ mayRead: true });
    expect(await clipboard.copy('secret')).toBe('if-ours');
    page.text = holds;
    await steps.pass(clearAfterMs);
    await settled();
    expect(page.text).toBe(after);
  }
});

it.each([true, false])('a page that is not in front clears when one comes back (may look: %s)', async (mayRead) => {
  const { steps, page, clipboard, comesBack } = setting({ mayRead });
  await clipboard.copy('secret');
  page.isInFront = false;
  await steps.pass(clearAfterMs);
  await comesBack();
  expect(page.text).toBe('secret');
  page.isInFront = true;
  await comesBack();
  expect(page.text).toBe('');
});

it('a second secret has its own half minute, and the first one’s end does not touch it', async () => {
  const { steps, page, clipboard } = setting();
  await clipboard.copy('first');
  await steps.pass(20_000);
  await clipboard.copy('second');
  await steps.pass(20_000);
  expect(page.text).toBe('second');
  await steps.pass(10_000);
  expect(page.text).toBe('');
});

it('a browser that does not let the page copy is said, and nothing is cleared later', async () => {
  const { steps, page, clipboard } = setting();
  page.isInFront = false;
  await expect(clipboard.copy('secret')).rejects.toThrow(CopyRefused);
  page.isInFront = true;
  await steps.pass(clearAfterMs);
  expect(page.text).toBe('before');
});

it('the desktop window hands it to the main process and never touches the page’s clipboard', async () => {
  const handed: unknown[] = [];
  const desktop: DesktopCalls = {
    async copySecret(text, ms) {
      handed.push(text, ms);
    },
    hideFromCapture: async () => true,
  };
  const { steps, page, clipboard } = setting({ desktop });
  expect(await clipboard.copy('secret')).toBe('if-ours');
  await steps.pass(clearAfterMs);
  expect([handed, page.text]).toEqual([['secret', 30_000], 'before']);
});

// The kit in a real browser under the console's own content policy: what it draws, what keys do, what a screen reader would find.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumRequired, hasChromium, launchChromium } from './gallery/chromium.ts';
import { type Gallery, serveGallery } from './gallery/serve.ts';

if (!hasChromium) console.warn('not run: the kit in a browser, there is no Chromium (set GATEHOUSE_CHROMIUM)');

describe.skipIf(!hasChromium && !chromiumRequired)('the kit in a browser', () => {
  let gallery: Gallery;
  let browser: Browser;
  let folder: string;
  let context: BrowserContext;
  let complaints: string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-gallery-'));
    gallery = await serveGallery(join(folder, 'out'));
    browser = await launchChromium();
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await gallery?.close();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  afterEach(async () => {
    await context?.close();
  });

  async function open(place: string, options: { readonly width?: number; readonly look?: string } = {}): Promise<Page> {
    context = await browser.newContext({ viewport: { width: options.width ?? 1440, height: 900 } });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    context.setDefaultTimeout(10_000);
    const page = await context.newPage();
    complaints = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${gallery.url}?${options.look ?? 'theme=light'}#/${place}`);
    await page.locator('main').waitFor();
    return page;
  }

  const focused = (page: Page) =>
    page.evaluate(
      () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
    );

  /** Milliseconds of the page's main thread, as its own clock counts them: what other programs take does not count. */
  async function axeFindings(page: Page): Promise<readonly string[]> {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
    return violations.flatMap((each) => each.nodes.map((node) => `${each.id}: ${node.html}`));
  }

  const places: readonly (readonly [place: string, theme: string])[] = [
    ...['light', 'dark', 'contrast-light', 'contrast-dark'].flatMap((theme) => [
      ['kit', theme] as const,
      ['queue', theme] as const,
    ]),
    ['setup', 'dark'],
    ['lock', 'light'],
  ];

  it.each(places)(
    '%s in %s has nothing that axe finds wrong and nothing the policy refuses',
    async (place, theme) => {
      const page = await open(place, { look: `theme=${theme}` });
      await page.waitForTimeout(300);
      expect(await axeFindings(page)).toEqual([]);
      expect(complaints).toEqual([]);
    },
    60_000,
  );

  it('layers have nothing that axe finds wrong either', async () => {
    const page = await open('queue');
    for (const [open, close] of [
      ['Control+k', 'Escape'],
      ['?', 'Escape'],
    ] as const) {
      await page.keyboard.press(open);
      await page.getByRole('dialog').waitFor();
      expect(await axeFindings(page)).toEqual([]);
      await page.keyboard.press(close);
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    expect(complaints).toEqual([]);
  });

  it('has no target smaller than 24 × 24, compact as it is', async () => {
    const page = await open('queue');
    const small = await page.evaluate(() =>
      Array.from(document.querySelectorAll<HTMLElement>('button, a[href], label, [role="tab"]'))
        .filter((element) => element.getClientRects().length > 0)
        .map((element) => ({ name: element.textContent, box: element.getBoundingClientRect() }))
        .filter(({ box }) => box.width < 23.9 || box.height < 23.9)
        .map(({ name, box }) => `${name} ${box.width}×${box.height}`),
    );
    expect(small).toEqual([]);
  });

  describe('a list of 100,000', () => {
    const rowInFocus = (page: Page) =>
      page.evaluate(() => Number((document.activeElement as HTMLElement | null)?.dataset.index ?? -1));

    it('has one tab stop, and focus follows the keys', async () => {
      const page = await open('queue', { look: 'theme=light&count=100000' });
      expect(await page.locator('[role="row"][data-index][tabindex="0"]').count()).toBe(1);
      await page.locator('[data-index="4"]').focus();
      for (const key of ['ArrowDown', 'j', 'j', 'k']) await page.keyboard.press(key);
      expect(await rowInFocus(page)).toBe(6);
      await page.keyboard.press('End');
      await expect.poll(() => rowInFocus(page)).toBe(99_999);
      await page.keyboard.press('Home');
      await expect.poll(() => rowInFocus(page)).toBe(0);
      const box = await page.locator('[data-index="0"]').boundingBox();
      const head = await page.locator('[role="row"][aria-rowindex="1"]').boundingBox();
      expect(box?.y).toBeGreaterThanOrEqual((head?.y ?? 0) + (head?.height ?? 0) - 1);
    });

    it('keeps the row one stands on while one scrolls away, and comes back to it', async () => {
      const page = await open('queue', { look: 'theme=light&count=100000' });
      await page.locator('[data-index="4"]').focus();
      await page.getByRole('grid').evaluate((grid) => grid.scrollTo(0, 1_500_000));
      await page.locator('[data-index="46880"]').waitFor();
      expect(await rowInFocus(page)).toBe(4);
      await page.keyboard.press('ArrowDown');
      await expect.poll(() => page.getByRole('grid').evaluate((grid) => grid.scrollTop)).toBeLessThan(1000);
      expect(await rowInFocus(page)).toBe(5);
    });

    it('selects by x, by Shift and arrows, and all', async () => {
      const page = await open('queue', { look: 'theme=light&count=100000' });
      const chosen = () => page.locator('[role="row"][aria-selected="true"]').count();
      await page.locator('[data-index="4"]').focus();
      await page.keyboard.press('x');
      expect(await chosen()).toBe(1);
      await page.keyboard.press('Shift+ArrowDown');
      await page.keyboard.press('Shift+ArrowDown');
      expect(await chosen()).toBe(3);
      await page.keyboard.press('Control+a');
      await expect.poll(chosen).toBeGreaterThan(20);
    });

    it('scrolls without blank rows', async () => {
      const page = await open('queue', { look: 'theme=light&count=100000&pane=closed' });
      const grid = page.getByRole('grid');
      let blanks = 0;
      for (let step = 0; step < 60; step++) {
        await grid.evaluate(async (element) => {
          // What a held key or a fast wheel does in one frame: five rows.
          element.scrollTop += 160;
          await new Promise(requestAnimationFrame);
          await new Promise(requestAnimationFrame);
        });
        blanks += await grid.evaluate((element) => {
          const box = element.getBoundingClientRect();
          const looks = [box.top + 44, box.top + box.height / 2, box.bottom - 16];
          const rowAt = (y: number) => document.elementFromPoint(box.left + 300, y)?.closest('[data-index]');
          return looks.filter((y) => !rowAt(y)?.textContent).length;
        });
      }
      expect(blanks).toBe(0);
    });

    it('shows quick actions on the row with the focus, not on hover alone', async () => {
      const page = await open('queue');
      await page.locator('[data-index="7"]').click();
      const row = page.locator('[data-index="7"]');
      expect(await row.getByRole('button', { name: 'Acknowledge, A' }).isVisible()).toBe(true);
      await page.locator('[data-index="7"]').focus();
      await page.keyboard.press('Tab');
      expect(await focused(page)).toBe('Acknowledge, A');
    });
  });

  describe('the pane', () => {
    it('takes the focus on Enter and gives it back to the row', async () => {
      const page = await open('queue', { look: 'theme=light&pane=closed' });
      await page.locator('[data-index="4"]').focus();
      await page.keyboard.press('Enter');
      await expect.poll(() => focused(page)).toContain('11 failed logins');
      await page.keyboard.press('Escape');
      await expect.poll(() => page.evaluate(() => (document.activeElement as HTMLElement).dataset.index)).toBe('4');
    });

    it('pushes the list and can be made wider without a pointer', async () => {
      const page = await open('queue');
      const width = async () => (await page.getByRole('complementary').boundingBox())?.width;
      const list = await page.getByRole('grid').boundingBox();
      const pane = await page.getByRole('complementary').boundingBox();
      expect((list?.x ?? 0) + (list?.width ?? 0)).toBeLessThanOrEqual(pane?.x ?? 0);
      await page.getByRole('separator').focus();
      for (let step = 0; step < 3; step++) await page.keyboard.press('ArrowLeft');
      expect(await width()).toBe(528);
      for (let step = 0; step < 9; step++) await page.keyboard.press('ArrowLeft');
      expect(await width()).toBe(640);
    });
  });

  describe('dialogs', () => {
    it('keep the focus inside and return it', async () => {
      const page = await open('kit');
      await page.getByRole('button', { name: 'Open dialog' }).focus();
      await page.keyboard.press('Enter');
      await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('INPUT');
      for (let step = 0; step < 7; step++) {
        await page.keyboard.press('Tab');
        expect(await page.evaluate(() => document.activeElement?.closest('[role="dialog"]') !== null)).toBe(true);
      }
      await page.keyboard.press('Escape');
      await expect.poll(() => focused(page)).toContain('Open dialog');
    });

    it('that destroy want the name typed, and keep a failure in sight', async () => {
      const page = await open('kit');
      await page.getByRole('button', { name: 'Delete key' }).click();
      const dialog = page.getByRole('alertdialog');
      const confirm = dialog.getByRole('button', { name: 'Delete key' });
      expect(await confirm.isDisabled()).toBe(true);
      await dialog.getByRole('textbox').fill('billing-sync');
      await confirm.click();
      await dialog.getByRole('alert').waitFor();
      expect(await dialog.getByRole('alert').textContent()).toBe('The key is in use by a playbook that runs now.');
    });
  });

  describe('fields', () => {
    it('a code is an ordinary field to autofill and paste', async () => {
      const page = await open('setup');
      const code = page.getByLabel('6-digit code');
      expect(await code.getAttribute('autocomplete')).toBe('one-time-code');
      expect(await code.getAttribute('inputmode')).toBe('numeric');
      await page.evaluate(() => navigator.clipboard.writeText(' 902-417 '));
      await code.focus();
      await page.keyboard.press('Control+a');
      await page.keyboard.press('Control+v');
      await expect.poll(() => code.inputValue()).toBe('902417');
    });

    it('a password can be shown, and says which manager entry it wants', async () => {
      const page = await open('lock');
      const password = page.getByLabel('Password', { exact: true });
      expect(await password.getAttribute('autocomplete')).toBe('current-password');
      expect(await password.getAttribute('type')).toBe('password');
      await page.getByRole('button', { name: 'Show password' }).click();
      expect(await password.getAttribute('type')).toBe('text');
    });

    it('an error is tied to its field', async () => {
      const page = await open('kit');
      const field = page.getByRole('textbox', { name: 'Address' });
      expect(await field.getAttribute('aria-invalid')).toBe('true');
      const described = (await field.getAttribute('aria-describedby')) ?? '';
      const texts = await Promise.all(described.split(' ').map((id) => page.locator(`[id="${id}"]`).textContent()));
      expect(texts.join(' ')).toContain('Expected an IPv4 or IPv6 address.');
    });
  });

  describe('the keyboard', () => {
    it('goes by g q, not while one types, and not when switched off', async () => {
      const page = await open('kit');
      await page.keyboard.press('g');
      await page.keyboard.press('q');
      expect(new URL(page.url()).hash).toBe('#/queue');
      await page.goto(`${gallery.url}?theme=light#/kit`);
      await page.getByLabel('Name', { exact: true }).fill('');
      await page.keyboard.type('gq');
      expect(new URL(page.url()).hash).toBe('#/kit');
      expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('gq');
      await page.getByRole('heading', { name: 'Kit' }).click();
      await page.keyboard.press('?');
      await page.getByRole('dialog').getByLabel('Use shortcuts of one letter').uncheck();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.keyboard.press('g');
      await page.keyboard.press('q');
      expect(new URL(page.url()).hash).toBe('#/kit');
    });

    it('locks from inside a dialog', async () => {
      const page = await open('kit');
      await page.getByRole('button', { name: 'Open dialog' }).click();
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Control+l');
      expect(await page.evaluate(() => document.documentElement.dataset.locked)).toBe('yes');
    });

    it('walks the regions with F6 and returns to where one was', async () => {
      const page = await open('queue');
      await page.locator('[data-index="4"]').focus();
      const region = () =>
        page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-region]')?.dataset.region);
      const walked: (string | undefined)[] = [];
      for (let step = 0; step < 5; step++) {
        await page.keyboard.press('F6');
        walked.push(await region());
      }
      expect(walked).toEqual(['detail', 'status', 'title bar', 'navigation', 'screen']);
      expect(await page.evaluate(() => (document.activeElement as HTMLElement).dataset.index)).toBe('4');
    });

    it('undoes from the message, and says so to a screen reader', async () => {
      const page = await open('queue');
      await page.getByRole('button', { name: 'Export' }).click();
      await expect
        .poll(() => page.locator('[aria-live="polite"]').first().textContent())
        .toBe('42 closed as benign. Undo with Z');
      await page.locator('[data-index="4"]').focus();
      await page.keyboard.press('z');
      await page.getByText('42 closed as benign', { exact: true }).waitFor({ state: 'detached' });
    });

    it('chooses a span of the histogram without a pointer', async () => {
      const page = await open('queue');
      await page.getByRole('listbox', { name: /Choose a span/ }).focus();
      for (const key of ['ArrowLeft', 'Shift+ArrowLeft', 'Shift+ArrowLeft', 'Enter']) await page.keyboard.press(key);
      expect(await page.locator('[role="option"][aria-selected="true"]').count()).toBe(3);
    });
  });

  describe('the palette', () => {
    it('opens, finds, shows what it would do, and copies the command line', async () => {
      const page = await open('queue');
      await page.keyboard.press('Control+k');
      await page.keyboard.type('block 203.0.113.7 4h');
      const chosen = page.getByRole('option', { selected: true });
      await expect.poll(() => chosen.textContent()).toContain('Block 203.0.113.7 for 4h');
      await page.getByText('0 of 23').waitFor();
      await page.keyboard.press('Control+c');
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('gatehouse block 203.0.113.7 --for 4h');
    });

    it('goes to a screen by Enter', async () => {
      const page = await open('kit');
      await page.keyboard.press('Control+k');
      await page.keyboard.type('que');
      await expect.poll(() => page.getByRole('option', { selected: true }).textContent()).toContain('Queue');
      await page.keyboard.press('Enter');
      await expect.poll(() => new URL(page.url()).hash).toBe('#/queue');
    });
  });

  describe('narrow windows', () => {
    const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

    it('under 900 px the rail shows icons with their names as labels', async () => {
      const page = await open('queue', { width: 860 });
      expect((await page.getByRole('navigation', { name: 'Main' }).boundingBox())?.width).toBeLessThanOrEqual(48);
      expect(await page.getByRole('link', { name: /^Queue\s?, 37$/ }).getAttribute('aria-current')).toBe('page');
      expect(await overflow(page)).toBe(0);
    });

    it('a screen too narrow for both gives the pane its whole width, and nothing behind it can be focused', async () => {
      for (const [width, rail] of [
        [1100, 208],
        [600, 48],
      ] as const) {
        const page = await open('queue', { width });
        const pane = await page.getByRole('complementary').boundingBox();
        expect([pane?.x, pane?.width]).toEqual([rail, width - rail]);
        expect(await focused(page)).toContain('11 failed logins');
        expect(await page.locator('[role="grid"]').evaluate((grid) => grid.closest('[inert]') !== null)).toBe(true);
        expect(await overflow(page)).toBe(0);
        await page.keyboard.press('Escape');
        await page.getByRole('complementary').waitFor({ state: 'detached' });
        expect(await page.locator('[inert]').count()).toBe(0);
        await context.close();
      }
    });

    it('a narrow list leaves out the columns that can be spared, and gives the row back its focus', async () => {
      const page = await open('queue', { width: 500, look: 'theme=light&pane=closed' });
      expect(await page.getByRole('grid').getByRole('columnheader').allTextContents()).toEqual([
        'Select',
        'Severity',
        'Risk',
        'Alert',
        'Age',
        'SLA left',
        'Actions',
      ]);
      const pill = await page.getByRole('button', { name: '3 new' }).boundingBox();
      expect((pill?.x ?? 0) + (pill?.width ?? 0)).toBeLessThanOrEqual(500);
      await page.locator('[data-index="4"]').focus();
      await page.keyboard.press(' ');
      await page.getByRole('complementary').waitFor();
      await page.keyboard.press('Escape');
      await expect.poll(() => page.evaluate(() => (document.activeElement as HTMLElement).dataset.index)).toBe('4');
    });

    it('at 320 px, which is 400 % of 1280, nothing needs scrolling sideways', async () => {
      for (const place of ['kit', 'queue', 'setup', 'lock']) {
        const page = await open(place, { width: 320 });
        expect([place, await overflow(page)]).toEqual([place, 0]);
        await context.close();
      }
    });
  });

  it('keeps words and shapes under forced colours', async () => {
    const page = await open('queue');
    await page.emulateMedia({ forcedColors: 'active' });
    const glyph = page.locator('[data-index="0"] svg').first();
    expect(await glyph.evaluate((svg) => getComputedStyle(svg).fill)).not.toBe('none');
    expect(await page.locator('[data-index="0"]').textContent()).toContain('Critical');
  });

  it('does not move for those who asked for that', async () => {
    const page = await open('kit');
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const moving = await page.evaluate(
      () =>
        document.getAnimations().filter((each) => Number(each.effect?.getComputedTiming().duration ?? 0) > 0).length,
    );
    expect(moving).toBe(0);
  });
});

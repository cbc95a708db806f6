// Every screen in a small window, as a window of 1280 px shows it at 400 % (WCAG 1.4.10, 1.4.4, 2.4.11): rows come into view, nothing is
// wider than the window, and whatever the Tab key reaches is seen whole.
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientOf, type NodeProcess } from '../support/node.ts';
import { accessibilityFaults } from './accessibility.ts';
import { openContext } from './browser.ts';
import { openScreen, type Screen, takePicture } from './screen.ts';

let screen: Screen;
let page: Page;

beforeAll(async () => {
  screen = await openScreen(fill);
  ({ page } = screen);
  await page.emulateMedia({ reducedMotion: 'reduce' });
}, 180_000);

afterAll(() => screen?.[Symbol.asyncDispose]());

async function fill(of: NodeProcess, token: string): Promise<void> {
  using client = clientOf(of, token);
  const login = { time: new Date().toISOString(), source: 'web-1', event_type: 'login', success: false };
  const events = ['mira', 'jonas', 'edda', 'tarek'].flatMap((actor, at) =>
    Array.from({ length: 12 }, () => ({ id: randomUUID(), ...login, actor, ip_address: `203.0.113.${at}` })),
  );
  await client.call('events.ingest', { events });
  for (const name of ['collector', 'siem', 'dashboard']) {
    await client.call('keys.create', { name, scopes: ['events.write', 'alerts.read'] });
  }
  for (const name of ['billing/db/password', 'billing/api/key', 'shop/smtp/password']) {
    await client.call('secrets.create', { name, value: 'vT7-quartz!Lane04_mOss' });
  }
}

interface Judgement {
  readonly tooWide: readonly string[];
  /** Rows of data whose whole height shows. */
  readonly rowsInView: number;
  /** What is wrong with where the focus stands. */
  readonly fault: string | undefined;
}

/** Runs in the page. Data that needs two dimensions may scroll in its own box (1.4.10), and so does the one line of the status bar. */
function judge(): Judgement {
  const mayScroll =
    'table, [role=grid], pre, [data-region=status], [aria-label="ATT&CK techniques by tactic"], .visually-hidden';
  const nameOf = (element: Element) => {
    const words = element.getAttribute('aria-label') ?? element.textContent ?? '';
    return `${element.tagName.toLowerCase()} "${words.slice(0, 40)}"`;
  };
  const isAt = (element: Element, x: number, y: number) => {
    const found = document.elementFromPoint(x, y);
    return found !== null && (element.contains(found) || found.closest('label')?.contains(element) === true);
  };
  const isTooWide = (element: Element) => {
    if (element.closest(mayScroll) !== null) return false;
    const { left, right, width, height } = element.getBoundingClientRect();
    return width > 1 && height > 1 && element.checkVisibility() && (right > innerWidth + 1 || left < -1);
  };
  const isRowInView = (row: Element) => {
    const { top, bottom, left, height } = row.getBoundingClientRect();
    const isInside = height >= 8 && top >= 0 && bottom <= innerHeight + 1;
    return isInside && [top + 3, bottom - 3].every((y) => isAt(row, left + 24, y));
  };
  const faultOfFocus = () => {
    const element = document.activeElement;
    if (element === null || element === document.body) return undefined;
    const isDrawn = element.getBoundingClientRect().width >= 12;
    const shown = isDrawn ? element : (element.closest('label') ?? element);
    const whole = shown.getBoundingClientRect();
    // Of a field of several lines a browser brings the line one writes in into view.
    const box = element.tagName === 'TEXTAREA' ? new DOMRect(whole.x, whole.y, whole.width, 20) : whole;
    const isLarge = box.height > innerHeight / 2;
    // A browser leaves what is partly in view sideways where it is, as in a table that scrolls.
    const isInside = box.top >= -1 && box.bottom <= innerHeight + 1 && box.left < innerWidth - 24 && box.right > 24;
    if (!isLarge && !isInside) return `${nameOf(element)} stands at ${[box.left, box.top, box.right, box.bottom]}`;
    const [left, right] = [Math.max(0, box.left), Math.min(innerWidth, box.right)];
    const [top, bottom] = [Math.max(0, box.top), Math.min(innerHeight, box.bottom)];
    const isSeenAt = (y: number) => [left + 3, (left + right) / 2, right - 3].some((x) => isAt(shown, x, y));
    const isSeen = isLarge
      ? Array.from({ length: 16 }, (_, step) => top + ((bottom - top) * step) / 16).some(isSeenAt)
      : [top + 3, (top + bottom) / 2, bottom - 3].every(isSeenAt);
    return isSeen ? undefined : `${nameOf(element)} is covered`;
  };
  return {
    tooWide: Array.from(document.querySelectorAll('body *')).filter(isTooWide).map(nameOf),
    rowsInView: Array.from(document.querySelectorAll('main [role=row][data-index], main tbody tr')).filter(isRowInView)
      .length,
    fault: faultOfFocus(),
  };
}

/** Presses Tab through the whole page once: what cannot be seen where it has the focus. */
async function tabFaults(on: Page): Promise<string[]> {
  const found: string[] = [];
  let reached = 0;
  await on.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    document.querySelectorAll('[data-tabbed]').forEach((each) => {
      each.removeAttribute('data-tabbed');
    });
  });
  for (let press = 0; press < 300; press += 1) {
    await on.keyboard.press('Tab');
    const isNew = await on.evaluate(() => {
      const element = document.activeElement;
      if (element === null || element === document.body) return undefined;
      if (element.hasAttribute('data-tabbed')) return false;
      element.setAttribute('data-tabbed', '');
      return true;
    });
    if (isNew === undefined) continue;
    if (!isNew) break;
    reached += 1;
    const { fault } = await on.evaluate(judge);
    if (fault !== undefined) found.push(fault);
  }
  expect(reached).toBeGreaterThan(0);
  return found;
}

/** Turns the wheel over the screen until no more comes: the most rows that were in view at once. */
async function rowsByWheel(): Promise<number> {
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
  await page.mouse.move(width / 2 + 24, height / 2);
  let most = (await page.evaluate(judge)).rowsInView;
  for (let turn = 0; turn < 30; turn += 1) {
    await page.mouse.wheel(0, 60);
    await page.waitForTimeout(30);
    most = Math.max(most, (await page.evaluate(judge)).rowsInView);
  }
  return most;
}

async function show(place: string, mark: string): Promise<void> {
  await page.evaluate((hash) => {
    window.location.hash = hash;
  }, place);
  await page.locator(mark).first().waitFor({ state: 'attached' });
}

async function expectReflow(name: string): Promise<void> {
  await takePicture(page, `reflow-${name}`);
  expect((await page.evaluate(judge)).tooWide).toEqual([]);
  expect(await tabFaults(page)).toEqual([]);
  expect(await accessibilityFaults(page)).toEqual([]);
  // Wherever the focus went, the frame itself stands still.
  expect(await page.evaluate(() => [document.documentElement, document.body].map((each) => each.scrollTop))).toEqual([
    0, 0,
  ]);
}

const row = 'main [role=row][data-index]';
const listed = [
  ['queue', '#/queue', row],
  ['events', '#/events', row],
  ['audit', '#/audit', row],
  ['secrets', '#/secrets', row],
  ['keys', '#/access/keys', 'main tbody tr'],
  ['detectors', '#/detections', row],
  ['packs', '#/detections/packs', 'main tbody tr'],
  ['encryption', '#/settings/encryption', 'main tbody tr'],
  ['configuration', '#/settings/configuration', 'main tbody tr'],
] as const;
const others = [
  ['home', '#/home', 'main h1'],
  ['verify', '#/verify', 'main h1'],
  ['sessions', '#/access/sessions', 'main [role=tabpanel]'],
  ['exceptions', '#/detections/exceptions', 'main h1'],
  ['log-sources', '#/detections/log-sources', 'main h1'],
  ['coverage', '#/detections/coverage', 'main h1'],
  ['new-rule', '#/detections/new', 'main h1'],
  ['preferences', '#/settings/preferences', 'main h1'],
  ['backups', '#/settings/backups', 'main h1'],
  ['mirrors', '#/settings/mirrors', 'main h1'],
  ['retention', '#/settings/retention', 'main h1'],
  ['about', '#/settings/about', 'main h1'],
] as const;
test('the screens of the rail are all among these', async () => {
  const linked = await page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('link')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
  const visited = [...listed, ...others].map(([, place]) => place.split('/')[1]);
  expect(linked.filter((href) => !visited.includes(href.split('/')[1] ?? ''))).toEqual([]);
});

describe('320×256, which is 1280×1024 at 400 %', () => {
  beforeAll(() => page.setViewportSize({ width: 320, height: 256 }));

  test.for(listed)('%s shows its rows', async ([name, place, mark]) => {
    await show(place, mark);
    await expectReflow(name);
    // From the top again, and not sideways where the Tab key went.
    await show('#/home', 'main h1');
    await show(place, mark);
    expect(await rowsByWheel()).toBeGreaterThanOrEqual(2);
    await takePicture(page, `reflow-${name}-rows`);
  });

  test.for(others)('%s', async ([name, place, mark]) => {
    await show(place, mark);
    await expectReflow(name);
  });

  test.for(['queue', 'events', 'audit', 'secrets', 'detections'])('%s: the pane', async (name) => {
    await show(`#/${name}`, row);
    await page.locator(row).first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary').waitFor();
    await expectReflow(`${name}-pane`);
    await page.getByRole('complementary').getByRole('button', { name: 'Close', exact: true }).first().press('Enter');
    await page.getByRole('complementary').waitFor({ state: 'detached' });
  });

  test.for([
    ['a secret', '#/secrets', 'New secret', /^Keep|^Create|^Save/],
    ['a key', '#/access/keys', 'New key', /^Create|^Make/],
    ['a bundle', '#/audit', 'Export', /^Next/],
  ] as const)('the dialog of %s can be gone through to its last button', async ([name, place, opener, last]) => {
    await show(place, 'main h1');
    await page.getByRole('main').getByRole('button', { name: opener }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    expect((await page.evaluate(judge)).tooWide).toEqual([]);
    expect(await tabFaults(page)).toEqual([]);
    expect(await accessibilityFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: last }).last().focus();
    expect((await page.evaluate(judge)).fault).toBeUndefined();
    await takePicture(page, `reflow-dialog-${name.replace(' ', '-')}`);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  test('the door', async () => {
    await using context = await openContext(screen.page.context().browser() ?? expect.fail('no browser'));
    const door = await context.newPage();
    await door.setViewportSize({ width: 320, height: 256 });
    await door.goto(screen.node.url);
    await door.getByLabel('User name').waitFor();
    expect((await door.evaluate(judge)).tooWide).toEqual([]);
    expect(await tabFaults(door)).toEqual([]);
    expect(await accessibilityFaults(door)).toEqual([]);
  });
});

describe('320×225, which is 1280×900 at 400 %', () => {
  beforeAll(() => page.setViewportSize({ width: 320, height: 225 }));

  test.for(listed)('%s shows its rows', async ([, place, mark]) => {
    await show(place, mark);
    expect(await rowsByWheel()).toBeGreaterThanOrEqual(2);
  });
});

// Chromium for the end-to-end stories: Debian's, with nothing of it reaching for the network.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright';
import { projectRoot } from '../support/node.ts';

export const chromiumPath = process.env.GATEHOUSE_TEST_CHROMIUM ?? '/usr/bin/chromium';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath, args: flags });
}

/** The console's certificate is its own; the stories check it by its fingerprint elsewhere. */
export function openContext(browser: Browser, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  return browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 1440, height: 900 },
    timezoneId: 'UTC',
    ...options,
  });
}

/** The renderer as `npm start` builds it. */
export function buildConsole(): void {
  if (existsSync(join(projectRoot, 'out/renderer/index.html')) && process.env.CI !== 'true') return;
  const built = spawnSync(
    process.execPath,
    [join(projectRoot, 'node_modules/electron-vite/bin/electron-vite.js'), 'build'],
    {
      cwd: projectRoot,
      encoding: 'utf8',
    },
  );
  if (built.status !== 0) throw new Error(`the console could not be built:\n${built.stdout}${built.stderr}`);
}

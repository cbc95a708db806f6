// The browser for the kit's tests. Where there is none the suite says so and does not count as passed: it is not run, and where
// services are required that is a failure.

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright';

const executablePath = process.env.GATEHOUSE_CHROMIUM ?? '/usr/bin/chromium';

export const hasChromium = existsSync(executablePath);
export const chromiumRequired = process.env.GATEHOUSE_TEST_SERVICES === 'required';

export async function launchChromium(): Promise<Browser> {
  return await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

// The desktop window in a real Electron, where its runtime is installed. Where it is not, one test says so, and holds the machine to it:
// it fails if there is a runtime after all, or if GATEHOUSE_TEST_ELECTRON=required asks for one.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron } from 'playwright';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const hasDisplay =
  process.platform !== 'linux' || process.env.DISPLAY !== undefined || process.env.WAYLAND_DISPLAY !== undefined;

/** Electron's executable, without importing Electron: that would start a download. */
function findRuntime(): string | undefined {
  const folder = join(root, 'node_modules/electron');
  if (!existsSync(join(folder, 'path.txt'))) return undefined;
  const executable = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8'));
  return existsSync(executable) ? executable : undefined;
}

const runtime = findRuntime();

if (runtime === undefined || !hasDisplay) {
  const words = runtime === undefined ? 'not run: no Electron runtime' : 'not run: no display for Electron';
  process.stderr.write(`desktop window, end to end: ${words}\n`);
  test(words, () => {
    // A runtime that is there but not found would otherwise be passed over in silence.
    const elsewhere = process.env.ELECTRON_OVERRIDE_DIST_PATH;
    const present = existsSync(join(root, 'node_modules/electron/dist')) || elsewhere !== undefined;
    expect({ present, hasDisplay }, 'a runtime is there and was not used').not.toEqual({
      present: true,
      hasDisplay: true,
    });
    expect(process.env.GATEHOUSE_TEST_ELECTRON, `${words}, and it is required here`).not.toBe('required');
  });
} else {
  test('the window opens, is sandboxed, has three names and no network, and claims its set-up', async () => {
    const built = spawnSync(
      process.execPath,
      [join(root, 'node_modules/electron-vite/bin/electron-vite.js'), 'build'],
      {
        cwd: root,
        encoding: 'utf8',
      },
    );
    expect(built.status, built.stderr).toBe(0);
    const home = mkdtempSync(join(tmpdir(), 'gatehouse-window-'));
    const environment = Object.fromEntries(
      Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    const application = await _electron.launch({
      executablePath: runtime,
      args: [root],
      env: { ...environment, GATEHOUSE_HOME: home, GATEHOUSE_PORT: '0' },
    });
    try {
      const page = await application.firstWindow();
      await page.waitForSelector('h1');
      expect(page.url()).toMatch(/^app:\/\/gatehouse\/(#|$)/);
      const seen = await page.evaluate(async () => ({
        names: Object.keys(Reflect.get(globalThis, 'gatehouse') as object).sort(),
        node: ['require', 'process', 'Buffer', 'module'].filter((name) => name in globalThis),
        origin: globalThis.location.origin,
        secure: globalThis.isSecureContext,
        opened: globalThis.open('https://example.com/') !== null,
        state: await (
          Reflect.get(globalThis, 'gatehouse') as { call(name: string, input: object): Promise<unknown> }
        ).call('setup.state', {}),
      }));
      expect(seen).toMatchObject({
        names: ['call', 'platform', 'subscribe'],
        node: [],
        origin: 'app://gatehouse',
        secure: true,
        opened: false,
        state: { kind: 'output', output: { step: 'keys' } },
      });
      const fetched = await page.evaluate(() =>
        fetch('https://127.0.0.1:9443/health').then(
          () => 'answered',
          () => 'refused',
        ),
      );
      expect(fetched).toBe('refused');
      const preferences = await application.evaluate(({ BrowserWindow }) => {
        const [window] = BrowserWindow.getAllWindows();
        return { count: BrowserWindow.getAllWindows().length, tools: window?.webContents.isDevToolsOpened() };
      });
      expect(preferences).toEqual({ count: 1, tools: false });
    } finally {
      await application.close();
      rmSync(home, { recursive: true, force: true });
    }
  });
}

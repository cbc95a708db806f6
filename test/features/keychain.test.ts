// The operating system's keychain, for real: a Secret Service of its own for this test, and a console that keeps its key there.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { admin, createProfile, projectRoot } from '../support/node.ts';

const programs = ['dbus-run-session', 'gnome-keyring-daemon'];
const missing = programs.filter((name) => spawnSync('which', [name]).status !== 0);
const required = process.env.GATEHOUSE_TEST_SERVICES === 'required';

/** Runs `node SCRIPT` inside a D-Bus session with an unlocked keyring that nobody else uses. */
function inKeyring(
  home: string,
  environment: NodeJS.ProcessEnv,
  script: string,
): { status: number | null; stdout: string; stderr: string } {
  const runtime = join(home, 'runtime');
  mkdirSync(runtime, { recursive: true, mode: 0o700 });
  const shell = 'printf %s test-only | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$@"';
  return spawnSync(
    'dbus-run-session',
    ['--', 'bash', '-c', shell, '_', process.execPath, '--input-type=module-typescript', '-e', script],
    {
      cwd: projectRoot,
      encoding: 'utf8',
      env: { ...environment, XDG_DATA_HOME: join(home, 'data'), XDG_RUNTIME_DIR: runtime },
    },
  );
}

if (missing.length > 0) {
  test(`the keychain's programs are installed (not run here without: ${missing.join(', ')})`, () => {
    console.warn(`keychain suite not run: ${missing.join(', ')} missing; apt-get install gnome-keyring dbus`);
    expect(required ? missing : []).toEqual([]);
  });
} else {
  test('keeps, gives back and forgets a value; a missing one is undefined', () => {
    using profile = createProfile();
    const script = `
      const { createOsKeychain } = await import('./src-main/adapters/vault/os-keychain.ts');
      const keychain = createOsKeychain();
      const before = keychain.get('console-1');
      keychain.set('console-1', 'c2VjcmV0');
      const kept = keychain.get('console-1');
      keychain.delete('console-1');
      console.log(JSON.stringify({ probe: keychain.probe(), before: before ?? null, kept, after: keychain.get('console-1') ?? null }));
    `;
    const done = inKeyring(profile.home, profile.environment, script);
    expect(JSON.parse(done.stdout)).toEqual({
      probe: { available: true, detail: 'Secret Service' },
      before: null,
      kept: 'c2VjcmV0',
      after: null,
    });
  });

  test('a console set up with the keychain opens again with it, and without it says what to do', () => {
    using profile = createProfile();
    const { GATEHOUSE_ENCRYPTION_KEY: _, ...environment } = profile.environment;
    const start = `
      const { compose } = await import('./src-main/shells/compose.ts');
      const composed = await compose({
        home: process.env.GATEHOUSE_HOME, folderFixed: true, environment: process.env, flags: new Map(),
        rulesFolder: 'resources/rules', staticRoot: 'out/none', version: '0', tell: () => {},
      });
      console.log(JSON.stringify({ ready: composed.core.setupFinished() }));
      await composed.stop();
    `;
    const withAdmin = {
      ...environment,
      GATEHOUSE_ADMIN_USERNAME: admin.username,
      GATEHOUSE_ADMIN_PASSWORD: admin.password,
    };
    const first = inKeyring(profile.home, withAdmin, start);
    expect(JSON.parse(first.stdout)).toEqual({ ready: true });
    const again = inKeyring(profile.home, environment, start);
    expect(JSON.parse(again.stdout)).toEqual({ ready: true });
    const without = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', start], {
      cwd: projectRoot,
      encoding: 'utf8',
      env: { ...environment, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent' },
    });
    expect(without.stderr).toContain('the keychain holds no key for console');
    expect(without.status).not.toBe(0);
  });
}

// The command line started by an older Node hands over to the project's own: whatever ends the first ends the second in good order.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { admin, clientOf, createProfile, enrolAdmin, projectRoot, startNode } from '../support/node.ts';

const bin = join(projectRoot, 'src-main/shells/cli/bin.mjs');
/** What makes any Node say that it is an old one; the child that is handed over to does not inherit it. */
const older = [
  '--import',
  'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.20.0"}})',
];

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The one process that it started. */
function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('it did not come to pass in 30 seconds');
    await wait(50);
  }
}

test.each(['SIGKILL', 'SIGTERM'] as const)(
  '%s of the launcher stops the console in good order',
  { timeout: 180_000 },
  async (signal) => {
    using profile = createProfile({
      GATEHOUSE_ADMIN_USERNAME: admin.username,
      GATEHOUSE_ADMIN_PASSWORD: admin.password,
    });
    const launcher = spawn(process.execPath, [...older, bin, 'serve', '--json'], {
      env: profile.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    launcher.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    await once(createInterface({ input: launcher.stdout }), 'line');
    const served = childOf(launcher.pid ?? 0);
    expect(isAlive(served)).toBe(true);
    launcher.kill(signal);
    await until(() => !isAlive(served));
    expect(said).toContain('gatehouse: stopping');
    // The lock is free and the last entry is the stop: nothing was cut off.
    const again = await startNode(profile);
    await again.kill('SIGTERM');
  },
);

test('kill -9 of the launcher ends the program of gatehouse run', { timeout: 120_000 }, async () => {
  using profile = createProfile({ GATEHOUSE_ADMIN_USERNAME: admin.username, GATEHOUSE_ADMIN_PASSWORD: admin.password });
  const node = await startNode(profile);
  const { token } = await enrolAdmin(node);
  using client = clientOf(node, token);
  await client.call('secrets.create', { name: 'a/b', value: 'a value' });
  const { key } = await client.call('keys.create', { name: 'run', scopes: ['secrets.read', 'secrets.reveal'] });
  const note = join(profile.home, 'ended');
  const script = `trap 'echo x > ${note}; exit 0' TERM; echo ready; while :; do sleep 0.1; done`;
  const launcher = spawn(process.execPath, [...older, bin, 'run', '--env', 'A=secret:a/b', '--', 'sh', '-c', script], {
    env: { ...profile.environment, GATEHOUSE_URL: node.url, GATEHOUSE_CA: node.ca, GATEHOUSE_API_KEY: key },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(createInterface({ input: launcher.stdout }), 'line');
  launcher.kill('SIGKILL');
  await until(() => existsSync(note));
  await node.kill('SIGTERM');
});

test('a command ends by itself, with its own exit code', { timeout: 60_000 }, async () => {
  const launcher = spawn(process.execPath, [...older, bin, 'audit', 'verify', 'nowhere.ghbundle'], { stdio: 'ignore' });
  expect(await once(launcher, 'exit')).toEqual([2, null]);
});

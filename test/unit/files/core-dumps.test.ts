// Keys stay out of core dumps: asked of the kernel by a process of its own, because it can't be taken back.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const module = resolve(import.meta.dirname, '../../../src-main/adapters/system/host-parts.ts');

test.runIf(process.platform === 'linux')('no mapping of this process goes into a core dump', () => {
  const script = `
    const { leaveMemoryOutOfCoreDumps } = await import(${JSON.stringify(module)});
    const { readFileSync } = await import('node:fs');
    console.log(leaveMemoryOutOfCoreDumps(), readFileSync('/proc/self/coredump_filter', 'utf8').trim());`;
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(ran.stdout.trim()).toBe('true 00000000');
});

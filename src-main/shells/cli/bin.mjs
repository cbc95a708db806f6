#!/usr/bin/env node
// The door of the command line. Checks the Node that runs it before any other module is loaded: an older one crashes without a word
// in the store's native part. The project ships the right one; this hands over to it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const leastMajor = 24;
const major = Number(process.versions.node.split('.', 1)[0]);

if (major >= leastMajor) {
  const { run } = await import('./main.ts');
  process.exitCode = await run(process.argv.slice(2));
} else {
  const root = join(import.meta.dirname, '../../..');
  const shipped = join(root, 'node_modules/.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  if (!existsSync(shipped)) {
    process.stderr.write(
      `gatehouse: needs Node ${leastMajor} or later, this is ${process.versions.node}\nhint: run npm ci, which brings it\n`,
    );
    process.exit(1);
  }
  const child = spawn(shipped, [process.argv[1], ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
}

#!/usr/bin/env node
// The door of the command line. Checks the Node that runs it before any other module is loaded: an older one crashes without a word
// in the store's native part. The project ships the right one; this hands over to it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

const leastMajor = 24;
const major = Number(process.versions.node.split('.', 1)[0]);
const root = join(import.meta.dirname, '../../..');
// Stripping types from our own files on every start would cost a third of it, and 20 MB in each thread. Threads find it by the variable.
// SECURITY: not in the shared temporary folder, where another user could put prepared code in our place.
process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/gatehouse');

/** How the Node that this is handed over to knows it; a channel that somebody else opened says nothing about their end. */
const handedOver = 'gatehouse';

if (major >= leastMajor) {
  if (process.argv0 === handedOver && process.channel) {
    process.on('disconnect', endInGoodOrder);
    // Listening must not keep a command alive that has done its work.
    process.channel.unref();
  }
  const { enableCompileCache } = await import('node:module');
  enableCompileCache(process.env.NODE_COMPILE_CACHE);
  const { run } = await import('./main.ts');
  process.exitCode = await run(process.argv.slice(2));
} else {
  const shipped = join(root, 'node_modules/.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  if (!existsSync(shipped)) {
    process.stderr.write(
      `gatehouse: needs Node ${leastMajor} or later, this is ${process.versions.node}\nhint: run npm ci, which brings it\n`,
    );
    process.exit(1);
  }
  // The channel carries nothing. It closes when this process ends, however it ends: no signal can be passed on after kill -9.
  const child = spawn(shipped, [process.argv[1], ...process.argv.slice(2)], {
    argv0: handedOver,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

/** As at SIGTERM, which also works where the system has no signals: the console stops, `run` ends its program, others just end. */
function endInGoodOrder() {
  if (!process.emit('SIGTERM', 'SIGTERM')) process.exit(128 + constants.signals.SIGTERM);
}

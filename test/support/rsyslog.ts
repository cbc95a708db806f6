// rsyslog as Debian has it, receiving over TLS into a file of a temporary folder.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { TlsPair } from './tls-pairs.ts';

export function hasRsyslog(): boolean {
  const modules = spawnSync('sh', [
    '-c',
    'ls /usr/lib/*/rsyslog/lmnsd_gtls.so /usr/lib/rsyslog/lmnsd_gtls.so 2>/dev/null',
  ]);
  return spawnSync('which', ['rsyslogd']).status === 0 && modules.stdout.length > 0;
}

export type Rsyslog = AsyncDisposable & {
  readonly port: number;
  /** The messages that it wrote down, without their headers. */
  messages(): string[];
  /** What it made of the header of each: priority, host, program, message id and structured data. */
  headers(): string[];
  stop(signal?: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
};

export async function startRsyslog(folder: string, pair: TlsPair): Promise<Rsyslog> {
  const path = (name: string): string => join(folder, name);
  writeFileSync(path('ca.pem'), pair.ca);
  writeFileSync(path('cert.pem'), pair.cert);
  writeFileSync(path('key.pem'), pair.key);
  const port = await freePort();
  writeFileSync(
    path('rsyslog.conf'),
    `global(workDirectory="${folder}" maxMessageSize="256k"
  defaultNetstreamDriver="gtls" defaultNetstreamDriverCAFile="${path('ca.pem')}"
  defaultNetstreamDriverCertFile="${path('cert.pem')}" defaultNetstreamDriverKeyFile="${path('key.pem')}")
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
template(name="bare" type="list") { property(name="msg" droplastlf="on") constant(value="\\n") }
template(name="heads" type="string" string="%pri% %hostname% %programname% %msgid% %structured-data%\\n")
input(type="imtcp" port="${port}")
action(type="omfile" file="${path('received')}" template="bare")
action(type="omfile" file="${path('heads')}" template="heads")
`,
  );
  let child: ReturnType<typeof spawn> | undefined;
  async function start(): Promise<void> {
    child = spawn('rsyslogd', ['-n', '-f', path('rsyslog.conf'), '-i', path('pid')], { stdio: 'ignore' });
    for (let tries = 0; tries < 200; tries++) {
      const listens = spawnSync(process.execPath, [
        '-e',
        `require('node:net').connect(${port}, '127.0.0.1', () => process.exit(0)).on('error', () => process.exit(1))`,
      ]);
      if (listens.status === 0) return;
      await wait(50);
    }
    throw new Error('rsyslog does not start');
  }
  async function stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
  const lines = (name: string): string[] =>
    existsSync(path(name)) ? readFileSync(path(name), 'utf8').split('\n').slice(0, -1) : [];
  await start();
  return {
    port,
    messages: () => lines('received').filter((line) => line.includes('{"stream"')),
    headers: () => lines('heads').filter((line) => line.includes('gatehouse-')),
    start,
    stop,
    [Symbol.asyncDispose]: () => stop('SIGKILL'),
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

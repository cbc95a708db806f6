// The headless server: starts a console, says where it is, stops it in good order. Every refusal is one clear line.
import { join } from 'node:path';
import { homeFolder } from '../../adapters/files/profile.ts';
import { type Composed, compose } from '../compose.ts';
import { projectFolder, version } from '../project.ts';
import { createPrompt } from '../prompt.ts';
import { refusalOf } from '../refusals.ts';

export type ServeOptions = {
  readonly port: number | undefined;
  /** The first line on stdout is a JSON object that tools can wait for. */
  readonly json: boolean;
};

/** Runs until SIGINT or SIGTERM. @returns the exit code. */
export async function serve(options: ServeOptions): Promise<number> {
  let composed: Composed;
  try {
    composed = await compose({
      home: homeFolder(process.env),
      folderFixed: true,
      environment: process.env,
      flags: new Map(options.port === undefined ? [] : [['api.port', options.port]]),
      rulesFolder: join(projectFolder, 'resources/rules'),
      staticRoot: join(projectFolder, 'out/renderer'),
      version,
      tell: (line) => process.stderr.write(`gatehouse: ${line}\n`),
      ...(process.stdin.isTTY ? { askPassphrase } : {}),
    });
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    process.stderr.write(`gatehouse: ${refusal.message}\n`);
    if (refusal.hint !== undefined) process.stderr.write(`hint: ${refusal.hint}\n`);
    return 1;
  }
  const stopped = untilSignal();
  announce(composed, options.json);
  await stopped;
  process.stderr.write('gatehouse: stopping\n');
  await composed.stop();
  return 0;
}

function announce(composed: Composed, json: boolean): void {
  const { core, server, profile, certificates, url } = composed;
  const browserUrl = `https://localhost:${server.port}`;
  if (core.setupFinished()) {
    const ready = { event: 'ready', url, ca: profile.caPem };
    process.stdout.write(json ? `${JSON.stringify(ready)}\n` : `Gatehouse is ready at ${browserUrl}\n`);
    return;
  }
  const fingerprint = certificates.describe(url).server_sha256;
  // SECURITY: the link goes to the terminal alone. Whoever can read it may set the console up; nobody else can.
  process.stderr.write(
    [
      'Gatehouse is not set up yet. Open this link in a browser on this computer; it works once:',
      '',
      `  ${browserUrl}/setup#${core.issueSetupToken()}`,
      '',
      `The certificate was made here; your browser does not know it yet. Its SHA-256 fingerprint is`,
      `  ${fingerprint}`,
      '',
    ].join('\n'),
  );
  if (json) {
    // The ready line comes when set-up is over.
    const timer = setInterval(() => {
      if (!core.setupFinished()) return;
      clearInterval(timer);
      announce(composed, true);
    }, 250);
    timer.unref();
  }
}

async function askPassphrase(): Promise<string> {
  await using prompt = createPrompt();
  return prompt.askSecret('Passphrase of this console: ');
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

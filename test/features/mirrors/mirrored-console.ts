// Consoles with mirrors: the files they write, mirrors that a test breaks, and waiting for what happens in the background.
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { createFileMirror } from '../../../src-main/adapters/telemetry/file-mirror.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import type { Mirror, MirrorFault, MirrorRecord } from '../../../src-main/core/features/mirrors/index.ts';
import type { MirrorStatus, MirrorStream } from '../../../src-shared/contract/mirrors.ts';
import type { TestConsole } from '../../support/console.ts';
import { temporaryFolder } from '../../support/stores.ts';

export type Line = { readonly seq: number; readonly id: string; readonly event_type: string } & Readonly<
  Record<string, unknown>
>;

export function profileFolder(): string {
  const root = temporaryFolder();
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, 'logs'), { mode: 0o700 });
  return root;
}

export function fileMirrors(folder: string, limits = { maxBytes: 1 << 24, count: 8 }): Mirror[] {
  return (['audit', 'activity'] as const).map((stream) =>
    createFileMirror({ name: `logs/${stream}.log`, path: () => join(folder, `logs/${stream}.log`), stream, limits }),
  );
}

/** The lines of a log and of those it was rotated into, oldest first. */
export function linesOf(folder: string, stream: 'audit' | 'activity'): Line[] {
  const names = readdirSync(join(folder, 'logs')).filter((name) => name.startsWith(`${stream}.log`));
  const age = (name: string): number => Number(name.slice(`${stream}.log.`.length) || 0);
  return names
    .sort((left, right) => age(right) - age(left))
    .flatMap((name) =>
      readFileSync(join(folder, 'logs', name), 'utf8')
        .split('\n')
        .slice(0, -1),
    )
    .map((line) => JSON.parse(line) as Line);
}

export type BreakableMirror = Mirror & {
  readonly taken: MirrorRecord[];
  /** Set to break it; undefined mends it. */
  fault: MirrorFault | undefined;
};

export function breakableMirror(name: string, streams: readonly MirrorStream[], format: Mirror['format'] = 'json') {
  const mirror: BreakableMirror = {
    name,
    kind: 'otlp',
    format,
    streams,
    encrypted: true,
    taken: [],
    fault: undefined,
    async send(records) {
      if (mirror.fault !== undefined) throw mirror.fault;
      mirror.taken.push(...records);
      return 0;
    },
    close: () => undefined,
  };
  return mirror;
}

export async function until(
  console: TestConsole,
  session: Credential,
  done: (items: readonly MirrorStatus[]) => boolean,
): Promise<readonly MirrorStatus[]> {
  for (let n = 0; n < 600; n++) {
    const { items } = await console.call('mirrors.list', {}, session);
    if (done(items)) return items;
    console.host.advance(100);
    await sleep(10);
  }
  throw new Error(JSON.stringify((await console.call('mirrors.list', {}, session)).items));
}

export function allWell(items: readonly MirrorStatus[]): boolean {
  return items.every(({ state }) => state === 'well');
}

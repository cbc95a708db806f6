// Consoles with anchors: where they keep things, the anchors themselves, and waiting for what happens in the background.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { createAnchorFile } from '../../../src-main/adapters/anchors/anchor-file.ts';
import { createAnchorLine } from '../../../src-main/adapters/anchors/anchor-request.ts';
import { createWitnessAnchor } from '../../../src-main/adapters/anchors/witness.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import type { Anchor } from '../../../src-main/core/features/audit/index.ts';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';
import { createTestHost } from '../../support/host.ts';
import { temporaryFolder } from '../../support/stores.ts';
import type { WitnessServer } from '../../support/witness-server.ts';

export type Status = Output<'audit.status'>;
export type Folders = { readonly profile: string; readonly file: string; readonly copy: string };

const start = Date.UTC(2026, 10, 21, 14);
export const line = createAnchorLine({ ca: undefined, timeoutMs: 20_000 });

export function folders(): Folders {
  const root = temporaryFolder();
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const name of ['profile', 'volume']) mkdirSync(join(root, name));
  return { profile: join(root, 'profile'), file: join(root, 'volume/anchors.log'), copy: join(root, 'copy') };
}

export function fileAnchor({ profile, file }: Folders): Anchor {
  return createAnchorFile({ path: file, profileFolder: () => profile });
}

export function witnessAnchor(server: WitnessServer): Anchor {
  return createWitnessAnchor({ address: server.address, key: server.key.text, line });
}

export function openWith(profile: string, anchors: readonly Anchor[], at = 0): Promise<TestConsole> {
  return createTestConsole({ folder: profile, anchors, host: createTestHost(start + at, `anchors ${at}`) });
}

export async function until(
  console: TestConsole,
  session: Credential,
  done: (status: Status) => boolean,
): Promise<Status> {
  for (let n = 0; n < 1_000; n++) {
    const status = await console.call('audit.status', {}, session);
    if (done(status)) return status;
    await sleep(10);
  }
  throw new Error(JSON.stringify((await console.call('audit.status', {}, session)).anchors));
}

export function allAnchored({ anchors, checkpoint }: Status): boolean {
  return anchors.every(({ state, anchored_size }) => state === 'anchored' && anchored_size === checkpoint?.size);
}

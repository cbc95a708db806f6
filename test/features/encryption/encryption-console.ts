// Shared by the tests of the keys: a console with sealed values of every kind, and looks into its files with the keys in hand.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { type KeyFile, parseKeyFile } from '../../../src-main/core/features/keys/key-file.ts';
import { openKeyRing } from '../../../src-main/core/features/keys/key-ring.ts';
import type { RotationTask } from '../../../src-shared/contract/encryption.ts';
import type { TestConsole } from '../../support/console.ts';

/** The key that test consoles are given by their environment. */
export const environmentKey = new Uint8Array(32).fill(5);

export function keyFileOf(console: TestConsole): KeyFile {
  return parseKeyFile(readFileSync(join(console.folder, 'keys.json'), 'utf8'));
}

/** Opens all keys of the file; throws when `master` is not theirs. */
export function opens(file: KeyFile, master: Uint8Array): boolean {
  try {
    openKeyRing(file, master, { bytes: (length) => new Uint8Array(length) }).destroy();
    return true;
  } catch {
    return false;
  }
}

export function versionsOf(file: KeyFile, purpose: string): number[] {
  return file.keys.filter((key) => key.purpose === purpose).map((key) => key.version);
}

/** Waits for the rotation under way. */
export async function finished(console: TestConsole, session: Credential): Promise<RotationTask> {
  for (let tries = 0; tries < 600; tries++) {
    const { task } = await console.call('encryption.status', {}, session);
    if (task !== null && task.state !== 'running') return task;
    await wait(20);
  }
  throw new Error('the rotation does not end');
}

export async function entriesOf(console: TestConsole, session: Credential, type: string): Promise<unknown[]> {
  const { items } = await console.call('audit.entries', { event_type: type, limit: 100 }, session);
  return items.map(({ details, actor, success }) => ({ details, actor: actor.name, success })).reverse();
}

/** The audit log is whole, to its last entry. */
export async function expectIntact(console: TestConsole, session: Credential): Promise<void> {
  console.host.advance(1_100);
  for (let tries = 0; tries < 2_000; tries++) {
    const { check } = await console.call('audit.status', {}, session);
    if (check.state !== 'checking') {
      expect(check).toMatchObject({ state: 'intact' });
      return;
    }
    await wait(10);
  }
  throw new Error('the check does not end');
}

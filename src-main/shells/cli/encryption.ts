// `gatehouse encryption …`, `gatehouse lock`, `gatehouse unlock`: the running console's own keys. No key or passphrase stands on a command line.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Presets, SingleBar } from 'cli-progress';
import type { EncryptionStatus, RotatableKey, RotationTask } from '../../../src-shared/contract/encryption.ts';
import type { KeyProtection } from '../../../src-shared/contract/setup.ts';
import { homeFolder, unlockTokenName } from '../../adapters/files/profile.ts';
import { createPrompt, type Prompt } from '../prompt.ts';
import { type Client, createClient } from './client.ts';
import { CommandFailure } from './failure.ts';
import { printTable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

const pollMs = 300;

export async function showStatus(flags: TargetFlags & { json?: boolean }): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const status = await client.call('encryption.status', {});
  if (flags.json === true) process.stdout.write(`${JSON.stringify(status)}\n`);
  else print(status);
}

export async function rotate(key: RotatableKey, flags: TargetFlags & { wait?: boolean }): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const input = key === 'master' ? await askForMaster(client) : {};
  const { recovery_key, next_step, status } = await client.call('encryption.rotate', { key, ...input });
  if (recovery_key !== undefined) {
    process.stderr.write('the new recovery key, shown this once; the one before opens nothing any more:\n');
    process.stdout.write(`${recovery_key}\n`);
  }
  if (next_step !== undefined) process.stderr.write(`before the next start: ${next_step}\n`);
  if (flags.wait !== false && isUnderWay(status.task)) await follow(client);
}

export async function pauseOrResume(action: 'pause' | 'resume', flags: TargetFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  await client.call('encryption.task', { action });
}

export async function changeProtection(protection: KeyProtection, flags: TargetFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  await using prompt = createPrompt();
  const passphrase = protection === 'passphrase' ? { passphrase: await askTwice(prompt, 'New passphrase') } : {};
  const status = await client.call('encryption.protection', { protection, ...passphrase });
  process.stderr.write(`the master key is kept by ${status.protection} (${status.protection_detail}) from now on\n`);
}

export async function newRecoveryKey(flags: TargetFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const { recovery_key, console_name } = await client.call('encryption.recovery_key', {});
  process.stderr.write(`recovery key of ${console_name}, shown this once; the one before opens nothing any more:\n`);
  process.stdout.write(`${recovery_key}\n`);
}

export async function lock(flags: TargetFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  await client.call('vault.lock', {});
  process.stderr.write('the vault is locked; unlock it with: gatehouse unlock\n');
}

export async function unlock(flags: TargetFlags & { recoveryKey?: boolean }): Promise<void> {
  const target = findTarget(flags, process.env);
  // Whoever unlocks proves it by what he gives; a session of before the lock is over.
  using client = createClient({ ...target, token: undefined });
  const state = await client.call('setup.state', {});
  if (state.phase !== 'locked') throw new CommandFailure('the vault is not locked');
  const token = flags.recoveryKey === true || state.unlock_with === 'passphrase' ? undefined : findToken(target.url);
  if (token !== undefined) {
    await client.call('vault.unlock', { token });
    return;
  }
  await using prompt = createPrompt();
  if (flags.recoveryKey === true || state.unlock_with === 'token') {
    if (flags.recoveryKey !== true)
      process.stderr.write('there is no unlock.token that you can read; the recovery key unlocks as well\n');
    await client.call('vault.unlock', { recovery_key: await prompt.askSecret('Recovery key: ') });
  } else await client.call('vault.unlock', { passphrase: await prompt.askSecret('Passphrase of this console: ') });
}

/** SECURITY: it unlocks the console of this profile and is sent to this computer only. */
function findToken(url: string): string | undefined {
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)) return undefined;
  const path = join(homeFolder(process.env), unlockTokenName);
  if (!existsSync(path)) return undefined;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // It belongs to another user: then we are not the one it is for.
    return undefined;
  }
}

async function askForMaster(client: Client): Promise<{ passphrase?: string; new_key?: string }> {
  const { protection } = await client.call('encryption.status', {});
  if (protection === 'keychain') return {};
  await using prompt = createPrompt();
  if (protection === 'passphrase') return { passphrase: await askTwice(prompt, 'Passphrase for the new key') };
  process.stderr.write('make a new key with: openssl rand -base64 32\n');
  return { new_key: (await prompt.askSecret('New master key (32 bytes in base64): ')).trim() };
}

async function askTwice(prompt: Prompt, question: string): Promise<string> {
  const first = await prompt.askSecret(`${question} (12 characters or more): `);
  const second = await prompt.askSecret('Once more: ');
  if (first !== second) throw new CommandFailure('the two do not match; nothing was changed');
  return first;
}

function isUnderWay(task: RotationTask | null): boolean {
  return task?.state === 'running';
}

async function follow(client: Client): Promise<void> {
  const bar =
    process.stderr.isTTY === true
      ? new SingleBar(
          { format: '{bar} {percentage} %  {phase}', stream: process.stderr, clearOnComplete: true },
          Presets.shades_classic,
        )
      : undefined;
  bar?.start(1, 0, { phase: 'beginning' });
  try {
    for (;;) {
      const { task } = await client.call('encryption.status', {});
      if (task !== null) {
        bar?.setTotal(Math.max(1, task.total));
        bar?.update(task.done, { phase: task.phase });
      }
      if (task?.state === 'failed') {
        throw new CommandFailure(`the rotation of the ${task.key} key failed: ${task.error ?? ''}`, {
          hint: 'the old key is kept and everything opens as before',
        });
      }
      if (!isUnderWay(task)) return;
      await wait(pollMs);
    }
  } finally {
    bar?.stop();
  }
}

function print(status: EncryptionStatus): void {
  process.stdout.write(`master key kept by ${status.protection} (${status.protection_detail})\n`);
  process.stdout.write(`recovery key issued ${status.recovery_key_issued_at ?? 'never'}\n`);
  const rows = status.keys.map(({ key, version, state, created_at, due_at, overdue, uses }) => [
    key,
    String(version),
    state,
    created_at,
    due_at === null ? '' : `${due_at}${overdue ? ' overdue' : ''}`,
    uses === null ? '' : String(uses),
  ]);
  printTable(['KEY', 'VERSION', 'STATE', 'CREATED', 'DUE', 'STILL USED BY'], rows);
  process.stdout.write(`${status.subject_keys} keys of single subjects\n`);
  const { task } = status;
  if (task !== null)
    process.stdout.write(
      `rotation of the ${task.key} key: ${task.state}, ${task.phase}, ${task.done} of ${task.total} ${task.unit}\n`,
    );
}

// `gatehouse backup`: a backup of the running console, with its progress.
import { setTimeout as wait } from 'node:timers/promises';
import { Presets, SingleBar } from 'cli-progress';
import type { Backup } from '../../../src-shared/contract/backups.ts';
import { createPrompt } from '../prompt.ts';
import { type Client, createClient, Refused } from './client.ts';
import { CommandFailure } from './failure.ts';
import { printable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

const pollMs = 500;
const leastPassphrase = 12;

export type BackupFlags = TargetFlags & {
  readonly unencrypted?: boolean;
  readonly passphrase?: boolean;
  readonly compliance?: 'hipaa';
  readonly json?: boolean;
};

export async function backup(flags: BackupFlags): Promise<void> {
  const target = findTarget(flags, process.env);
  const passphrase = flags.passphrase === true ? await askPassphrase() : undefined;
  using client = createClient(target);
  // Of its own: the call that makes the backup keeps its connection until it is complete.
  using watcher = createClient(target);
  let ended = false;
  const made = client
    .call('backups.create', {
      encrypted: flags.unencrypted !== true,
      ...(flags.compliance === undefined ? {} : { compliance_mode: flags.compliance }),
      ...(passphrase === undefined ? {} : { passphrase }),
    })
    .finally(() => {
      ended = true;
    });
  const shown = process.stderr.isTTY === true ? follow(watcher, () => ended) : Promise.resolve();
  const result = await made;
  await shown;
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const listed = await find(watcher, (item) => item.backup_id === result.backup_id);
  const lines = [
    `backup ${result.backup_id}, ${result.size_bytes} bytes, ${result.encryption_algorithm ?? 'not encrypted by itself'}`,
    `sha256 ${result.sha256}`,
    ...(listed === undefined
      ? []
      : [`file ${listed.path}`, `opens with ${listed.opens_with.join(', ').replaceAll('_', ' ')}`]),
  ];
  process.stdout.write(`${lines.map(printable).join('\n')}\n`);
}

async function askPassphrase(): Promise<string> {
  await using prompt = createPrompt();
  const passphrase = await prompt.askSecret('Passphrase for this backup, 12 characters or more: ');
  if ([...passphrase].length < leastPassphrase)
    throw new CommandFailure('the passphrase is too short; nothing was made', {
      hint: `use ${leastPassphrase} characters or more`,
    });
  if (process.stdin.isTTY === true && (await prompt.askSecret('Once more: ')) !== passphrase)
    throw new CommandFailure('the two are not the same; nothing was made');
  return passphrase;
}

async function follow(client: Client, ended: () => boolean): Promise<void> {
  const bar = new SingleBar(
    { format: '{bar} {percentage} %  {eta_formatted} left', stream: process.stderr },
    Presets.shades_classic,
  );
  let started = false;
  while (!ended()) {
    const running = await find(client, (item) => item.state === 'running');
    if (running !== undefined && running.total_bytes > 0) {
      if (started) bar.update(running.done_bytes);
      else bar.start(running.total_bytes, running.done_bytes);
      started = true;
    }
    await wait(pollMs);
  }
  if (started) bar.stop();
}

/** Among the newest; undefined for whoever may make backups but not see them. */
async function find(client: Client, fits: (item: Backup) => boolean): Promise<Backup | undefined> {
  try {
    return (await client.call('backups.list', { limit: 20 })).items.find(fits);
  } catch (error) {
    if (error instanceof Refused && error.problem.code === 'access/forbidden') return undefined;
    throw error;
  }
}

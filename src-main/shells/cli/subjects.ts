// `gatehouse subjects …`: what the log keeps about a person, and erasing one.
import { createPrompt } from '../prompt.ts';
import { createClient } from './client.ts';
import { CommandFailure } from './failure.ts';
import { findTarget, type TargetFlags } from './target.ts';

type Flags = TargetFlags & { readonly reason: string; readonly json?: boolean };

export async function access(flags: Flags): Promise<void> {
  const subject_id = await askId();
  using client = createClient(findTarget(flags, process.env));
  const found = await client.call('subjects.access', { subject_id, reason: flags.reason });
  if (flags.json === true) process.stdout.write(`${JSON.stringify(found)}\n`);
  else
    process.stdout.write(`${found.state}, ${found.entries} entries ${found.seqs.map((seq) => `#${seq}`).join(' ')}\n`);
}

export async function erase(flags: Flags & { readonly yes?: boolean }): Promise<void> {
  if (flags.yes !== true) {
    throw new CommandFailure('erasing can not be undone: the key of everything about this person is destroyed', {
      hint: 'add --yes when the decision is taken',
      exitCode: 2,
    });
  }
  const subject_id = await askId();
  using client = createClient(findTarget(flags, process.env));
  const done = await client.call('subjects.erase', { subject_id, reason: flags.reason });
  if (flags.json === true) process.stdout.write(`${JSON.stringify(done)}\n`);
  else
    process.stdout.write(
      `erased: ${done.records_deleted} entries can not be read any more; recorded as ${done.audit_reference}, ${done.erasure_id}\n`,
    );
}

/** Not on the command line, where other programs and the shell's history would keep it. */
async function askId(): Promise<string> {
  await using prompt = createPrompt();
  return (await prompt.ask('Id of the person: ')).trim();
}

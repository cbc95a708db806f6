// `gatehouse rules mapping …`: the workspace's own mapping of log sources, and a look at one without a console.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { longestMapping, type MappingFull } from '../../../src-shared/contract/mappings.ts';
import { reasonOf } from '../../base/file-words.ts';
import { parseLogSourceFile } from '../../engine/rules/log-source-file.ts';
import { RuleError } from '../../engine/rules/rule-error.ts';
import { createClient } from './client.ts';
import { CommandFailure } from './failure.ts';
import { printable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

export type SetMappingFlags = TargetFlags & { readonly note?: string };

export async function showMapping(flags: TargetFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const { mapping } = await client.call('mappings.get', {});
  if (mapping === null) {
    process.stderr.write('there is none: the standard log sources alone apply\n');
    return;
  }
  process.stdout.write(mapping.text.endsWith('\n') ? mapping.text : `${mapping.text}\n`);
  process.stderr.write(`set ${mapping.changed_at} by ${printable(mapping.changed_by)}: ${words(mapping)}\n`);
  if (mapping.problem !== null) process.stderr.write(`not used: ${printable(mapping.problem.message)}\n`);
}

/** @returns the exit code. */
export function checkMappingFile(file: string): number {
  try {
    const { entries, rules } = parseLogSourceFile(basename(file), read(file));
    process.stderr.write(`${printable(file)}: ${words({ entries, single_rules: rules.size })}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    process.stdout.write(`${printable(error.message)}\n`);
    return 1;
  }
}

export async function setMapping(file: string, flags: SetMappingFlags): Promise<void> {
  const text = read(file);
  if (text.length > longestMapping)
    throw new CommandFailure(`${file}: more than ${longestMapping} characters`, { exitCode: 2 });
  using client = createClient(findTarget(flags, process.env));
  const set = await client.call('mappings.set', { text, ...(flags.note === undefined ? {} : { note: flags.note }) });
  process.stderr.write(`${words(set)}; the rules are being compiled with them\n`);
}

export async function removeMapping(flags: TargetFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  await client.call('mappings.remove', {});
}

function words({ entries, single_rules }: { entries: readonly unknown[]; single_rules: MappingFull['single_rules'] }) {
  const sources = `${entries.length} log ${entries.length === 1 ? 'source' : 'sources'}`;
  return single_rules === 0
    ? sources
    : `${sources} and ${single_rules} single ${single_rules === 1 ? 'rule' : 'rules'}`;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CommandFailure(`cannot read ${file}: ${reasonOf(cause)}`, {
      cause,
      exitCode: 2,
    });
  }
}

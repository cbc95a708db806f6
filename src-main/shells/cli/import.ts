// `gatehouse import FILE…`: a file in chunks to the running console, with progress, counts and bad lines.
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Presets, SingleBar } from 'cli-progress';
import type { ImportState, LogFormatChoice } from '../../../src-shared/contract/events.ts';
import { reasonOf } from '../../base/file-words.ts';
import { type Client, createClient } from './client.ts';
import { CommandFailure } from './failure.ts';
import { printable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

const chunkBytes = 512 * 1024;

export type ImportFlags = TargetFlags & {
  readonly format?: LogFormatChoice;
  readonly zone?: string;
  readonly columns?: Readonly<Record<string, string>>;
  readonly json?: boolean;
};

export async function importFiles(paths: readonly string[], flags: ImportFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  for (const path of paths) {
    const result = await importFile(client, path, flags);
    if (flags.json === true) process.stdout.write(`${JSON.stringify(result)}\n`);
    else report(path, result);
  }
}

async function importFile(client: Client, path: string, flags: ImportFlags): Promise<ImportState> {
  const size = await sizeOf(path);
  await using file = await open(path, 'r');
  const started = await client.call('imports.start', {
    name: basename(path).toWellFormed(),
    size_bytes: size,
    ...(flags.format === undefined ? {} : { format: flags.format }),
    ...(flags.zone === undefined ? {} : { zone: flags.zone }),
    ...(flags.columns === undefined ? {} : { columns: { ...flags.columns } }),
  });
  const cancel = new AbortController();
  const onInterrupt = (): void => cancel.abort();
  process.once('SIGINT', onInterrupt);
  const bar = progressBar(size);
  try {
    const buffer = new Uint8Array(chunkBytes);
    let offset = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, chunkBytes, offset);
      if (bytesRead === 0) break;
      const state = await client.call('imports.append', {
        id: started.id,
        offset,
        data: buffer.subarray(0, bytesRead),
      });
      offset += bytesRead;
      bar?.update(offset, { records: state.records });
      if (cancel.signal.aborted) {
        await client.call('imports.cancel', { id: started.id });
        throw new CommandFailure(`stopped; ${state.accepted} events were taken in and stay`, {
          hint: 'importing the file again adds only the rest',
          exitCode: 130,
        });
      }
    }
    return await client.call('imports.finish', { id: started.id });
  } finally {
    bar?.stop();
    process.off('SIGINT', onInterrupt);
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new CommandFailure(`${path} is not a file`);
    return found.size;
  } catch (cause) {
    if (cause instanceof CommandFailure) throw cause;
    throw new CommandFailure(`cannot read ${path}: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

function progressBar(size: number): SingleBar | undefined {
  if (process.stderr.isTTY !== true) return undefined;
  const bar = new SingleBar(
    { format: '{bar} {percentage} %  {records} records  {eta_formatted} left', etaBuffer: 20, stream: process.stderr },
    Presets.shades_classic,
  );
  bar.start(size, 0, { records: 0 });
  return bar;
}

function report(path: string, result: ImportState): void {
  const counts = `${result.accepted} accepted, ${result.duplicates} duplicate, ${result.rejected} rejected`;
  const alerts = result.alerts === 1 ? '1 alert' : `${result.alerts} alerts`;
  process.stdout.write(
    `${printable(path)}: ${result.format ?? 'empty'}, ${result.records} records: ${counts}; ${alerts}\n`,
  );
  for (const { line, reason } of result.bad_lines) process.stdout.write(`  line ${line}: ${printable(reason)}\n`);
  const hidden = result.rejected - result.bad_lines.length;
  if (hidden > 0) process.stdout.write(`  and ${hidden} more\n`);
}

// `gatehouse alerts export`: what the queue shows for a query, in the format of another tool. `gatehouse alerts load`: what a scan found, as
// alerts.
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { filtersOf } from '../../../src-shared/alert-query.ts';
import type { OutputFormat } from '../../../src-shared/contract/search.ts';
import { reasonOf } from '../../base/file-words.ts';
import { createLineSplitter, type Line } from '../../engine/formats/lines.ts';
import { parseFindingLine } from '../scan/finding-lines.ts';
import { createLoading, loadedText } from '../scan/loading.ts';
import { readQuery } from './alerts-list.ts';
import { createClient } from './client.ts';
import { CommandFailure } from './failure.ts';
import { type LineFileFlags, writeLinePages } from './line-file.ts';
import { printable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

export type AlertsExportFlags = TargetFlags &
  LineFileFlags & {
    readonly format: OutputFormat | 'ocsf';
    readonly sort: 'newest' | 'risk';
  };

export async function exportAlerts(words: readonly string[], flags: AlertsExportFlags): Promise<void> {
  const filters = filtersOf(readQuery(words.join(' ')), Date.now());
  const format = flags.format === 'ocsf' ? 'ocsf-1.8.0' : flags.format;
  using client = createClient(findTarget(flags, process.env));
  await writeLinePages(
    (cursor) =>
      client.call('alerts.export', {
        ...filters,
        format,
        sort: flags.sort,
        ...(cursor === undefined ? {} : { cursor }),
      }),
    'alert',
    flags,
  );
}

const badShown = 20;
/** Bytes; a console takes no larger finding. */
const longestLine = 1_048_576;

/** @returns the exit code: 2 when something of the file could not be loaded. */
export async function loadAlerts(file: string, flags: TargetFlags): Promise<number> {
  const stream = file === '-' ? process.stdin : createReadStream(file);
  if (file !== '-')
    await once(stream, 'open').catch((cause: unknown) => {
      throw new CommandFailure(`cannot read ${file}: ${reasonOf(cause)}`, {
        cause,
        exitCode: 2,
      });
    });
  using client = createClient(findTarget(flags, process.env));
  const loading = createLoading(client);
  let bad = 0;
  const lines = createLineSplitter(longestLine);
  let waiting: Line[] = [];
  async function load(): Promise<void> {
    const taken = waiting;
    waiting = [];
    for (const { line, bytes } of taken) {
      if (bytes?.length === 0) continue;
      const finding =
        bytes === undefined ? `longer than ${longestLine} bytes` : parseFindingLine(Buffer.from(bytes).toString());
      if (typeof finding !== 'string') await loading.add(finding);
      else if (++bad <= badShown) say(`line ${line}: ${finding}`);
    }
  }
  for await (const chunk of stream) {
    lines.push(chunk as Buffer, (line) => void waiting.push(line));
    await load();
  }
  lines.end((line) => void waiting.push(line));
  await load();
  if (bad > badShown) say(`and ${bad - badShown} more lines that hold no finding`);
  const loaded = await loading.end();
  for (const reason of loaded.reasons) say(reason);
  say(loadedText(loaded));
  return bad > 0 || loaded.rejected > 0 ? 2 : 0;
}

function say(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

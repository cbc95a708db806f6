// `gatehouse alerts export`: what the queue shows for a query, in the format of another tool.
import { filtersOf, parseQuery } from '../../../src-shared/alert-query.ts';
import type { OutputFormat } from '../../../src-shared/contract/search.ts';
import { createClient } from './client.ts';
import { CommandFailure } from './failure.ts';
import { type LineFileFlags, writeLinePages } from './line-file.ts';
import { findTarget, type TargetFlags } from './target.ts';

export type AlertsExportFlags = TargetFlags &
  LineFileFlags & {
    readonly format: OutputFormat | 'ocsf';
    readonly sort: 'newest' | 'risk';
  };

export async function exportAlerts(words: readonly string[], flags: AlertsExportFlags): Promise<void> {
  const { query, problems } = parseQuery(words.join(' '));
  if (problems.length > 0)
    throw new CommandFailure(`the query can't be understood: ${problems.join(' ')}`, {
      hint: 'write it as in the queue: severity:critical,high status:closed user:alice risk:>=60 age:<24h',
      exitCode: 2,
    });
  const filters = filtersOf(query, Date.now());
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

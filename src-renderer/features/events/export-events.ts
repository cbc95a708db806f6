// A search's events as a file in the format of another tool, fetched page by page and saved by the page itself.

import type { OutputFormat } from '../../../src-shared/contract/search.ts';
import { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import { saveFile } from '../../app/save-file.ts';
import { formatCount } from '../../lib/numbers.ts';
import { announce } from '../../ui/feedback/announcer.ts';
import { toasts } from '../../ui/feedback/toast-list.ts';

interface ExportFormat {
  readonly format: OutputFormat;
  readonly label: string;
  readonly detail: string;
  readonly extension: string;
}

export const exportFormats: readonly ExportFormat[] = [
  { format: 'jsonl', label: 'JSON lines', detail: 'as the API answers them', extension: 'jsonl' },
  { format: 'csv', label: 'CSV', detail: 'for spreadsheets', extension: 'csv' },
  { format: 'ocsf-1.8.0', label: 'OCSF 1.8.0', detail: 'JSON lines', extension: 'jsonl' },
  { format: 'ocsf-1.1.0', label: 'OCSF 1.1.0', detail: 'JSON lines, for older readers', extension: 'jsonl' },
  { format: 'ecs', label: 'Elastic Common Schema', detail: 'JSON lines', extension: 'jsonl' },
  { format: 'cef', label: 'CEF', detail: 'ArcSight', extension: 'cef' },
  { format: 'rfc5424', label: 'Syslog', detail: 'RFC 5424 lines', extension: 'log' },
];

/** A file that the page holds in memory must end somewhere; the command line writes any number. */
const mostEvents = 100_000;
const pageLength = 5_000;

export async function exportEvents(query: string, format: OutputFormat): Promise<void> {
  const parts: string[] = [];
  let count = 0;
  let cursor: string | undefined;
  try {
    do {
      const page = await call('events.export', {
        ...(query === '' ? {} : { q: query }),
        format,
        limit: pageLength,
        ...(cursor === undefined ? {} : { cursor }),
      });
      if (cursor === undefined && page.header !== null) parts.push(`${page.header}\n`);
      parts.push(...page.lines.map((line) => `${line}\n`));
      count += page.lines.length;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined && count < mostEvents);
  } catch (error) {
    toasts.show({ tone: 'warn', text: `The events could not be exported. ${failureWords(error)}` });
    return;
  }
  const extension = exportFormats.find((each) => each.format === format)?.extension ?? 'txt';
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  saveFile(`gatehouse-events-${stamp}.${extension}`, new Blob(parts, { type: 'text/plain' }));
  announce(`${formatCount(count)} events exported`);
  if (cursor !== undefined) {
    toasts.show({
      tone: 'warn',
      text: `The file holds the latest ${formatCount(count)} events; more match. Write all of them with: gatehouse events export`,
    });
  }
}

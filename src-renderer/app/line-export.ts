// What a list shows as a file in the format of another tool, fetched page by page and saved by the page itself.

import type { OutputFormat } from '../../src-shared/contract/search.ts';
import { failureWords } from '../api/failures.ts';
import { formatCount } from '../lib/numbers.ts';
import { announce } from '../ui/feedback/announcer.ts';
import { toasts } from '../ui/feedback/toast-list.ts';
import { saveFile } from './save-file.ts';

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
const mostLines = 100_000;

interface LinePage {
  readonly header: string | null;
  readonly lines: readonly string[];
  readonly next_cursor: string | null;
}

interface LineExport {
  /** Plural, as in the name of the file and of the command. */
  readonly what: 'events' | 'alerts';
  readonly format: OutputFormat;
  readonly page: (cursor: { readonly cursor?: string }) => Promise<LinePage>;
  /** The lines that are kept when not all fit. */
  readonly kept: string;
}

export async function exportLines({ what, format, page, kept }: LineExport): Promise<void> {
  const parts: string[] = [];
  let count = 0;
  let cursor: string | undefined;
  try {
    do {
      const found = await page(cursor === undefined ? {} : { cursor });
      if (cursor === undefined && found.header !== null) parts.push(`${found.header}\n`);
      parts.push(...found.lines.map((line) => `${line}\n`));
      count += found.lines.length;
      cursor = found.next_cursor ?? undefined;
    } while (cursor !== undefined && count < mostLines);
  } catch (error) {
    toasts.show({ tone: 'warn', text: `The ${what} could not be exported. ${failureWords(error)}` });
    return;
  }
  const extension = exportFormats.find((each) => each.format === format)?.extension ?? 'txt';
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  saveFile(`gatehouse-${what}-${stamp}.${extension}`, new Blob(parts, { type: 'text/plain' }));
  announce(`${formatCount(count)} ${what} exported`);
  if (cursor !== undefined) {
    toasts.show({
      tone: 'warn',
      text: `The file holds the ${kept} ${formatCount(count)} ${what}; more match. Write all of them with: gatehouse ${what} export`,
    });
  }
}

// A search's events as a file.

import type { OutputFormat } from '../../../src-shared/contract/search.ts';
import { call } from '../../api/client.ts';
import { exportLines } from '../../app/line-export.ts';

const pageLength = 5_000;

export function exportEvents(query: string, format: OutputFormat): Promise<void> {
  const asked = { ...(query === '' ? {} : { q: query }), format, limit: pageLength };
  return exportLines({
    what: 'events',
    format,
    kept: 'latest',
    page: (cursor) => call('events.export', { ...asked, ...cursor }),
  });
}

// What the queue's query finds, as a file of another tool and in the order of the list.

import { type AlertQuery, filtersOf } from '../../../src-shared/alert-query.ts';
import type { OutputFormat } from '../../../src-shared/contract/search.ts';
import { call } from '../../api/client.ts';
import { exportLines } from '../../app/line-export.ts';

const pageLength = 1_000;

export function exportAlerts(query: AlertQuery, format: OutputFormat): Promise<void> {
  // Ages count from the moment of asking: the same one for all pages.
  const asked = { ...filtersOf(query, Date.now()), format, sort: 'risk' as const, limit: pageLength };
  return exportLines({
    what: 'alerts',
    format,
    kept: 'gravest',
    page: (cursor) => call('alerts.export', { ...asked, ...cursor }),
  });
}

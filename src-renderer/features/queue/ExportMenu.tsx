// The way out of the queue: what its query finds as a file of another tool, in the order of the list.

import { Download } from 'lucide-react';
import { type AlertQuery, filtersOf } from '../../../src-shared/alert-query.ts';
import type { OutputFormat } from '../../../src-shared/contract/search.ts';
import { call } from '../../api/client.ts';
import { exportFormats, exportLines } from '../../app/line-export.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Menu } from '../../ui/overlays/Menu.tsx';

const pageLength = 1_000;

export function ExportMenu({ query }: { readonly query: AlertQuery }) {
  return (
    <Menu
      label="Export current view"
      tone="quiet"
      size="small"
      trigger={
        <>
          <Icon of={Download} /> Export
        </>
      }
      placement="bottom end"
      groups={[
        {
          id: 'formats',
          title: 'What the filter finds, as',
          entries: exportFormats.map(({ format, label, detail }) => ({
            id: format,
            label,
            detail,
            onAction: () => void exportAlerts(query, format),
          })),
        },
      ]}
    />
  );
}

function exportAlerts(query: AlertQuery, format: OutputFormat): Promise<void> {
  // Ages count from the moment of asking: the same one for all pages.
  const asked = { ...filtersOf(query, Date.now()), format, sort: 'risk' as const, limit: pageLength };
  return exportLines({
    what: 'alerts',
    format,
    kept: 'gravest',
    page: (cursor) => call('alerts.export', { ...asked, ...cursor }),
  });
}

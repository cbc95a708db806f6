// The list and its export as command lines, for who would rather script them.

import { TerminalSquare } from 'lucide-react';
import { copyLine } from '../../app/copy-line.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Menu } from '../../ui/overlays/Menu.tsx';
import { type AuditQuery, auditFiltersOf } from './audit-query.ts';
import { apiBase, exportCli, exportCurl, listCurl } from './copy-as.ts';

interface CopyAsProps {
  readonly query: AuditQuery;
  readonly mayExport: boolean;
}

export function CopyAs({ query, mayExport }: CopyAsProps) {
  const filters = () => auditFiltersOf(query, Date.now());
  const asked = () => ({ filters: filters(), reason: '', redact: 'nothing', include: [], fileNames: [] }) as const;
  const cli = exportCli(asked());
  return (
    <Menu
      label="Copy as"
      tone="quiet"
      trigger={
        <>
          <Icon of={TerminalSquare} /> Copy as
        </>
      }
      placement="bottom end"
      groups={[
        {
          id: 'lines',
          title: 'With the conditions of this list',
          entries: [
            {
              id: 'list.curl',
              label: 'The list as curl',
              onAction: () => void apiBase().then((base) => copyLine('list as curl', listCurl(base, filters()))),
            },
            ...(mayExport && cli !== undefined
              ? [
                  {
                    id: 'export.cli',
                    label: 'An export as CLI',
                    detail: cli,
                    onAction: () => void copyLine('export as CLI', cli),
                  },
                ]
              : []),
            ...(mayExport
              ? [
                  {
                    id: 'export.curl',
                    label: 'An export as curl',
                    onAction: () =>
                      void apiBase().then((base) => copyLine('export as curl', exportCurl(base, asked()))),
                  },
                ]
              : []),
          ],
        },
      ]}
    />
  );
}

// The list and its export as command lines, for who would rather script them.

import { TerminalSquare } from 'lucide-react';
import { announce } from '../../ui/feedback/announcer.ts';
import { toasts } from '../../ui/feedback/toast-list.ts';
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
              onAction: () => void copy('list as curl', async () => listCurl(await apiBase(), filters())),
            },
            ...(mayExport && cli !== undefined
              ? [
                  {
                    id: 'export.cli',
                    label: 'An export as CLI',
                    detail: cli,
                    onAction: () => void copy('export as CLI', async () => cli),
                  },
                ]
              : []),
            ...(mayExport
              ? [
                  {
                    id: 'export.curl',
                    label: 'An export as curl',
                    onAction: () => void copy('export as curl', async () => exportCurl(await apiBase(), asked())),
                  },
                ]
              : []),
          ],
        },
      ]}
    />
  );
}

async function copy(what: string, line: () => Promise<string>): Promise<void> {
  try {
    await navigator.clipboard.writeText(await line());
    announce(`Copied the ${what}`);
    toasts.show({ text: `Copied the ${what}` });
  } catch {
    toasts.show({ text: `The browser did not let the page copy the ${what}`, tone: 'warn' });
  }
}

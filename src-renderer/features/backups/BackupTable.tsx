// The backups as rows: when, why, how large, what opens them, whether a test restore proved them, why they are kept.

import { CircleCheck, Ellipsis, FileCheck2, RotateCcw, Trash2 } from 'lucide-react';
import { useMemo } from 'react';
import type { Backup } from '../../../src-shared/contract/backups.ts';
import { formatPlace } from '../../app/navigation.ts';
import { useNarrowWindow } from '../../app/window-width.ts';
import { formatBytes } from '../../lib/numbers.ts';
import { Outcome } from '../../ui/data/Outcome.tsx';
import { RelativeTime, Time } from '../../ui/data/Time.tsx';
import { Icon } from '../../ui/Icon.tsx';
import type { Column } from '../../ui/lists/column.ts';
import { DataTable } from '../../ui/lists/DataTable.tsx';
import { Menu } from '../../ui/overlays/Menu.tsx';
import { type BackupAction, keptWords, kindWords, openersOf, stateWords } from './backup-words.ts';
import css from './backups.module.css';

interface BackupTableProps {
  readonly rows: readonly Backup[];
  readonly currentId: string | undefined;
  readonly verifying: ReadonlySet<string>;
  readonly onOpen: (row: Backup) => void;
  readonly onAction: ((kind: BackupAction, row: Backup) => void) | undefined;
}

export function BackupTable({ rows, currentId, verifying, onOpen, onAction }: BackupTableProps) {
  const isNarrowWindow = useNarrowWindow();
  const isNarrow = isNarrowWindow || rows.some((row) => row.backup_id === currentId);
  const columns = useMemo(() => columnsFor(isNarrow, verifying, onAction), [isNarrow, verifying, onAction]);
  return (
    <div className={css.tableScroll}>
      <DataTable
        caption="Backups"
        columns={columns}
        rows={rows}
        keyOf={(row) => row.backup_id}
        currentKey={currentId}
        onRowPress={onOpen}
      />
    </div>
  );
}

/** Left out where the pane beside the list says the same. */
const whyColumns: readonly Column<Backup>[] = [
  {
    id: 'opens',
    title: 'Opened by',
    cell: (row) =>
      row.state === 'failed' ? '' : <span className={row.encrypted ? 'muted' : 'warn'}>{openersOf(row)}</span>,
  },
  { id: 'keep', title: 'Kept', width: '160px', cell: (row) => <span className="muted">{keptWords(row)}</span> },
];

function columnsFor(
  isNarrow: boolean,
  verifying: ReadonlySet<string>,
  onAction: BackupTableProps['onAction'],
): readonly Column<Backup>[] {
  return [
    {
      id: 'made',
      title: 'Made',
      width: '184px',
      cell: (row) => (
        <a className={css.made} href={formatPlace({ screen: 'settings', path: ['backups', row.backup_id] })}>
          <Time at={row.created_at} format="minute" />
        </a>
      ),
    },
    { id: 'kind', title: 'Kind', width: '136px', cell: (row) => kindWords[row.kind] },
    {
      id: 'state',
      title: 'State',
      width: '128px',
      cell: ({ state }) => {
        const [kind, word] = stateWords[state];
        return state === 'complete' ? word : <Outcome kind={kind}>{word}</Outcome>;
      },
    },
    {
      id: 'size',
      title: 'Size',
      width: '80px',
      align: 'end',
      cell: (row) => (row.size_bytes === null ? '' : formatBytes(row.size_bytes)),
    },
    {
      id: 'verified',
      title: 'Test restore',
      width: '152px',
      cell: (row) => <Verified backup={row} isRunning={verifying.has(row.backup_id)} />,
    },
    ...(isNarrow ? [] : whyColumns),
    {
      id: 'actions',
      title: 'Actions',
      hidesTitle: true,
      width: '56px',
      align: 'end',
      cell: (row) => onAction && row.state !== 'running' && <Actions backup={row} onAction={onAction} />,
    },
  ];
}

function Verified({ backup, isRunning }: { readonly backup: Backup; readonly isRunning: boolean }) {
  if (isRunning) return <Outcome kind="running">Checking</Outcome>;
  if (backup.state !== 'complete') return null;
  const { verification } = backup;
  if (verification === null) return <span className="faint">not yet</span>;
  return verification.passed ? (
    <span className={css.proven}>
      <Icon of={CircleCheck} size={12} />
      <span>
        proven <RelativeTime at={verification.at} />
      </span>
    </span>
  ) : (
    <Outcome kind="bad">
      failed <RelativeTime at={verification.at} />
    </Outcome>
  );
}

interface ActionsProps {
  readonly backup: Backup;
  readonly onAction: (kind: BackupAction, row: Backup) => void;
}

function Actions({ backup, onAction }: ActionsProps) {
  const isWhole = backup.state === 'complete';
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: only keeps the press from opening the row
    <span onClick={(event) => event.stopPropagation()}>
      <Menu
        label="Actions for this backup"
        trigger={<Icon of={Ellipsis} />}
        isIconTrigger
        tone="quiet"
        size="small"
        placement="bottom end"
        groups={[
          {
            id: 'use',
            entries: isWhole
              ? [
                  {
                    id: 'verify',
                    label: 'Verify by a test restore',
                    icon: FileCheck2,
                    keys: 'v',
                    onAction: () => onAction('verify', backup),
                  },
                  { id: 'restore', label: 'Restore', icon: RotateCcw, onAction: () => onAction('restore', backup) },
                ]
              : [],
          },
          {
            id: 'end',
            entries: [
              {
                id: 'delete',
                label: isWhole ? 'Delete' : 'Remove from the list',
                icon: Trash2,
                isDanger: isWhole,
                onAction: () => onAction('delete', backup),
              },
            ],
          },
        ].filter((group) => group.entries.length > 0)}
      />
    </span>
  );
}

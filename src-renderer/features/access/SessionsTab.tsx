// Sessions: who is signed in from where. Ending one takes effect at once, on its live stream too.

import { useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { subscribe } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Tag } from '../../ui/data/Tag.tsx';
import { RelativeTime, Time } from '../../ui/data/Time.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import type { Column } from '../../ui/lists/column.ts';
import { DataTable } from '../../ui/lists/DataTable.tsx';
import { ConfirmDialog } from '../../ui/overlays/ConfirmDialog.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import css from './access.module.css';
import { accessStore, endSessions, loadSessions, type SessionRow } from './access-store.ts';
import { deviceWords } from './device-words.ts';

const kindWords: Readonly<Record<SessionRow['kind'], string>> = {
  console: 'Console in a browser',
  api: 'API',
  cli: 'Command line',
  window: 'Desktop window',
};

export function SessionsTab({ username }: { readonly username: string }) {
  const { rows, isCut, problem } = useStore(accessStore, (state) => state.sessions);
  const [ending, setEnding] = useState<readonly SessionRow[]>([]);
  useEffect(() => {
    void loadSessions();
    return subscribe(['sessions.changed'], () => void loadSessions());
  }, []);
  const columns = useMemo(() => sessionColumns((row) => setEnding([row])), []);

  if (rows === undefined) {
    return problem === undefined ? (
      <LoadingSkeleton label="Loading sessions" />
    ) : (
      <ErrorState title="The sessions could not be read" detail={problem} onRetry={() => void loadSessions()} />
    );
  }
  const others = rows.filter((row) => !row.current && row.username === username);
  return (
    <>
      <div className={css.toolbar}>
        <span className="muted grow">
          {rows.length} open{isCut && ' or more; not all are listed'}
        </span>
        {others.length > 0 && <Button onPress={() => setEnding(others)}>End all my others</Button>}
      </div>
      <DataTable caption="Sessions" columns={columns} rows={rows} keyOf={(row) => row.id} isFlush />
      <ConfirmDialog
        isOpen={ending.length > 0}
        onClose={() => setEnding([])}
        title={ending.length === 1 ? 'End this session' : `End ${ending.length} sessions`}
        confirmLabel="End"
        isDanger
        describeError={failureWords}
        consequences={ending.slice(0, 5).map((row) => ({
          label: `${row.username}, ${kindWords[row.kind]}`,
          value: deviceWords(row.user_agent),
        }))}
        onConfirm={async () => {
          const { ended, refused } = await endSessions(ending.map((row) => row.id));
          const words = `${ended} of ${ended + refused} sessions ended`;
          toasts.show(refused === 0 ? { text: words } : { text: `${words}, ${refused} refused`, tone: 'warn' });
        }}
      >
        <p>What is open there closes at once; whoever uses it has to sign in again.</p>
      </ConfirmDialog>
    </>
  );
}

function sessionColumns(onEnd: (row: SessionRow) => void): readonly Column<SessionRow>[] {
  return [
    {
      id: 'user',
      title: 'User',
      cell: (row) => (
        <span className="line">
          <b>{row.username}</b>
          {row.current && <Tag tone="accent">this session</Tag>}
        </span>
      ),
    },
    { id: 'kind', title: 'Through', width: '160px', cell: (row) => kindWords[row.kind] },
    {
      id: 'device',
      title: 'Device',
      cell: (row) => <span title={row.user_agent ?? undefined}>{deviceWords(row.user_agent)}</span>,
    },
    { id: 'ip', title: 'Address', width: '144px', isMono: true, cell: (row) => row.ip_address ?? '' },
    { id: 'created', title: 'Signed in', width: '176px', cell: (row) => <Time at={row.created_at} format="minute" /> },
    { id: 'active', title: 'Last active', width: '104px', cell: (row) => <RelativeTime at={row.last_active_at} /> },
    { id: 'expires', title: 'Expires', width: '88px', cell: (row) => <RelativeTime at={row.expires_at} /> },
    {
      id: 'actions',
      title: 'Actions',
      hidesTitle: true,
      width: '72px',
      align: 'end',
      cell: (row) =>
        !row.current && (
          <Button size="small" onPress={() => onEnd(row)}>
            End
          </Button>
        ),
    },
  ];
}

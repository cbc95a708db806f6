// API keys: what each may do, when it was used last, when it ends. Never the key itself.

import { Plus } from 'lucide-react';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import type { ApiKey } from '../../../src-shared/contract/access.ts';
import { failureWords } from '../../api/failures.ts';
import { useMayDo } from '../../app/services.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Outcome } from '../../ui/data/Outcome.tsx';
import { RelativeTime } from '../../ui/data/Time.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import type { Column } from '../../ui/lists/column.ts';
import { DataTable } from '../../ui/lists/DataTable.tsx';
import { ConfirmDialog } from '../../ui/overlays/ConfirmDialog.tsx';
import { EmptyState } from '../../ui/states/EmptyState.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import css from './access.module.css';
import { accessStore, loadKeys, revokeKey } from './access-store.ts';
import { CreateKeyDialog } from './CreateKeyDialog.tsx';
import { givenPermissions } from './scopes.ts';

export function KeysTab({ apiBase }: { readonly apiBase: string }) {
  const { rows, isCut, problem } = useStore(accessStore, (state) => state.keys);
  const mayManage = useMayDo('keys.manage');
  const [isCreating, setIsCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey>();
  useEffect(() => void loadKeys(), []);
  const columns = useMemo(() => keyColumns(mayManage ? setRevoking : undefined), [mayManage]);
  const active = rows?.filter((key) => key.state === 'active').length ?? 0;

  if (rows === undefined) {
    return problem === undefined ? (
      <LoadingSkeleton label="Loading API keys" />
    ) : (
      <ErrorState title="The API keys could not be read" detail={problem} onRetry={() => void loadKeys()} />
    );
  }
  const create = mayManage && (
    <Button tone="primary" icon={Plus} onPress={() => setIsCreating(true)}>
      New key
    </Button>
  );
  return (
    <>
      {rows.length > 0 && (
        <div className={css.toolbar}>
          <span className="muted grow">
            {active} active of {rows.length}
            {isCut && ' newest; older ones are not listed'}
          </span>
          {create}
        </div>
      )}
      <DataTable
        caption="API keys"
        columns={columns}
        rows={rows}
        keyOf={(key) => key.id}
        isFlush
        empty={
          <EmptyState reason="nothing" title="No API keys yet" actions={create || undefined}>
            A tool of your team needs one to send events or to read alerts.
          </EmptyState>
        }
      />
      <CreateKeyDialog isOpen={isCreating} onClose={() => setIsCreating(false)} apiBase={apiBase} />
      <ConfirmDialog
        isOpen={revoking !== undefined}
        onClose={() => setRevoking(undefined)}
        title={`Revoke ${revoking?.name ?? ''}`}
        confirmLabel="Revoke"
        isDanger
        describeError={failureWords}
        onConfirm={async () => {
          if (revoking === undefined) return;
          await revokeKey(revoking.id);
          toasts.show({ text: `${revoking.name} revoked` });
        }}
      >
        <p>
          The very next request with this key is refused. It cannot be undone; a tool that still needs access gets a new
          key.
        </p>
        <p className="muted">
          {revoking?.last_used_at == null ? (
            'It was never used.'
          ) : (
            <>
              Last used <RelativeTime at={revoking.last_used_at} />
              {revoking.last_used_ip !== null && ` from ${revoking.last_used_ip}`}.
            </>
          )}
        </p>
      </ConfirmDialog>
    </>
  );
}

const signingWords: Readonly<Record<ApiKey['event_signing'], ReactNode>> = {
  none: <span className="faint">none</span>,
  optional: 'Optional',
  required: 'Required',
};

function keyColumns(onRevoke: ((key: ApiKey) => void) | undefined): readonly Column<ApiKey>[] {
  return [
    { id: 'name', title: 'Name', cell: (key) => <b className={key.state === 'active' ? '' : css.ended}>{key.name}</b> },
    { id: 'id', title: 'Key', width: '132px', isMono: true, cell: (key) => `gh_${key.id}_…` },
    {
      id: 'scopes',
      title: 'Scopes',
      cell: (key) => (
        <span className="mono" title={givenPermissions(key.scopes).join('\n')}>
          {key.scopes.join(' ')}
          <span className="faint"> ({givenPermissions(key.scopes).length})</span>
        </span>
      ),
    },
    { id: 'signing', title: 'Signing', width: '88px', cell: (key) => signingWords[key.event_signing] },
    { id: 'by', title: 'Made by', width: '120px', cell: (key) => key.created_by },
    { id: 'created', title: 'Made', width: '96px', cell: (key) => <RelativeTime at={key.created_at} /> },
    {
      id: 'used',
      title: 'Last used',
      width: '152px',
      cell: (key) =>
        key.last_used_at === null ? (
          <span className="faint">never</span>
        ) : (
          <>
            <RelativeTime at={key.last_used_at} /> <span className="faint">{key.last_used_ip}</span>
          </>
        ),
    },
    {
      id: 'expires',
      title: 'Expires',
      width: '88px',
      cell: (key) => (key.expires_at === null ? 'never' : <RelativeTime at={key.expires_at} />),
    },
    {
      id: 'state',
      title: 'State',
      width: '104px',
      cell: (key) =>
        key.state === 'active' ? (
          <span>Active</span>
        ) : (
          <Outcome kind="none">{key.state === 'expired' ? 'Expired' : 'Revoked'}</Outcome>
        ),
    },
    {
      id: 'actions',
      title: 'Actions',
      hidesTitle: true,
      width: '88px',
      align: 'end',
      cell: (key) =>
        onRevoke &&
        key.state === 'active' && (
          <Button size="small" onPress={() => onRevoke(key)}>
            Revoke
          </Button>
        ),
    },
  ];
}

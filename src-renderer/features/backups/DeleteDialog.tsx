// Deleting a backup deletes its file: what is left to restore from is said before.

import { useStore } from 'zustand';
import type { Backup } from '../../../src-shared/contract/backups.ts';
import { failureWords } from '../../api/failures.ts';
import { withStepUp } from '../../api/step-up.ts';
import { formatBytes } from '../../lib/numbers.ts';
import { Time } from '../../ui/data/Time.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { ConfirmDialog } from '../../ui/overlays/ConfirmDialog.tsx';
import { backups } from './backups-state.ts';

interface DeleteDialogProps {
  /** Undefined: closed. */
  readonly backup: Backup | undefined;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}

export function DeleteDialog({ backup, onClose, onDeleted }: DeleteDialogProps) {
  const { rows = [] } = useStore(backups);
  const isWhole = backup?.state === 'complete';
  const left = rows.filter((row) => row.state === 'complete' && row.backup_id !== backup?.backup_id);
  const proven = left.filter((row) => row.verification?.passed === true).length;
  return (
    <ConfirmDialog
      isOpen={backup !== undefined}
      onClose={onClose}
      title={isWhole ? 'Delete this backup' : 'Remove from the list'}
      confirmLabel={isWhole ? 'Delete' : 'Remove'}
      isDanger={isWhole}
      describeError={failureWords}
      consequences={
        backup === undefined || !isWhole
          ? []
          : [
              { label: 'Made', value: <Time at={backup.created_at} format="minute" /> },
              { label: 'File', value: `deleted, ${formatBytes(backup.size_bytes ?? 0)}` },
              {
                label: 'Left to restore from',
                value: (
                  <b>
                    {left.length}, {proven} of them proven
                  </b>
                ),
              },
            ]
      }
      onConfirm={async () => {
        if (backup === undefined) return;
        const isDone = await withStepUp(async () => {
          await backups.remove(backup.backup_id);
          return true;
        });
        if (isDone === undefined) return;
        onDeleted();
        toasts.show({ text: isWhole ? 'Backup deleted' : 'Removed from the list' });
      }}
    >
      <p>{isWhole ? 'It cannot be undone.' : 'There is no file any more; only its line goes.'}</p>
    </ConfirmDialog>
  );
}

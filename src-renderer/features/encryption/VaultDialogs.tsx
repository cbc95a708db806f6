// Two decisions that cannot be taken back, each with what it hits said before: a new recovery key, and locking the vault for everybody.

import type { EncryptionStatus } from '../../../src-shared/contract/encryption.ts';
import { failureWords } from '../../api/failures.ts';
import { withStepUp } from '../../api/step-up.ts';
import { useServices } from '../../app/services.ts';
import { CopyCommand } from '../../ui/controls/CopyCommand.tsx';
import { ConfirmDialog } from '../../ui/overlays/ConfirmDialog.tsx';
import { encryption } from './encryption-state.ts';
import type { IssuedKey } from './recovery-sheet.ts';

interface IssueDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onIssued: (issued: IssuedKey) => void;
}

export function IssueDialog({ isOpen, onClose, onIssued }: IssueDialogProps) {
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={onClose}
      title="Issue a new recovery key"
      footnote={<CopyCommand line="gatehouse encryption recovery-key" />}
      confirmLabel="Issue"
      describeError={failureWords}
      consequences={[
        { label: 'New key', value: 'shown once, to print or save' },
        { label: 'The sheet you have', value: 'opens only backups made until now' },
        { label: 'The other keys', value: 'stay' },
      ]}
      onConfirm={async () => {
        const issued = await withStepUp(() => encryption.issueRecoveryKey());
        if (issued === undefined) return;
        onIssued({
          recoveryKey: issued.recovery_key,
          consoleName: issued.console_name,
          issuedAt: issued.created_at,
        });
      }}
    >
      <p>For a sheet that was lost, or that somebody else may have seen.</p>
    </ConfirmDialog>
  );
}

interface LockDialogProps {
  readonly isOpen: boolean;
  readonly protection: EncryptionStatus['protection'];
  readonly onClose: () => void;
}

export function LockDialog({ isOpen, protection, onClose }: LockDialogProps) {
  const { session } = useServices();
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={onClose}
      title="Lock the vault"
      footnote={<CopyCommand line="gatehouse lock" />}
      confirmLabel="Lock the vault"
      isDanger
      describeError={failureWords}
      consequences={[
        { label: 'Keys in memory', value: 'zeroed' },
        { label: 'API', value: 'answers 503' },
        { label: 'Detection and recording', value: 'stop' },
        { label: 'Sessions', value: 'all end, yours too' },
        {
          label: 'To unlock',
          value: protection === 'passphrase' ? 'passphrase or recovery key' : 'gatehouse unlock here, or recovery key',
        },
      ]}
      onConfirm={async () => {
        const isLocked = await withStepUp(async () => {
          await encryption.lockVault();
          return true;
        });
        if (isLocked) await session.start();
      }}
    >
      <p>For when somebody may get at this computer. Until it is unlocked, attacks are not seen either.</p>
      <p className="muted">To lock only your own window, use Lock in the title bar.</p>
    </ConfirmDialog>
  );
}

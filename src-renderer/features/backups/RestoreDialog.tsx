// Putting a backup in the place of the store: everything that ends or is missing afterwards is said before, and the console's name is
// typed. The backup is verified first; the store as it was is set aside, not deleted.

import { useState } from 'react';
import type { Backup } from '../../../src-shared/contract/backups.ts';
import { useConsoleName } from '../../app/console-name.ts';
import { useServices } from '../../app/services.ts';
import { useSubmit } from '../../app/use-submit.ts';
import { spacedDuration } from '../../lib/durations.ts';
import { formatInstant, toMillis } from '../../lib/instants.ts';
import { useNow } from '../../lib/now.ts';
import { formatCount } from '../../lib/numbers.ts';
import { PasswordField } from '../../ui/controls/PasswordField.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Consequences } from '../../ui/overlays/ConfirmDialog.tsx';
import { FormDialog } from '../../ui/overlays/FormDialog.tsx';
import { ProgressBar } from '../../ui/states/ProgressBar.tsx';
import { asksPassphrase } from './backup-words.ts';
import { backups } from './backups-state.ts';

interface RestoreDialogProps {
  /** Undefined: closed. */
  readonly backup: Backup | undefined;
  readonly onClose: () => void;
}

export function RestoreDialog({ backup, onClose }: RestoreDialogProps) {
  return backup === undefined ? null : <RestoreForm backup={backup} onClose={onClose} />;
}

function RestoreForm({ backup, onClose }: { readonly backup: Backup; readonly onClose: () => void }) {
  const { session } = useServices();
  const consoleName = useConsoleName();
  const now = useNow();
  const [typed, setTyped] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const needsPassphrase = asksPassphrase(backup);
  const entries = backup.audit_entries;
  const { isBusy, submit, words, isUnanswered } = useSubmit(
    () => backups.restore(backup.backup_id, needsPassphrase ? passphrase : undefined),
    (restored) =>
      session.ended(
        `Restored the backup of ${formatInstant(backup.created_at, 'utc', 'minute')}. The store as it was is at ${restored.set_aside}.`,
      ),
  );

  return (
    <FormDialog
      title="Restore this backup"
      verb="Restore"
      isAlert
      footnote={isBusy ? undefined : 'Verified first; nothing changes when that fails.'}
      problem={isUnanswered ? `${words} Whether the restore went through shows when the console answers again.` : words}
      isReady={consoleName !== undefined && typed === consoleName && (!needsPassphrase || passphrase !== '')}
      onSubmit={submit}
      {...{ isBusy, onClose }}
      lead={
        <Consequences
          of={[
            {
              label: 'Goes back to',
              value: (
                <b>
                  {formatInstant(backup.created_at, 'utc', 'minute')},{' '}
                  {spacedDuration(now - toMillis(backup.created_at))} ago
                </b>
              ),
            },
            { label: 'Events, alerts, secrets from since then', value: 'not in it' },
            ...(entries === null ? [] : [{ label: 'Audit log', value: `goes on from entry #${formatCount(entries)}` }]),
            { label: 'Sessions', value: 'all end, yours too' },
            { label: 'While it runs', value: 'the API answers 503' },
            { label: 'The store as it is now', value: 'set aside, not deleted' },
          ]}
        />
      }
    >
      {needsPassphrase && (
        <PasswordField
          label="Passphrase of this backup"
          purpose="current"
          value={passphrase}
          onChange={setPassphrase}
          isDisabled={isBusy}
          autoFocus
        />
      )}
      <TextField
        label={consoleName === undefined ? 'Type the console’s name to confirm' : `Type ${consoleName} to confirm`}
        value={typed}
        onChange={setTyped}
        isDisabled={isBusy}
        autoComplete="off"
        isMono
        autoFocus={!needsPassphrase}
      />
      {isBusy && <ProgressBar label="Verifying the backup, then putting it in place" done={0} unit="bytes" />}
    </FormDialog>
  );
}

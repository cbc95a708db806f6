// A backup under a passphrase of its own: the test restore needs it too. It goes to the console and is not kept here.

import { useState } from 'react';
import type { Backup } from '../../../src-shared/contract/backups.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { PasswordField } from '../../ui/controls/PasswordField.tsx';
import { Dialog } from '../../ui/overlays/Dialog.tsx';
import { verifyBackup } from './verify-backup.ts';

const form = 'verify-backup';

interface VerifyDialogProps {
  /** Undefined: closed. */
  readonly backup: Backup | undefined;
  readonly onClose: () => void;
}

export function VerifyDialog({ backup, onClose }: VerifyDialogProps) {
  return backup === undefined ? null : <VerifyForm backup={backup} onClose={onClose} />;
}

function VerifyForm({ backup, onClose }: { readonly backup: Backup; readonly onClose: () => void }) {
  const [passphrase, setPassphrase] = useState('');
  return (
    <Dialog
      title="Verify by a test restore"
      isOpen
      onClose={onClose}
      size="small"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button tone="primary" type="submit" form={form} isDisabled={passphrase === ''}>
            Verify
          </Button>
        </>
      }
    >
      <p>It is restored into a scratch store, checked whole, and thrown away. The console goes on meanwhile.</p>
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          if (passphrase === '') return;
          onClose();
          void verifyBackup(backup, passphrase);
        }}
      >
        <PasswordField
          label="Passphrase of this backup"
          purpose="current"
          value={passphrase}
          onChange={setPassphrase}
          autoFocus
        />
      </form>
    </Dialog>
  );
}

// Before a key is rotated: what happens, what it costs, what must be given. Says it per key, and where the new master key has to be put
// when it comes from outside.

import { RefreshCw } from 'lucide-react';
import { useState } from 'react';
import type { EncryptionStatus, RotatableKey } from '../../../src-shared/contract/encryption.ts';
import { useSubmit } from '../../app/use-submit.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { CopyCommand } from '../../ui/controls/CopyCommand.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { Consequences } from '../../ui/overlays/ConfirmDialog.tsx';
import { FormDialog } from '../../ui/overlays/FormDialog.tsx';
import css from './encryption.module.css';
import { encryption } from './encryption-state.ts';
import type { Rotated } from './encryption-store.ts';
import { givenFrom, keyNames, rotationPlans } from './key-words.ts';
import { isLongEnough, NewPassphrase } from './NewPassphrase.tsx';

interface RotateDialogProps {
  /** Undefined: closed. */
  readonly rotating: RotatableKey | undefined;
  readonly status: EncryptionStatus;
  readonly onClose: () => void;
  readonly onRotated: (rotated: Rotated) => void;
}

export function RotateDialog({ rotating, ...rest }: RotateDialogProps) {
  // Mounted anew each time, so that nothing typed before is left.
  return rotating === undefined ? null : <RotateForm rotating={rotating} {...rest} />;
}

function RotateForm({ rotating, status, onClose, onRotated }: RotateDialogProps & { readonly rotating: RotatableKey }) {
  const [passphrase, setPassphrase] = useState('');
  const [newKey, setNewKey] = useState('');
  const { lead, consequences } = rotationPlans[rotating];
  const name = keyNames[rotating].toLowerCase();
  const asksPassphrase = rotating === 'master' && status.protection === 'passphrase';
  const place = rotating === 'master' ? givenFrom[status.protection] : undefined;
  const isReady = (!asksPassphrase || isLongEnough(passphrase)) && (place === undefined || newKey.trim() !== '');
  const { isBusy, submit, fields, problem } = useSubmit(
    () =>
      encryption.rotate({
        key: rotating,
        ...(asksPassphrase ? { passphrase } : {}),
        ...(place === undefined ? {} : { new_key: newKey.trim() }),
      }),
    (rotated) => {
      onClose();
      onRotated(rotated);
      toasts.show({ text: isUnderWay(rotating) ? `Rotation of the ${name} began` : `The ${name} was rotated` });
    },
  );

  return (
    <FormDialog
      title={`Rotate the ${name}`}
      verb="Rotate"
      footnote={<CopyCommand line={`gatehouse encryption rotate ${rotating}`} />}
      lead={
        <>
          <p>{lead}</p>
          <Consequences of={consequences} />
        </>
      }
      className={css.fields}
      isReady={isReady}
      focusesButton={isReady}
      onSubmit={submit}
      {...{ isBusy, problem, onClose }}
    >
      {asksPassphrase && (
        <NewPassphrase
          label="New passphrase"
          value={passphrase}
          onChange={setPassphrase}
          error={fields.passphrase}
          description="Asked for at the next start. It may be the one from before."
        />
      )}
      {place !== undefined && <NewMasterKey value={newKey} onChange={setNewKey} error={fields.new_key} place={place} />}
    </FormDialog>
  );
}

function isUnderWay(rotated: RotatableKey): boolean {
  const { status } = encryption.getState();
  return status?.task?.key === rotated && status.task.state !== 'finished';
}

interface NewMasterKeyProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | undefined;
  /** Where the key of now comes from. */
  readonly place: string;
}

function NewMasterKey({ value, onChange, error, place }: NewMasterKeyProps) {
  return (
    <div className="stack">
      <div className={css.makeKey}>
        <TextField
          label="New master key"
          value={value}
          onChange={onChange}
          error={error}
          description="32 bytes in base64."
          maxLength={100}
          autoComplete="off"
          isMono
          className="grow"
        />
        <Button icon={RefreshCw} className={css.besideField} onPress={() => onChange(randomKey())}>
          Make one
        </Button>
        <span className={css.besideField}>
          <CopyButton value={value} what="new master key" size="medium">
            Copy
          </CopyButton>
        </span>
      </div>
      <p className={css.warn}>
        Put it into {place} before the next start. Until then the console runs on; started with the old key it does not
        open any more, and the new recovery key is the way back.
      </p>
    </div>
  );
}

function randomKey(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
}

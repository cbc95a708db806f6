// Making a backup: encrypted unless somebody takes that out, opened by this console and the recovery key, or by a passphrase besides.

import { useState } from 'react';
import { useLists, useStrength } from '../../app/credentials/new-password.ts';
import { useSubmit } from '../../app/use-submit.ts';
import { formatBytes } from '../../lib/numbers.ts';
import { Checkbox } from '../../ui/controls/Checkbox.tsx';
import { ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import { CopyCommand } from '../../ui/controls/CopyCommand.tsx';
import { PasswordField } from '../../ui/controls/PasswordField.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { FormDialog } from '../../ui/overlays/FormDialog.tsx';
import { backups } from './backups-state.ts';
import type { BackupOutcome } from './backups-store.ts';
import { backUpLine } from './cli-lines.ts';

const shortestPassphrase = 12;

interface BackUpDialogProps {
  readonly isOpen: boolean;
  readonly isEncryptionRequired: boolean;
  readonly onClose: () => void;
}

export function BackUpDialog({ isOpen, ...rest }: BackUpDialogProps) {
  // Mounted anew each time, so that no passphrase is left.
  return isOpen ? <BackUpForm {...rest} /> : null;
}

function tell(outcome: BackupOutcome): void {
  if (outcome.kind === 'complete') toasts.show({ text: `Backed up, ${formatBytes(outcome.made.size_bytes)}` });
  else toasts.show({ text: outcome.words, tone: 'warn' });
}

function BackUpForm({ isEncryptionRequired, onClose }: Omit<BackUpDialogProps, 'isOpen'>) {
  const [isEncrypted, setIsEncrypted] = useState(true);
  const [opener, setOpener] = useState<'keys' | 'passphrase'>('keys');
  const [passphrase, setPassphrase] = useState('');
  const [isHipaa, setIsHipaa] = useState(false);
  const lists = useLists();
  const strength = useStrength(passphrase, '', lists?.meter);
  const isLong = [...passphrase].length >= shortestPassphrase;
  const hasPassphrase = isEncrypted && opener === 'passphrase';
  const { isBusy, submit, fields, problem, forget } = useSubmit(
    () =>
      backups.backUp(
        {
          encrypted: isEncrypted,
          ...(isHipaa ? { compliance_mode: 'hipaa' as const } : {}),
          ...(hasPassphrase ? { passphrase } : {}),
        },
        tell,
      ),
    onClose,
  );

  return (
    <FormDialog
      title="Back up now"
      verb="Back up"
      footnote={<CopyCommand line={backUpLine({ isEncrypted, isHipaa, hasPassphrase })} />}
      isReady={!hasPassphrase || isLong}
      focusesButton
      onSubmit={submit}
      {...{ isBusy, problem, onClose }}
    >
      <p className="muted">The console goes on while the backup is made; it holds the moment at which it began.</p>
      <Checkbox
        isSwitch
        isChecked={isEncrypted}
        onChange={(next) => {
          setIsEncrypted(next);
          forget();
        }}
        isDisabled={isEncryptionRequired}
        detail={
          isEncryptionRequired
            ? 'Required here: backups that are not encrypted are refused.'
            : isEncrypted
              ? 'AES-256-GCM in authenticated chunks: a cut, a swap or a flipped bit is found.'
              : 'Names, sizes and the key file’s form can be read by whoever has the file. The store’s pages inside stay encrypted.'
        }
      >
        Encrypted
      </Checkbox>
      {isEncrypted && (
        <ChoiceList
          label="Opened by"
          value={opener}
          onChange={setOpener}
          choices={[
            {
              id: 'keys',
              label: 'This console and the recovery key',
              detail: 'Nothing more to remember. On a new computer the recovery key of today opens it.',
            },
            {
              id: 'passphrase',
              label: 'A passphrase besides',
              detail: 'For a backup that somebody else is to open, without the recovery key.',
            },
          ]}
        />
      )}
      {hasPassphrase && (
        <PasswordField
          label="Passphrase of this backup"
          purpose="new"
          value={passphrase}
          onChange={setPassphrase}
          error={fields.passphrase}
          description="It is stored nowhere."
          strength={strength}
          rules={[{ id: 'length', label: `${shortestPassphrase} characters or more`, isMet: isLong }]}
          autoFocus
        />
      )}
      <Checkbox
        isChecked={isHipaa}
        onChange={setIsHipaa}
        detail="Refuses to write anything unencrypted, and says HIPAA in the audit log."
      >
        Made for HIPAA
      </Checkbox>
    </FormDialog>
  );
}

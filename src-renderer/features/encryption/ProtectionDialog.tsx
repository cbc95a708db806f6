// How the master key is kept from now on, or another passphrase. What this computer can't do the console refuses, with the reason.

import { Cloud, FileKey, KeyRound, LockKeyhole, SquareTerminal } from 'lucide-react';
import { useState } from 'react';
import type { KeyProtection } from '../../../src-shared/contract/setup.ts';
import { useSubmit } from '../../app/use-submit.ts';
import { type Choice, ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import { CopyCommand } from '../../ui/controls/CopyCommand.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { FormDialog } from '../../ui/overlays/FormDialog.tsx';
import { encryption } from './encryption-state.ts';
import { protectionNames } from './key-words.ts';
import { isLongEnough, NewPassphrase } from './NewPassphrase.tsx';

const choices: readonly Choice<KeyProtection>[] = [
  {
    id: 'keychain',
    label: protectionNames.keychain,
    detail: 'Gatehouse starts without asking, for this computer’s user.',
    icon: KeyRound,
  },
  {
    id: 'passphrase',
    label: protectionNames.passphrase,
    detail: 'Asked for each time Gatehouse starts or the vault is unlocked.',
    icon: LockKeyhole,
  },
  {
    id: 'environment',
    label: protectionNames.environment,
    detail: 'GATEHOUSE_ENCRYPTION_KEY, set when Gatehouse was started.',
    icon: SquareTerminal,
  },
  {
    id: 'key_file',
    label: protectionNames.key_file,
    detail: 'GATEHOUSE_KEY_FILE, named when Gatehouse was started.',
    icon: FileKey,
  },
  {
    id: 'vault',
    label: protectionNames.vault,
    detail: 'HashiCorp Vault or OpenBao gives it at each start.',
    icon: Cloud,
  },
];

interface ProtectionDialogProps {
  readonly isOpen: boolean;
  readonly current: KeyProtection;
  readonly onClose: () => void;
}

export function ProtectionDialog({ isOpen, ...rest }: ProtectionDialogProps) {
  return isOpen ? <ProtectionForm {...rest} /> : null;
}

function ProtectionForm({ current, onClose }: Omit<ProtectionDialogProps, 'isOpen'>) {
  const [protection, setProtection] = useState<KeyProtection>(current);
  const [passphrase, setPassphrase] = useState('');
  const asksPassphrase = protection === 'passphrase';
  const isReady = asksPassphrase ? isLongEnough(passphrase) : protection !== current;
  const { isBusy, submit, fields, problem, forget } = useSubmit(
    () => encryption.protect({ protection, ...(asksPassphrase ? { passphrase } : {}) }),
    () => {
      onClose();
      toasts.show({
        text:
          protection === current
            ? 'The passphrase was changed'
            : `Kept in: ${protectionNames[protection].toLowerCase()}`,
      });
    },
  );

  return (
    <FormDialog
      title="Change how the master key is kept"
      verb={asksPassphrase && current === 'passphrase' ? 'Change the passphrase' : 'Change'}
      footnote={<CopyCommand line={`gatehouse encryption protection ${protection}`} />}
      lead={<p className="muted">The recovery key stays good. Nothing that is stored changes.</p>}
      isReady={isReady}
      onSubmit={submit}
      {...{ isBusy, problem, onClose }}
    >
      <ChoiceList
        label="Kept in"
        value={protection}
        onChange={(next) => {
          setProtection(next);
          forget();
        }}
        choices={choices.map((choice) =>
          choice.id === current ? { ...choice, label: `${choice.label}, as now` } : choice,
        )}
      />
      {asksPassphrase && (
        <NewPassphrase
          label={current === 'passphrase' ? 'New passphrase' : 'Passphrase'}
          value={passphrase}
          onChange={setPassphrase}
          error={fields.passphrase}
          description="Several words that do not belong together are easier to type than symbols."
        />
      )}
    </FormDialog>
  );
}

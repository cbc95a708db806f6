// How the master key is kept from now on, or another passphrase. What this computer can't do the console refuses, with the reason.

import { Cloud, FileKey, KeyRound, LockKeyhole, SquareTerminal } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { KeyProtection } from '../../../src-shared/contract/setup.ts';
import { failureWords, fieldMessages } from '../../api/failures.ts';
import { withStepUp } from '../../api/step-up.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { type Choice, ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import { CopyCommand } from '../../ui/controls/CopyCommand.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { Dialog } from '../../ui/overlays/Dialog.tsx';
import css from './encryption.module.css';
import { encryption } from './encryption-state.ts';
import { protectionNames } from './key-words.ts';
import { isLongEnough, NewPassphrase } from './NewPassphrase.tsx';

const form = 'change-protection';

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
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const asksPassphrase = protection === 'passphrase';
  const isReady = asksPassphrase ? isLongEnough(passphrase) : protection !== current;
  const fields = fieldMessages(error);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!isReady || isBusy) return;
    setIsBusy(true);
    setError(undefined);
    try {
      const isDone = await withStepUp(async () => {
        await encryption.protect({ protection, ...(asksPassphrase ? { passphrase } : {}) });
        return true;
      });
      if (isDone === undefined) return;
      onClose();
      toasts.show({
        text:
          protection === current
            ? 'The passphrase was changed'
            : `Kept in: ${protectionNames[protection].toLowerCase()}`,
      });
    } catch (failure) {
      setError(failure);
    } finally {
      setIsBusy(false);
    }
  }

  return (
    <Dialog
      title="Change how the master key is kept"
      isOpen
      onClose={onClose}
      isHeld={isBusy}
      size="medium"
      footnote={<CopyCommand line={`gatehouse encryption protection ${protection}`} />}
      footer={
        <>
          <Button onPress={onClose} isDisabled={isBusy}>
            Cancel
          </Button>
          <Button tone="primary" type="submit" form={form} isBusy={isBusy} isDisabled={!isReady}>
            {asksPassphrase && current === 'passphrase' ? 'Change the passphrase' : 'Change'}
          </Button>
        </>
      }
    >
      <p className="muted">The recovery key stays good. Nothing that is stored changes.</p>
      <form id={form} className="stack" onSubmit={submit}>
        <ChoiceList
          label="Kept in"
          value={protection}
          onChange={(next) => {
            setProtection(next);
            setError(undefined);
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
        {error !== undefined && fields.passphrase === undefined && (
          <p className={css.problem} role="alert">
            {failureWords(error)}
          </p>
        )}
      </form>
    </Dialog>
  );
}

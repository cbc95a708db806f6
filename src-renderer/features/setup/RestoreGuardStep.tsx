// What guards the restored console's key on this computer, and the last look before it begins.

import { useState } from 'react';
import { useStore } from 'zustand';
import type { Output } from '../../../src-shared/contract/contract.ts';
import type { KeyProtection } from '../../../src-shared/contract/setup.ts';
import { useIsWaiting } from '../../app/credentials/Waiting.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import { GuardPassphrase, isLongEnough, KeyGuard } from './KeyGuard.tsx';
import { RestoreFrame } from './RestoreFrame.tsx';
import type { Restore } from './restore-store.ts';
import css from './setup.module.css';

const form = 'restore-guard';

interface RestoreGuardStepProps {
  readonly restore: Restore;
  readonly options: Output<'setup.options'> | undefined;
  readonly protection: KeyProtection;
  readonly onProtectionChange: (protection: KeyProtection) => void;
  readonly onRestore: (newPassphrase: string | undefined) => void;
}

export function RestoreGuardStep(props: RestoreGuardStepProps) {
  const { restore, options, protection, onRestore } = props;
  const { retryAt } = useStore(restore.store);
  const [passphrase, setPassphrase] = useState('');
  const isWaiting = useIsWaiting(retryAt);
  const asksPassphrase = protection === 'passphrase' && options?.key_given_by !== 'passphrase';
  const isReady = options !== undefined && !isWaiting && (!asksPassphrase || isLongEnough(passphrase));
  return (
    <RestoreFrame
      restore={restore}
      title="Guard the key on this computer"
      lead="The restored console keeps its keys. This says what guards the master key here; it need not be what guarded it before."
      facts={options === undefined ? undefined : [options.data_folder, 'no network used']}
      onBack={() => restore.show('key')}
      next={{ label: 'Restore', form, isDisabled: !isReady }}
    >
      {options === undefined ? (
        <LoadingSkeleton label="Looking at this computer" rows={3} />
      ) : (
        <form
          id={form}
          className={css.form}
          onSubmit={(event) => {
            event.preventDefault();
            if (isReady) onRestore(asksPassphrase ? passphrase : undefined);
          }}
        >
          <KeyGuard options={options} value={protection} onChange={props.onProtectionChange} />
          {asksPassphrase && (
            <GuardPassphrase
              value={passphrase}
              onChange={setPassphrase}
              description="For this computer from now on. The one from before may be used again."
              error={undefined}
            />
          )}
          <p className={css.note}>The backup is checked whole before anything is written to {options.data_folder}.</p>
        </form>
      )}
    </RestoreFrame>
  );
}

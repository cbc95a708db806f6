// Where the data lives and what guards its key: the system's keychain, a passphrase, or a key that the environment gives already.

import { type FormEvent, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { formatBytes } from '../../lib/numbers.ts';
import { TextField } from '../../ui/controls/TextField.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import { GuardPassphrase, isLongEnough, KeyGuard } from './KeyGuard.tsx';
import type { SetUp, SetUpState } from './set-up-store.ts';
import css from './setup.module.css';
import { WizardFrame } from './WizardFrame.tsx';

const form = 'setup-keys';

export function KeysStep({ setUp }: { readonly setUp: SetUp }) {
  const state = useStore(setUp.store);
  const { options, protection, fields } = state;
  const [passphrase, setPassphrase] = useState('');
  const asksPassphrase = protection === 'passphrase' && options?.key_given_by !== 'passphrase';
  const isReady = options !== undefined && (!asksPassphrase || isLongEnough(passphrase));
  // Free space and keychain may have changed since the step was left.
  useEffect(() => void setUp.loadOptions(), [setUp]);

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (isReady) void setUp.makeKeys(asksPassphrase ? passphrase : undefined);
  }

  return (
    <WizardFrame
      setUp={setUp}
      title="Data and keys"
      lead="The store is encrypted from its first byte. Say where it lives and what guards its key."
      next={{ label: 'Make the keys', form, isDisabled: !isReady }}
    >
      {options === undefined ? (
        <LoadingSkeleton label="Looking at this computer" rows={3} />
      ) : (
        <form id={form} className={css.form} onSubmit={submit}>
          <TextField
            label="Name of this console"
            value={state.consoleName ?? ''}
            onChange={(consoleName) => setUp.change({ consoleName })}
            description="Stands in evidence, in authenticator apps and on the lock screen."
            error={fields.console_name}
            maxLength={60}
            autoFocus
            size="large"
          />
          <DataFolder setUp={setUp} state={state} options={options} />
          <KeyGuard options={options} value={protection} onChange={(chosen) => setUp.change({ protection: chosen })} />
          {asksPassphrase && (
            <GuardPassphrase
              value={passphrase}
              onChange={setPassphrase}
              description="Several words that do not belong together are easier to type than symbols. The recovery key of step 5 opens the store without it."
              error={fields.passphrase}
            />
          )}
        </form>
      )}
    </WizardFrame>
  );
}

interface PartProps {
  readonly setUp: SetUp;
  readonly state: SetUpState;
  readonly options: Output<'setup.options'>;
}

function DataFolder({ setUp, state, options }: PartProps) {
  const free = options.free_bytes === null ? undefined : `${formatBytes(options.free_bytes)} free.`;
  return (
    <TextField
      label="Data folder"
      value={state.dataFolder ?? options.data_folder}
      onChange={(dataFolder) => setUp.change({ dataFolder })}
      isReadOnly={options.folder_fixed}
      description={
        options.folder_fixed ? `${free ?? ''} Fixed when Gatehouse was started; GATEHOUSE_HOME moves it.`.trim() : free
      }
      error={state.fields.data_folder}
      isMono
      size="large"
    />
  );
}

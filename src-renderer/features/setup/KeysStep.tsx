// Where the data lives and what guards its key: the system's keychain, a passphrase, or a key that the environment gives already.

import { KeyRound, LockKeyhole } from 'lucide-react';
import { type FormEvent, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { useLists, useStrength } from '../../app/credentials/new-password.ts';
import { formatBytes } from '../../lib/numbers.ts';
import { ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import { PasswordField } from '../../ui/controls/PasswordField.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Tag } from '../../ui/data/Tag.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import type { SetUp, SetUpState } from './set-up-store.ts';
import css from './setup.module.css';
import { WizardFrame } from './WizardFrame.tsx';

const form = 'setup-keys';
const shortestPassphrase = 12;

export function KeysStep({ setUp }: { readonly setUp: SetUp }) {
  const state = useStore(setUp.store);
  const { options, protection, fields } = state;
  const [passphrase, setPassphrase] = useState('');
  const asksPassphrase = protection === 'passphrase' && options?.key_given_by !== 'passphrase';
  const isReady = options !== undefined && (!asksPassphrase || [...passphrase].length >= shortestPassphrase);
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
          {options.key_given_by === null ? (
            <Protection setUp={setUp} state={state} options={options} />
          ) : (
            <section className={css.section}>
              <h2 className={css.label}>Key</h2>
              <p>{givenWords(options.key_given_by)}</p>
            </section>
          )}
          {asksPassphrase && <Passphrase value={passphrase} onChange={setPassphrase} error={fields.passphrase} />}
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

function Protection({ setUp, state, options }: PartProps) {
  const { keychain } = options;
  return (
    <div>
      <ChoiceList
        label="What guards the key"
        value={state.protection}
        onChange={(protection) => setUp.change({ protection })}
        choices={[
          {
            id: 'keychain' as const,
            label: 'The system’s keychain',
            detail: keychain.available ? (
              <>
                {keychain.detail}. Gatehouse starts without asking. <Tag tone="ok">found</Tag>
              </>
            ) : (
              'None answers on this computer, or it is locked. Unlock it and come back to this step, or choose a passphrase.'
            ),
            icon: KeyRound,
            isDisabled: !keychain.available,
          },
          {
            id: 'passphrase' as const,
            label: 'A passphrase',
            detail: 'Asked for each time Gatehouse starts. Nobody can start it without.',
            icon: LockKeyhole,
          },
        ]}
      />
      {!keychain.available && keychain.detail !== '' && (
        <details className={css.details}>
          <summary>What the keychain answered</summary>
          <p className={css.answer}>{keychain.detail}</p>
        </details>
      )}
    </div>
  );
}

interface PassphraseProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | undefined;
}

function Passphrase({ value, onChange, error }: PassphraseProps) {
  const lists = useLists();
  const strength = useStrength(value, '', lists?.meter);
  return (
    <PasswordField
      label="Passphrase"
      purpose="new"
      value={value}
      onChange={onChange}
      description="Several words that do not belong together are easier to type than symbols. The recovery key of step 5 opens the store without it."
      error={error}
      strength={strength}
      rules={[{ id: 'length', label: '12 characters or more', isMet: [...value].length >= shortestPassphrase }]}
      size="large"
    />
  );
}

function givenWords(by: NonNullable<Output<'setup.options'>['key_given_by']>): string {
  switch (by) {
    case 'environment':
      return 'The environment of this process gives the key. Nothing else is stored.';
    case 'key_file':
      return 'A key file that Gatehouse was started with gives the key.';
    case 'passphrase':
      return 'The passphrase that was given at the start guards the key.';
    case 'keychain':
      return 'The system’s keychain holds the key.';
    case 'vault':
      return 'The Vault that this process was given access to holds the key.';
  }
}

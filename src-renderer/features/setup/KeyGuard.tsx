// What guards the key on this computer: the system's keychain, a passphrase, or a key that was given at the start. Asked for a new
// console and for one that comes back from a backup.

import { KeyRound, LockKeyhole } from 'lucide-react';
import type { Output } from '../../../src-shared/contract/contract.ts';
import type { KeyProtection } from '../../../src-shared/contract/setup.ts';
import { useLists, useStrength } from '../../app/credentials/new-password.ts';
import { ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import { PasswordField } from '../../ui/controls/PasswordField.tsx';
import { Tag } from '../../ui/data/Tag.tsx';
import css from './setup.module.css';

const shortestPassphrase = 12;

export function isLongEnough(passphrase: string): boolean {
  return [...passphrase].length >= shortestPassphrase;
}

interface KeyGuardProps {
  readonly options: Output<'setup.options'>;
  readonly value: KeyProtection | undefined;
  readonly onChange: (protection: KeyProtection) => void;
}

export function KeyGuard({ options, value, onChange }: KeyGuardProps) {
  const { keychain, key_given_by: givenBy } = options;
  if (givenBy !== null) {
    return (
      <section className={css.section}>
        <h2 className={css.label}>Key</h2>
        <p>{givenWords(givenBy)}</p>
      </section>
    );
  }
  return (
    <div>
      <ChoiceList
        label="What guards the key"
        value={value}
        onChange={onChange}
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

interface GuardPassphraseProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly description: string;
  readonly error: string | undefined;
}

export function GuardPassphrase({ value, onChange, description, error }: GuardPassphraseProps) {
  const lists = useLists();
  const strength = useStrength(value, '', lists?.meter);
  return (
    <PasswordField
      label="Passphrase"
      purpose="new"
      value={value}
      onChange={onChange}
      description={description}
      error={error}
      strength={strength}
      rules={[{ id: 'length', label: `${shortestPassphrase} characters or more`, isMet: isLongEnough(value) }]}
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

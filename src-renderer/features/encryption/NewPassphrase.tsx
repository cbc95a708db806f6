// A passphrase that is to guard the master key: long enough, with the meter beside it.

import { useLists, useStrength } from '../../app/credentials/new-password.ts';
import { PasswordField } from '../../ui/controls/PasswordField.tsx';

const shortest = 12;

export function isLongEnough(passphrase: string): boolean {
  return [...passphrase].length >= shortest;
}

interface NewPassphraseProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly description: string;
  readonly error?: string | undefined;
}

export function NewPassphrase({ label, value, onChange, description, error }: NewPassphraseProps) {
  const lists = useLists();
  const strength = useStrength(value, '', lists?.meter);
  return (
    <PasswordField
      label={label}
      purpose="new"
      value={value}
      onChange={onChange}
      description={description}
      error={error}
      strength={strength}
      rules={[{ id: 'length', label: `${shortest} characters or more`, isMet: isLongEnough(value) }]}
      autoFocus
    />
  );
}

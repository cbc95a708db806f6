// The first admin: a user name and a password, with the rules shown as they are met.

import { type FormEvent, useState } from 'react';
import { useStore } from 'zustand';
import { useJudgedPassword } from '../../app/credentials/new-password.ts';
import { PasswordField } from '../../ui/controls/PasswordField.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import type { SetUp } from './set-up-store.ts';
import css from './setup.module.css';
import { WizardFrame } from './WizardFrame.tsx';

const form = 'setup-owner';

export function OwnerStep({ setUp }: { readonly setUp: SetUp }) {
  const { username, fields, problem } = useStore(setUp.store);
  const [password, setPassword] = useState('');
  const { rules, strength, isAllowed } = useJudgedPassword(password, username);
  const isReady = username.trim() !== '' && isAllowed;

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (isReady) void setUp.makeOwner(password);
  }

  return (
    <WizardFrame
      setUp={setUp}
      title="Owner account"
      lead="The first admin of this console. Other people get accounts of their own later."
      next={{ label: 'Create the account', form, isDisabled: !isReady }}
      problemAtField={problem !== undefined && Object.keys(fields).length > 0}
    >
      <form id={form} className={css.form} onSubmit={submit}>
        <TextField
          label="User name"
          name="username"
          value={username}
          onChange={(value) => setUp.change({ username: value })}
          autoComplete="username"
          error={fields.username}
          maxLength={64}
          autoFocus
          size="large"
        />
        <PasswordField
          label="Password"
          purpose="new"
          value={password}
          onChange={setPassword}
          error={fields.password}
          rules={rules}
          strength={strength}
          size="large"
        />
      </form>
    </WizardFrame>
  );
}

// Recovery codes, shown once: save, copy, and type one to show that they were kept.

import { Download } from 'lucide-react';
import { useState } from 'react';
import { RecoveryCodes } from '../../app/credentials/RecoveryCodes.tsx';
import { saveText } from '../../app/save-file.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import css from './door.module.css';
import type { SignInState } from './sign-in-store.ts';

interface KeepCodesProps {
  readonly codes: readonly string[];
  readonly username: string;
  readonly state: SignInState;
  readonly onKept: () => Promise<void>;
}

/** The same code, however it was typed: case and separators do not count. */
function plain(code: string): string {
  return code.toLowerCase().replace(/[^a-z0-9]/g, '');
}

export function KeepCodes({ codes, username, state, onKept }: KeepCodesProps) {
  const [typed, setTyped] = useState('');
  const [isWrong, setIsWrong] = useState(false);
  const text = `Gatehouse recovery codes of ${username}\nEach works once.\n\n${codes.join('\n')}\n`;
  return (
    <form
      className={css.form}
      aria-label="Confirm the recovery codes"
      onSubmit={(event) => {
        event.preventDefault();
        if (codes.some((code) => plain(code) === plain(typed))) void onKept();
        else setIsWrong(true);
      }}
    >
      <RecoveryCodes codes={codes} />
      <div className={css.others}>
        <Button icon={Download} onPress={() => saveText('gatehouse-recovery-codes.txt', text)}>
          Save to a file
        </Button>
        <CopyButton value={text} what="recovery codes" size="medium">
          Copy
        </CopyButton>
      </div>
      <TextField
        label="Type one of them to confirm"
        value={typed}
        onChange={(value) => {
          setTyped(value);
          setIsWrong(false);
        }}
        error={isWrong ? 'This is none of the codes above. Look it up where you kept them.' : state.problem}
        autoComplete="off"
        isMono
        size="large"
      />
      <Button type="submit" tone="primary" size="large" isBusy={state.isBusy} isDisabled={typed === ''}>
        Continue
      </Button>
    </form>
  );
}

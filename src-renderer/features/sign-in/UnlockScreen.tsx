// The lock's form: password and code again. It asks for nothing by itself, and what is typed is gone when the lock is left.

import { type FormEvent, useRef, useState } from 'react';
import { failureWords, isProblem, ProblemFailure } from '../../api/failures.ts';
import { useIsWaiting, Waiting } from '../../app/credentials/Waiting.tsx';
import { LockScreen } from '../../app/LockScreen.tsx';
import { Button } from '../../ui/controls/Button.tsx';
import { PasswordField } from '../../ui/controls/PasswordField.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import css from './door.module.css';

interface UnlockScreenProps {
  readonly username: string;
  readonly needsCode: boolean;
  /** False: the console has not confirmed the lock. */
  readonly isHeld: boolean;
  /** Locked because nobody touched keyboard or mouse for so long. */
  readonly idleMinutes: number | undefined;
  readonly unlock: (password: string, code: string) => Promise<void>;
  readonly onOtherAccount: () => void;
  readonly onVerify: (() => void) | undefined;
}

function reasonFor(props: UnlockScreenProps): string {
  const why = props.idleMinutes === undefined ? '' : `After ${props.idleMinutes} min without keyboard or mouse. `;
  const unheld = ' The service has not confirmed the lock: this page shows nothing, but the session is still open.';
  return `${why}Detection keeps running.${props.isHeld ? '' : unheld}`;
}

export function UnlockScreen(props: UnlockScreenProps) {
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [retryAt, setRetryAt] = useState<number>();
  const isWaiting = useIsWaiting(retryAt);
  const form = useRef<HTMLFormElement>(null);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setIsBusy(true);
    setProblem(undefined);
    try {
      await props.unlock(password, code.replace(/\s/g, ''));
    } catch (error) {
      setProblem(failureWords(error));
      const seconds = error instanceof ProblemFailure ? error.problem.retry_after_seconds : undefined;
      setRetryAt(seconds === undefined ? undefined : Date.now() + seconds * 1000);
      const isWrongPassword = isProblem(error, 'access/credentials');
      if (isWrongPassword) setPassword('');
      setCode('');
      // To the first field that is to be typed again.
      form.current
        ?.querySelector<HTMLElement>(
          isWrongPassword ? '[autocomplete="current-password"]' : '[autocomplete="one-time-code"]',
        )
        ?.focus();
    } finally {
      setIsBusy(false);
    }
  }

  return (
    <LockScreen
      consoleName="Gatehouse"
      user={props.username}
      reason={reasonFor(props)}
      onOtherAccount={props.onOtherAccount}
      onVerify={props.onVerify}
    >
      <form ref={form} className={css.form} onSubmit={submit} aria-label="Unlock">
        <input
          className="visually-hidden"
          type="text"
          autoComplete="username"
          value={props.username}
          readOnly
          tabIndex={-1}
          aria-hidden="true"
        />
        <PasswordField
          label="Password"
          purpose="current"
          value={password}
          onChange={setPassword}
          autoFocus
          size="large"
        />
        {props.needsCode && (
          <TextField
            label="6-digit code"
            value={code}
            onChange={setCode}
            autoComplete="one-time-code"
            inputMode="numeric"
            isMono
            size="large"
          />
        )}
        {problem !== undefined && (
          <p className={css.problem} role="alert">
            {problem}
          </p>
        )}
        <Waiting until={retryAt} />
        <Button
          type="submit"
          tone="primary"
          size="large"
          isBusy={isBusy}
          isDisabled={isWaiting || password === '' || (props.needsCode && code === '')}
        >
          Unlock
        </Button>
      </form>
    </LockScreen>
  );
}

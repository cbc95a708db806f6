// Sign-in: password, then code or enrolment, then recovery codes once. Every failure of name or password reads the same.

import { type FormEvent, useState } from 'react';
import { useStore } from 'zustand';
import { ClockHint, EnrolmentPanel } from '../../app/credentials/EnrolmentPanel.tsx';
import { useIsWaiting, Waiting } from '../../app/credentials/Waiting.tsx';
import { Button } from '../../ui/controls/Button.tsx';
import { CodeField } from '../../ui/controls/CodeField.tsx';
import { PasswordField } from '../../ui/controls/PasswordField.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Banner } from '../../ui/states/Banner.tsx';
import { Door } from './Door.tsx';
import css from './door.module.css';
import { KeepCodes } from './KeepCodes.tsx';
import type { SignIn, SignInState } from './sign-in-store.ts';

interface SignInScreenProps {
  readonly signIn: SignIn;
  /** Why one who was signed in is not any more. */
  readonly reason: string | undefined;
  readonly onVerify: (() => void) | undefined;
}

export function SignInScreen({ signIn, reason, onVerify }: SignInScreenProps) {
  const state = useStore(signIn.store);
  switch (state.step.kind) {
    case 'password':
      return (
        <Door title="Sign in" onVerify={onVerify}>
          {reason !== undefined && state.problem === undefined && <Banner tone="info">{reason}</Banner>}
          <PasswordStep signIn={signIn} state={state} />
        </Door>
      );
    case 'code':
      return (
        <Door title="Second factor" lead={`Signing in as ${state.username}.`} onVerify={onVerify}>
          <CodeStep key={state.step.method} signIn={signIn} state={state} method={state.step.method} />
        </Door>
      );
    case 'enrolment':
      return (
        <Door
          title="Add a second factor"
          lead="Your role asks for one. Scan the code with an authenticator app, then type the 6 digits that it shows."
          isWide
        >
          <EnrolmentStep signIn={signIn} state={state} enrolment={state.step.enrolment} />
        </Door>
      );
    case 'recovery-codes':
      return (
        <Door
          title="Keep your recovery codes"
          lead="For a lost phone. Each works once. They are shown now and never again."
          isWide
        >
          <KeepCodes codes={state.step.codes} username={state.username} state={state} onKept={signIn.finish} />
        </Door>
      );
  }
}

interface StepProps {
  readonly signIn: SignIn;
  readonly state: SignInState;
}

function PasswordStep({ signIn, state }: StepProps) {
  const [password, setPassword] = useState('');
  const isWaiting = useIsWaiting(state.retryAt);
  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    await signIn.submitPassword(password);
    // Kept while one has to wait or nobody answered: it was not judged.
    if (signIn.store.getState().problem === undefined) setPassword('');
  }
  return (
    <form className={css.form} onSubmit={submit} aria-label="Sign in">
      <TextField
        label="User name"
        name="username"
        autoComplete="username"
        value={state.username}
        onChange={signIn.setUsername}
        autoFocus={state.username === ''}
        isRequired
        size="large"
      />
      <PasswordField
        label="Password"
        purpose="current"
        value={password}
        onChange={setPassword}
        autoFocus={state.username !== ''}
        size="large"
      />
      {state.problem !== undefined && (
        <p className={css.problem} role="alert">
          {state.problem}
        </p>
      )}
      <Waiting until={state.retryAt} />
      <Button
        type="submit"
        tone="primary"
        size="large"
        isBusy={state.isBusy}
        isDisabled={isWaiting || state.username === '' || password === ''}
      >
        Sign in
      </Button>
    </form>
  );
}

function CodeStep({ signIn, state, method }: StepProps & { readonly method: 'totp' | 'recovery_code' }) {
  const [code, setCode] = useState('');
  async function check(given: string): Promise<void> {
    await signIn.submitCode(given);
    if (signIn.store.getState().problem !== undefined) setCode('');
  }
  const isTotp = method === 'totp';
  return (
    <form
      className={css.form}
      aria-label="Second factor"
      onSubmit={(event) => {
        event.preventDefault();
        void check(code);
      }}
    >
      {isTotp ? (
        <CodeField
          label="6-digit code"
          value={code}
          onChange={setCode}
          onComplete={check}
          error={state.problem}
          autoFocus
          description="From your authenticator app. Checked after the sixth digit."
        />
      ) : (
        <TextField
          label="Recovery code"
          value={code}
          onChange={setCode}
          error={state.problem}
          autoFocus
          autoComplete="off"
          isMono
          size="large"
          description="One of the ten codes that you kept. It works once."
        />
      )}
      {isTotp && state.problem !== undefined && <ClockHint />}
      <Waiting until={state.retryAt} />
      <Button type="submit" tone="primary" size="large" isBusy={state.isBusy} isDisabled={code.length < 6}>
        Continue
      </Button>
      <div className={css.others}>
        <Button tone="quiet" onPress={() => signIn.chooseMethod(isTotp ? 'recovery_code' : 'totp')}>
          {isTotp ? 'Use a recovery code' : 'Use the authenticator app'}
        </Button>
        <Button tone="quiet" onPress={signIn.startAgain}>
          Other account
        </Button>
      </div>
    </form>
  );
}

function EnrolmentStep(props: StepProps & { readonly enrolment: Parameters<typeof EnrolmentPanel>[0]['enrolment'] }) {
  const { signIn, state, enrolment } = props;
  const [code, setCode] = useState('');
  async function check(given: string): Promise<void> {
    await signIn.submitCode(given);
    if (signIn.store.getState().problem !== undefined) setCode('');
  }
  return (
    <div className={css.form}>
      <EnrolmentPanel
        enrolment={enrolment}
        code={code}
        onCodeChange={setCode}
        onComplete={check}
        problem={state.problem}
      />
      <div className={css.others}>
        <Button tone="quiet" onPress={signIn.startAgain}>
          Cancel
        </Button>
      </div>
    </div>
  );
}

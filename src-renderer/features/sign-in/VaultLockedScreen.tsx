// The vault is locked, for everybody: what that means, and the ways to open it. Nothing else of the console is on the page.

import { KeyRound, Lock, SquareTerminal, TextCursorInput } from 'lucide-react';
import { type FormEvent, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { RecoveryKeyField } from '../../app/credentials/RecoveryKeyField.tsx';
import { emptyGroups, type KeyGroups, readGroups } from '../../app/credentials/recovery-key-groups.ts';
import { useIsWaiting, Waiting } from '../../app/credentials/Waiting.tsx';
import { Button } from '../../ui/controls/Button.tsx';
import { ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { PasswordField } from '../../ui/controls/PasswordField.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { PlainBar } from '../../ui/layout/PlainBar.tsx';
import { Banner } from '../../ui/states/Banner.tsx';
import css from './vault-locked.module.css';
import type { VaultUnlock, VaultUnlockState } from './vault-unlock-store.ts';

type Way = 'passphrase' | 'here' | 'recovery_key';

const command = 'gatehouse unlock';

interface VaultLockedScreenProps {
  readonly vault: VaultUnlock;
  /** What the console asks for: its passphrase, or the token that only this computer's owner can read. */
  readonly unlockWith: 'passphrase' | 'token';
  /** The desktop window shows the token by itself. */
  readonly isWindow: boolean;
  readonly onVerify: (() => void) | undefined;
}

export function VaultLockedScreen({ vault, unlockWith, isWindow, onVerify }: VaultLockedScreenProps) {
  const state = useStore(vault.store);
  const first: Way = unlockWith === 'passphrase' ? 'passphrase' : 'here';
  const [chosen, setChosen] = useState<Way>();
  const way = chosen ?? first;
  useEffect(() => vault.watch(), [vault]);
  return (
    <div className={css.page}>
      <PlainBar />
      <main className={css.card}>
        <span className={css.mark}>
          <Icon of={Lock} size={20} />
        </span>
        <h1 className={css.title}>The vault is locked</h1>
        <ul className={css.facts}>
          <li>Every key is zeroed and the store is closed.</li>
          <li>The API answers 503. Nothing is detected or recorded until the vault is unlocked.</li>
          <li>Bundles can still be verified; nothing in the store is lost.</li>
        </ul>
        {!state.answers && (
          <Banner>The service does not answer. Check that it is running; this page goes on looking.</Banner>
        )}
        <ChoiceList<Way>
          label="Unlock with"
          layout="row"
          value={way}
          onChange={(next) => {
            setChosen(next);
            vault.clearProblem();
          }}
          choices={[
            first === 'passphrase'
              ? { id: 'passphrase', label: 'Its passphrase', icon: TextCursorInput }
              : { id: 'here', label: 'This computer', icon: SquareTerminal },
            { id: 'recovery_key', label: 'The recovery key', icon: KeyRound },
          ]}
        />
        {way === 'passphrase' && <PassphraseForm vault={vault} state={state} />}
        {way === 'here' && (isWindow ? <WindowForm vault={vault} state={state} /> : <Terminal state={state} />)}
        {way === 'recovery_key' && <RecoveryForm vault={vault} state={state} />}
      </main>
      <footer className={css.foot}>
        {onVerify && (
          <Button tone="quiet" onPress={onVerify}>
            Verify a bundle
          </Button>
        )}
      </footer>
    </div>
  );
}

interface FormProps {
  readonly vault: VaultUnlock;
  readonly state: VaultUnlockState;
}

function PassphraseForm({ vault, state }: FormProps) {
  const [passphrase, setPassphrase] = useState('');
  const isWaiting = useIsWaiting(state.retryAt);
  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (passphrase === '') return;
    await vault.unlock({ passphrase });
  }
  return (
    <form className={css.form} onSubmit={submit} aria-label="Unlock with the passphrase">
      <PasswordField
        label="Passphrase"
        purpose="current"
        value={passphrase}
        onChange={setPassphrase}
        error={state.problem}
        autoFocus
        size="large"
      />
      <Waiting until={state.retryAt} />
      <Unlock isBusy={state.isBusy} isDisabled={isWaiting || passphrase === ''} />
    </form>
  );
}

function RecoveryForm({ vault, state }: FormProps) {
  const [groups, setGroups] = useState<KeyGroups>(emptyGroups);
  const isWaiting = useIsWaiting(state.retryAt);
  const reading = readGroups(groups);
  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (reading.kind === 'key') await vault.unlock({ recovery_key: reading.text });
  }
  return (
    <form className={css.form} onSubmit={submit} aria-label="Unlock with the recovery key">
      <RecoveryKeyField
        groups={groups}
        onChange={(next) => {
          setGroups(next);
          vault.clearProblem();
        }}
        error={state.problem}
        autoFocus
      />
      <Waiting until={state.retryAt} />
      <Unlock isBusy={state.isBusy} isDisabled={isWaiting || reading.kind !== 'key'} />
    </form>
  );
}

/** In a browser: whoever may read the profile folder unlocks, and this page notices. */
function Terminal({ state }: { readonly state: VaultUnlockState }) {
  return (
    <section className={css.form} aria-label="Unlock on this computer">
      <p>Run this on the computer that Gatehouse runs on, as the user who started it:</p>
      <div className={css.line}>
        <code className={css.code}>{command}</code>
        <CopyButton value={command} what="command" size="medium">
          Copy
        </CopyButton>
      </div>
      <p className={css.note} role="status">
        {state.answers ? 'Looking every two seconds. This page goes on by itself.' : 'Waiting for the service.'}
      </p>
    </section>
  );
}

function WindowForm({ vault, state }: FormProps) {
  const isWaiting = useIsWaiting(state.retryAt);
  return (
    <form
      className={css.form}
      aria-label="Unlock on this computer"
      onSubmit={(event) => {
        event.preventDefault();
        void vault.unlock({});
      }}
    >
      <p>
        This window runs as the user who owns the data, so it can unlock the vault with the key kept on this computer.
      </p>
      {state.problem !== undefined && (
        <p className={css.problem} role="alert">
          {state.problem}
        </p>
      )}
      <Waiting until={state.retryAt} />
      <Unlock isBusy={state.isBusy} isDisabled={isWaiting} />
    </form>
  );
}

function Unlock({ isBusy, isDisabled }: { readonly isBusy: boolean; readonly isDisabled: boolean }) {
  return (
    <Button type="submit" tone="primary" size="large" isBusy={isBusy} isDisabled={isDisabled}>
      Unlock
    </Button>
  );
}

// The kit for bad days: ten codes, the recovery key, the public verifier key. Kept by file, paper or clipboard; one code is typed again.

import { Download, Printer } from 'lucide-react';
import { type FormEvent, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { RecoveryCodes } from '../../app/credentials/RecoveryCodes.tsx';
import { Waiting } from '../../app/credentials/Waiting.tsx';
import { fileNamePart, saveText } from '../../app/save-file.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { CopyLine } from '../../ui/data/CopyLine.tsx';
import { Time } from '../../ui/data/Time.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import { kitText, type RecoveryKit } from './kit-file.ts';
import type { SetUp } from './set-up-store.ts';
import css from './setup.module.css';
import { WizardFrame } from './WizardFrame.tsx';

const form = 'setup-recovery';

export function RecoveryStep({ setUp }: { readonly setUp: SetUp }) {
  const { kit, problem, retryAt, username } = useStore(setUp.store);
  const [typed, setTyped] = useState('');
  useEffect(() => void setUp.loadKit(), [setUp]);

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (typed.trim() !== '') void setUp.confirmKit(typed);
  }

  return (
    <WizardFrame
      setUp={setUp}
      title="Keep your recovery kit"
      lead="For a lost phone or a lost keychain. After you confirm one code it is never shown again; if you leave this step before, a new kit is made and only the new one counts."
      problemAtField={kit !== undefined}
      next={{ label: 'Confirm', form, isDisabled: typed.trim() === '' }}
    >
      {kit === undefined ? (
        problem === undefined && <LoadingSkeleton label="Making the recovery kit" rows={6} />
      ) : (
        <div className={css.column}>
          <Kit kit={kit} />
          <Keep kit={kit} username={username} />
          <form id={form} className={css.confirm} onSubmit={submit}>
            <TextField
              label="Type one of the codes to confirm that you kept them"
              value={typed}
              onChange={setTyped}
              error={problem}
              description="Reading it from the file or the paper shows that it can be read."
              autoComplete="off"
              isMono
              size="large"
            />
            <Waiting until={retryAt} />
          </form>
        </div>
      )}
    </WizardFrame>
  );
}

function Kit({ kit }: { readonly kit: RecoveryKit }) {
  return (
    <div className={css.kit}>
      <p className={css.paper}>
        Gatehouse recovery kit of {kit.console_name}, <Time at={kit.created_at} format="minute" />
      </p>
      <section className={css.section}>
        <h2 className={css.label}>{kit.recovery_codes.length} recovery codes</h2>
        <RecoveryCodes codes={kit.recovery_codes} />
        <p className={css.note}>In place of the second factor. Each works once.</p>
      </section>
      <div className={css.keys}>
        <section className={css.section}>
          <h2 className={css.label}>Recovery key</h2>
          <CopyLine line={kit.recovery_key} what="recovery key" />
          <p className={css.note}>Opens the encrypted store when keychain or passphrase are lost.</p>
        </section>
        <section className={css.section}>
          <h2 className={css.label}>Verifier key, public</h2>
          <CopyLine line={kit.verifier_key} what="verifier key" />
          <p className={css.note}>
            For whoever checks your evidence. Give it to them by another way than the evidence.
          </p>
        </section>
      </div>
    </div>
  );
}

function Keep({ kit, username }: { readonly kit: RecoveryKit; readonly username: string }) {
  const text = kitText(kit, username);
  return (
    <div className={css.buttons}>
      <Button icon={Download} onPress={() => saveText(`${fileNamePart(kit.console_name)}-recovery-kit.txt`, text)}>
        Save to a file
      </Button>
      <Button icon={Printer} onPress={() => window.print()}>
        Print
      </Button>
      <CopyButton value={text} what="recovery kit" size="medium">
        Copy
      </CopyButton>
    </div>
  );
}

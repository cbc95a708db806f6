// The owner's second factor. The policy for admins demands it, so there is no way past it.

import { Fingerprint, ListChecks } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { EnrolmentPanel } from '../../app/credentials/EnrolmentPanel.tsx';
import { Waiting } from '../../app/credentials/Waiting.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import type { SetUp } from './set-up-store.ts';
import css from './setup.module.css';
import { WizardFrame } from './WizardFrame.tsx';

export function SecondFactorStep({ setUp }: { readonly setUp: SetUp }) {
  const { enrolment, problem, retryAt } = useStore(setUp.store);
  const [code, setCode] = useState('');
  useEffect(() => void setUp.loadSecondFactor(), [setUp]);

  async function check(given: string): Promise<void> {
    await setUp.verifySecondFactor(given);
    if (setUp.store.getState().problem !== undefined) setCode('');
  }

  return (
    <WizardFrame
      setUp={setUp}
      title="Add a second factor"
      lead="Scan the code with an authenticator app, then type the 6 digits that it shows."
      problemAtField={enrolment !== undefined}
      next={{ label: 'Continue', onPress: () => void check(code), isDisabled: code.length < 6 }}
    >
      {enrolment === undefined ? (
        problem === undefined && <LoadingSkeleton label="Making a key for your authenticator app" rows={4} />
      ) : (
        <>
          <EnrolmentPanel
            enrolment={enrolment}
            code={code}
            onCodeChange={setCode}
            onComplete={check}
            problem={problem}
          />
          <Waiting until={retryAt} />
        </>
      )}
      <div className={css.facts}>
        <div className={css.fact}>
          <Icon of={ListChecks} />
          <span>
            <b>Next: 10 recovery codes</b>For a lost phone. Each works once; you confirm one.
          </span>
        </div>
        <div className={css.fact}>
          <Icon of={Fingerprint} />
          <span>
            <b>Any authenticator app works</b>The code changes every 30 s and works without network.
          </span>
        </div>
      </div>
    </WizardFrame>
  );
}

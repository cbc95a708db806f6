// The first question: a new console, or only a bundle to verify, which needs neither account nor data.

import { FileCheck2, HardDrive, ServerCog, WifiOff } from 'lucide-react';
import { useState } from 'react';
import { ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import { Icon } from '../../ui/Icon.tsx';
import type { SetUp } from './set-up-store.ts';
import css from './setup.module.css';
import { WizardFrame } from './WizardFrame.tsx';

interface StartStepProps {
  readonly setUp: SetUp;
  readonly onVerify: () => void;
}

export function StartStep({ setUp, onVerify }: StartStepProps) {
  const [choice, setChoice] = useState<'new' | 'verify'>('new');
  return (
    <WizardFrame
      setUp={setUp}
      title="Set up this console"
      lead="Gatehouse guards a team’s systems from this computer: it takes their logs, raises alerts, and signs evidence that anybody can check."
      next={{
        label: choice === 'new' ? 'Begin' : 'Open the verifier',
        onPress: choice === 'new' ? setUp.begin : onVerify,
      }}
    >
      <ChoiceList
        label="What do you want to do?"
        value={choice}
        onChange={setChoice}
        choices={[
          {
            id: 'new',
            label: 'New console',
            detail: 'Keys, an owner with a second factor, a certificate, a first log. About three minutes.',
            icon: ServerCog,
          },
          {
            id: 'verify',
            label: 'Only verify a bundle',
            detail: 'Check a file that somebody sent you. No account; set-up can be done later.',
            icon: FileCheck2,
          },
        ]}
      />
      <div className={css.facts}>
        <div className={css.fact}>
          <Icon of={HardDrive} />
          <span>
            <b>Everything stays on this computer</b>The store is encrypted; its key is made in the next step.
          </span>
        </div>
        <div className={css.fact}>
          <Icon of={WifiOff} />
          <span>
            <b>No network is used</b>Nothing is fetched and nothing is sent while setting up.
          </span>
        </div>
      </div>
    </WizardFrame>
  );
}

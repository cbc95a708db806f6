// The first question: a new console, one that comes back from a backup, or only a bundle to verify, which needs neither account nor data.

import { DatabaseBackup, FileCheck2, HardDrive, ServerCog, WifiOff } from 'lucide-react';
import { useState } from 'react';
import { ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import { Icon } from '../../ui/Icon.tsx';
import type { SetUp } from './set-up-store.ts';
import css from './setup.module.css';
import { WizardFrame } from './WizardFrame.tsx';

interface StartStepProps {
  readonly setUp: SetUp;
  readonly onRestore: () => void;
  readonly onVerify: () => void;
}

type Beginning = 'new' | 'restore' | 'verify';

export function StartStep({ setUp, onRestore, onVerify }: StartStepProps) {
  const [choice, setChoice] = useState<Beginning>('new');
  const ways: Readonly<Record<Beginning, { readonly label: string; readonly onPress: () => void }>> = {
    new: { label: 'Begin', onPress: setUp.begin },
    restore: { label: 'Choose the backup', onPress: onRestore },
    verify: { label: 'Open the verifier', onPress: onVerify },
  };
  return (
    <WizardFrame
      setUp={setUp}
      title="Set up this console"
      lead="Gatehouse guards a team’s systems from this computer: it takes their logs, raises alerts, and signs evidence that anybody can check."
      next={ways[choice]}
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
            id: 'restore',
            label: 'Restore from a backup',
            detail:
              'A console that ran before, with its users, secrets and audit log. Needs its recovery key or a passphrase.',
            icon: DatabaseBackup,
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

// The wizard of a console that comes back from a backup: choose the file, see what it is, open it, say what guards its key here. What is
// typed lives as long as the wizard is on screen.

import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { KeyProtection } from '../../../src-shared/contract/setup.ts';
import { emptyGroups, type KeyGroups, readGroups } from '../../app/credentials/recovery-key-groups.ts';
import { RestoreFileStep } from './RestoreFileStep.tsx';
import { RestoreGuardStep } from './RestoreGuardStep.tsx';
import { type OpenerKind, RestoreKeyStep } from './RestoreKeyStep.tsx';
import { RestoreResult } from './RestoreResult.tsx';
import type { Restore, RestoreOpener } from './restore-store.ts';
import type { SetUp } from './set-up-store.ts';

interface RestoreWizardProps {
  /** Knows what this computer can do. */
  readonly setUp: SetUp;
  readonly restore: Restore;
  readonly onLeave: () => void;
  /** The console is restored: it says what comes next. */
  readonly onDone: () => void;
}

export function RestoreWizard({ setUp, restore, onLeave, onDone }: RestoreWizardProps) {
  const { step, facts } = useStore(restore.store);
  const { options, protection: offered } = useStore(setUp.store);
  const [chosenOpener, setOpener] = useState<OpenerKind>();
  const [groups, setGroups] = useState<KeyGroups>(emptyGroups);
  const [passphrase, setPassphrase] = useState('');
  const [chosenGuard, setGuard] = useState<KeyProtection>();
  useEffect(() => {
    void setUp.loadOptions();
    return () => restore.leave();
  }, [setUp, restore]);

  // A passphrase where no recovery key was ever issued.
  const opener = chosenOpener ?? (facts?.opens_with.includes('recovery_key') === false ? 'passphrase' : 'recovery_key');
  const protection = chosenGuard ?? offered ?? 'passphrase';
  const reading = readGroups(groups);
  const given: Readonly<Record<OpenerKind, RestoreOpener | undefined>> = {
    recovery_key: reading.kind === 'key' ? { kind: 'recovery_key', text: reading.text } : undefined,
    passphrase: passphrase === '' ? undefined : { kind: 'passphrase', text: passphrase },
    given: { kind: 'given' },
  };
  const openWith = given[opener];

  switch (step) {
    case 'file':
      return (
        <RestoreFileStep
          restore={restore}
          onBack={() => {
            restore.leave();
            onLeave();
          }}
        />
      );
    case 'key':
      return (
        <RestoreKeyStep
          restore={restore}
          canBeGiven={options?.key_given_by != null}
          opener={opener}
          onOpenerChange={setOpener}
          groups={groups}
          onGroupsChange={setGroups}
          passphrase={passphrase}
          onPassphraseChange={setPassphrase}
          isReady={openWith !== undefined}
        />
      );
    case 'guard':
      return (
        <RestoreGuardStep
          restore={restore}
          options={options}
          protection={protection}
          onProtectionChange={setGuard}
          onRestore={(newPassphrase) => {
            if (openWith !== undefined) void restore.run(openWith, protection, newPassphrase);
          }}
        />
      );
    case 'result':
      return <RestoreResult restore={restore} onDone={onDone} />;
  }
}

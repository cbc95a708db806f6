// A console that is not set up yet: waiting to be claimed, claimed elsewhere, or the wizard at the step where it stands.

import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { transportKind } from '../../api/client.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { PlainBar } from '../../ui/layout/PlainBar.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import { CertificateStep } from './CertificateStep.tsx';
import css from './claim.module.css';
import { FinishStep } from './FinishStep.tsx';
import { KeysStep } from './KeysStep.tsx';
import { OwnerStep } from './OwnerStep.tsx';
import { RecoveryStep } from './RecoveryStep.tsx';
import { RestoreWizard } from './RestoreWizard.tsx';
import type { Restore } from './restore-store.ts';
import { SecondFactorStep } from './SecondFactorStep.tsx';
import { SourceStep } from './SourceStep.tsx';
import { StartStep } from './StartStep.tsx';
import { type SetUp, shownStep } from './set-up-store.ts';

interface SetUpScreenProps {
  readonly setUp: SetUp;
  readonly restore: Restore;
  /** From the link this page was opened by. */
  readonly token: string | undefined;
  readonly onVerify: () => void;
  /** Asks the console again where it stands. */
  readonly onRetry: () => void;
}

export function SetUpScreen({ setUp, restore, token, onVerify, onRetry }: SetUpScreenProps) {
  const state = useStore(setUp.store);
  const [isRestoring, setIsRestoring] = useState(false);
  const { claimed_by_you: isOurs, phase } = state.console;
  const mayClaim = !isOurs && token !== undefined;
  useEffect(() => {
    // One try: a link works once, and a second try with the same token could only be refused.
    if (mayClaim) void setUp.claim(token);
  }, [setUp, mayClaim, token]);

  if (isOurs && isRestoring) {
    return <RestoreWizard setUp={setUp} restore={restore} onLeave={() => setIsRestoring(false)} onDone={onRetry} />;
  }
  if (isOurs) {
    return <Step setUp={setUp} step={shownStep(state)} onRestore={() => setIsRestoring(true)} onVerify={onVerify} />;
  }
  if (mayClaim && state.problem === undefined) return <LoadingSkeleton label="Opening the set-up" rows={4} />;
  return (
    <Unclaimed
      problem={state.problem}
      isClaimedElsewhere={phase === 'in_progress'}
      onRetry={onRetry}
      onVerify={onVerify}
    />
  );
}

interface StepProps {
  readonly setUp: SetUp;
  readonly step: ReturnType<typeof shownStep>;
  readonly onRestore: () => void;
  readonly onVerify: () => void;
}

function Step({ setUp, step, onRestore, onVerify }: StepProps) {
  switch (step) {
    case 'start':
      return <StartStep setUp={setUp} onRestore={onRestore} onVerify={onVerify} />;
    case 'keys':
      return <KeysStep setUp={setUp} />;
    case 'owner':
      return <OwnerStep setUp={setUp} />;
    case 'second_factor':
      return <SecondFactorStep setUp={setUp} />;
    case 'recovery':
      return <RecoveryStep setUp={setUp} />;
    case 'certificate':
      return <CertificateStep setUp={setUp} />;
    case 'source':
      return <SourceStep setUp={setUp} />;
    case 'finish':
      return <FinishStep setUp={setUp} />;
  }
}

interface UnclaimedProps {
  readonly problem: string | undefined;
  readonly isClaimedElsewhere: boolean;
  readonly onRetry: () => void;
  readonly onVerify: () => void;
}

/** A desktop window brings its own one-time link; a browser gets it from the terminal. */
function claimWords(isWindow: boolean, isClaimedElsewhere: boolean): string {
  if (isClaimedElsewhere) {
    return isWindow
      ? 'Go on there. If that browser is lost, quit Gatehouse and start it again: this window then takes over.'
      : 'Go on there. If that browser is lost, restart Gatehouse: it prints a new link.';
  }
  return isWindow
    ? 'Set-up begins in the window that started Gatehouse, once for each start. Quit Gatehouse and start it again to begin here.'
    : 'Open the link that Gatehouse printed in its terminal. It works once, so that nobody else on this computer or network can set this console up.';
}

function Unclaimed({ problem, isClaimedElsewhere, onRetry, onVerify }: UnclaimedProps) {
  const isWindow = transportKind() === 'window';
  return (
    <div className={css.page}>
      <PlainBar />
      <main className={css.card}>
        <h1 className={css.title}>
          {isClaimedElsewhere ? 'Set-up is under way in another browser' : 'This console is waiting to be claimed'}
        </h1>
        {problem !== undefined && (
          <p className={css.problem} role="alert">
            {problem}
          </p>
        )}
        <p>{claimWords(isWindow, isClaimedElsewhere)}</p>
        {!isWindow && !isClaimedElsewhere && <pre className={css.sample}>{window.location.origin}/setup#…</pre>}
        <div className={css.buttons}>
          <Button onPress={onRetry}>Look again</Button>
          <Button tone="quiet" onPress={onVerify}>
            Verify a bundle
          </Button>
        </div>
      </main>
    </div>
  );
}

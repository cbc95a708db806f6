// What every step of the wizard shares: the list of steps, the facts at the foot, Back, a problem above the step, focus at its start.

import { type ReactNode, useEffect } from 'react';
import { useStore } from 'zustand';
import { Waiting } from '../../app/credentials/Waiting.tsx';
import { SetupFrame } from '../../app/SetupFrame.tsx';
import { formatBytes } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Banner } from '../../ui/states/Banner.tsx';
import { focusAtStart } from './focus-at-start.ts';
import { canGoBack, type SetUp, type SetUpState, shownStep, stepTitles, wizardSteps } from './set-up-store.ts';
import css from './setup.module.css';

interface WizardFrameProps {
  readonly setUp: SetUp;
  readonly title: string;
  readonly lead?: ReactNode;
  readonly children: ReactNode;
  /** The problem is shown at a field of the step instead. */
  readonly problemAtField?: boolean;
  readonly next?:
    | {
        readonly label: string;
        readonly onPress?: () => void;
        readonly form?: string;
        readonly isDisabled?: boolean;
      }
    | undefined;
}

/** Typical seconds that are left at each step, of three minutes in all (console-ux 1.4). */
const secondsFrom: readonly number[] = [160, 150, 140, 105, 65, 35, 20, 10];

const protectionWords: Readonly<Record<string, string>> = {
  keychain: 'key in the system keychain',
  passphrase: 'key under a passphrase',
  environment: 'key given by the environment',
  key_file: 'key in a key file',
};

function factsOf(state: SetUpState): readonly string[] {
  const { options, protection, dataFolder } = state;
  if (options === undefined) return ['no network used'];
  const free = options.free_bytes === null ? '' : `, ${formatBytes(options.free_bytes)} free`;
  return [
    `${dataFolder ?? options.data_folder}${free}`,
    ...(protection === undefined ? [] : [protectionWords[protection] ?? protection]),
    'no network used',
  ];
}

export function WizardFrame({ setUp, title, lead, children, problemAtField = false, next }: WizardFrameProps) {
  const state = useStore(setUp.store);
  const step = shownStep(state);
  const current = wizardSteps.indexOf(step);
  const reached = state.console.step === null ? wizardSteps.length : wizardSteps.indexOf(state.console.step);
  const hasNoOptions = state.options === undefined && step !== 'start';
  useEffect(() => {
    if (hasNoOptions) void setUp.loadOptions();
  }, [setUp, hasNoOptions]);
  useEffect(() => focusAtStart(`${stepTitles[step]} · Gatehouse setup`), [step]);
  return (
    <SetupFrame
      subject={state.consoleName === undefined ? 'Setup' : `Setup of ${state.consoleName}`}
      steps={wizardSteps.map((id) => ({ id, label: stepTitles[id] }))}
      current={current}
      reached={Math.max(reached, current)}
      secondsLeft={secondsFrom[current]}
      title={title}
      lead={lead}
      facts={factsOf(state)}
      back={canGoBack(state) ? { onPress: setUp.back } : undefined}
      next={
        next && {
          label: next.label,
          onPress: () => next.onPress?.(),
          form: next.form,
          isDisabled: next.isDisabled,
          isBusy: state.isBusy,
        }
      }
    >
      {state.problem !== undefined && !problemAtField && (
        <div className={css.problem} role="alert">
          <Banner actions={state.retry && <Button onPress={state.retry}>Try again</Button>}>{state.problem}</Banner>
          <Waiting until={state.retryAt} />
        </div>
      )}
      {children}
    </SetupFrame>
  );
}

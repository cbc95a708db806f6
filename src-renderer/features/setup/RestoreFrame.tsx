// What every step of a restore shares: the list of steps, a problem above the step, Back, focus at its start.

import { type ReactNode, useEffect } from 'react';
import { useStore } from 'zustand';
import { Waiting } from '../../app/credentials/Waiting.tsx';
import { SetupFrame } from '../../app/SetupFrame.tsx';
import { Banner } from '../../ui/states/Banner.tsx';
import { focusAtStart } from './focus-at-start.ts';
import { type Restore, type RestoreStep, restoreSteps } from './restore-store.ts';
import css from './setup.module.css';

const titles: Readonly<Record<RestoreStep, string>> = {
  start: 'Start',
  file: 'Backup',
  key: 'What opens it',
  guard: 'This computer',
  result: 'Restore',
};

interface RestoreFrameProps {
  readonly restore: Restore;
  readonly title: string;
  readonly lead?: ReactNode;
  readonly children: ReactNode;
  readonly facts?: readonly ReactNode[] | undefined;
  readonly onBack?: (() => void) | undefined;
  readonly next?:
    | {
        readonly label: string;
        readonly onPress?: () => void;
        readonly form?: string;
        readonly isDisabled?: boolean;
        readonly isBusy?: boolean;
      }
    | undefined;
}

export function RestoreFrame({ restore, title, lead, children, facts, onBack, next }: RestoreFrameProps) {
  const { step, facts: backup, problem, problemAt, retryAt } = useStore(restore.store);
  const current = restoreSteps.indexOf(step);
  useEffect(() => focusAtStart(`${titles[step]} · Gatehouse restore`), [step]);
  return (
    <SetupFrame
      subject={backup === undefined ? 'Restore a console' : `Restore of ${backup.console_name}`}
      steps={restoreSteps.map((id) => ({ id, label: titles[id] }))}
      current={current}
      reached={current}
      title={title}
      lead={lead}
      kept={step === 'result' ? '' : 'Nothing is changed on this computer before the last step.'}
      facts={facts ?? ['no network used']}
      back={onBack && { onPress: onBack }}
      next={
        next && {
          label: next.label,
          onPress: () => next.onPress?.(),
          form: next.form,
          isDisabled: next.isDisabled,
          isBusy: next.isBusy,
        }
      }
    >
      {problem !== undefined && !(problemAt === 'key' && step === 'key') && (
        <div className={css.problem} role="alert">
          <Banner>{problem}</Banner>
          <Waiting until={retryAt} />
        </div>
      )}
      {children}
    </SetupFrame>
  );
}

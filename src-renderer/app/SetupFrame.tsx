// First run: the eight steps stand where the rail will be. Nothing typed is lost; one may leave and come back.

import { Check, CircleHelp } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '../lib/cx.ts';
import { Button } from '../ui/controls/Button.tsx';
import { GateIcon, Icon } from '../ui/Icon.tsx';
import css from './SetupFrame.module.css';
import status from './StatusBar.module.css';
import bar from './TitleBar.module.css';

export interface SetupStep {
  readonly id: string;
  readonly label: string;
}

interface SetupFrameProps {
  /** 'Setup of Nordkai Console' */
  readonly subject: string;
  readonly steps: readonly SetupStep[];
  /** Position of the step shown. */
  readonly current: number;
  /** Steps before this one are done. A finished step can be opened again when `onStep` is given. */
  readonly reached: number;
  readonly secondsLeft?: number | undefined;
  readonly title: string;
  readonly lead?: ReactNode;
  readonly children: ReactNode;
  /** Under the steps: what leaving and coming back does. Empty: nothing. */
  readonly kept?: string;
  /** Facts of the status bar: the folder and its space, where the key is kept, that no network is used. */
  readonly facts?: readonly ReactNode[];
  readonly onStep?: ((position: number) => void) | undefined;
  readonly onHelp?: (() => void) | undefined;
  readonly onLeave?: (() => void) | undefined;
  /** Buttons at the foot: Back at the start, the way on at the end. */
  readonly back?: { readonly onPress: () => void } | undefined;
  readonly skip?: { readonly label: string; readonly onPress: () => void } | undefined;
  readonly next?:
    | {
        readonly label: string;
        readonly onPress: () => void;
        readonly isDisabled?: boolean | undefined;
        readonly isBusy?: boolean | undefined;
        /** Id of the form that Enter submits. */
        readonly form?: string | undefined;
      }
    | undefined;
}

export function SetupFrame(props: SetupFrameProps) {
  const { steps, current, reached, secondsLeft, onStep, back, skip, next } = props;
  const { kept = 'What you typed is kept. You can leave and come back.' } = props;
  return (
    <div className={css.frame}>
      <header className={cx(bar.titlebar, css.titlebar)} data-window-handle>
        <div className={bar.brand}>
          <GateIcon />
          <span>Gatehouse</span>
        </div>
        <span className={cx(css.subject, 'clip')}>{props.subject}</span>
        <span className={css.progress} role="status">
          Step {current + 1} of {steps.length}
          {secondsLeft !== undefined && `, about ${secondsLeft} s left`}
        </span>
        <div className={bar.end}>
          {props.onHelp && (
            <Button tone="quiet" icon={CircleHelp} onPress={props.onHelp}>
              Help
            </Button>
          )}
          {props.onLeave && (
            <Button tone="quiet" onPress={props.onLeave}>
              Leave, continue later
            </Button>
          )}
        </div>
      </header>
      <nav className={css.rail} aria-label="Setup steps">
        <h2 className={css.heading}>Setup</h2>
        <ol className={css.steps}>
          {steps.map((step, position) => (
            <li key={step.id}>
              <Step
                label={step.label}
                number={position + 1}
                state={position === current ? 'current' : position < reached ? 'done' : 'todo'}
                onPress={onStep && position < reached && position !== current ? () => onStep(position) : undefined}
              />
            </li>
          ))}
        </ol>
        {kept !== '' && <p className={css.kept}>{kept}</p>}
      </nav>
      <main className={css.main}>
        <div className={css.scroll}>
          <div className={css.body}>
            <h1 className={css.title}>{props.title}</h1>
            {props.lead !== undefined && <p className={css.lead}>{props.lead}</p>}
            {props.children}
          </div>
        </div>
        <div className={css.foot}>
          <div className={css.buttons}>
            {back && (
              <Button size="large" onPress={back.onPress}>
                Back
              </Button>
            )}
            <span className="grow" />
            {skip && (
              <Button size="large" tone="quiet" onPress={skip.onPress}>
                {skip.label}
              </Button>
            )}
            {next && (
              <Button
                size="large"
                tone="primary"
                isDisabled={next.isDisabled}
                isBusy={next.isBusy === true}
                type={next.form === undefined ? 'button' : 'submit'}
                form={next.form}
                onPress={next.form === undefined ? next.onPress : undefined}
              >
                {next.label}
              </Button>
            )}
          </div>
        </div>
      </main>
      <footer className={status.statusbar}>
        {props.facts?.map((fact, position) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: facts have no other name and do not move
          <span key={position} className={status.item}>
            {fact}
          </span>
        ))}
      </footer>
    </div>
  );
}

interface StepProps {
  readonly label: string;
  readonly number: number;
  readonly state: 'done' | 'current' | 'todo';
  readonly onPress: (() => void) | undefined;
}

function Step({ label, number, state, onPress }: StepProps) {
  const content = (
    <>
      <span className={css.number}>{state === 'done' ? <Icon of={Check} size={12} /> : number}</span>
      {label}
      {state === 'done' && <span className="visually-hidden">, done</span>}
    </>
  );
  const name = cx(css.step, css[state]);
  if (onPress === undefined) {
    return (
      <span className={name} aria-current={state === 'current' ? 'step' : undefined}>
        {content}
      </span>
    );
  }
  return (
    <button type="button" className={name} onClick={onPress}>
      {content}
    </button>
  );
}

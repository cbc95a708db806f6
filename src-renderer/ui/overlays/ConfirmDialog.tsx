// Before it acts, it says what it hits. Danger asks for the name to be typed when the caller wants it; failure stays in the dialog.

import { type ReactNode, useState } from 'react';
import { Button } from '../controls/Button.tsx';
import { TextField } from '../controls/TextField.tsx';
import css from './ConfirmDialog.module.css';
import { Dialog } from './Dialog.tsx';

export interface Consequence {
  readonly label: string;
  /** '0 of 23' */
  readonly value: ReactNode;
}

/** For dialogs of another shape that say what they hit. */
export function Consequences({ of }: { readonly of: readonly Consequence[] }) {
  if (of.length === 0) return null;
  return (
    <dl className={css.consequences}>
      {of.map((each) => (
        <div key={each.label} className={css.consequence}>
          <dt>{each.label}</dt>
          <dd>{each.value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface ConfirmDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly children?: ReactNode;
  /** What it would hit, each with its denominator. */
  readonly consequences?: readonly Consequence[];
  /** The verb: 'Block 4 h'. */
  readonly confirmLabel: string;
  readonly isDanger?: boolean;
  /** Must be typed exactly before the button works. */
  readonly typeToConfirm?: string | undefined;
  readonly footnote?: ReactNode;
  /** Closes when done. What it throws is shown by `describeError`. */
  readonly onConfirm: () => Promise<void> | void;
  readonly describeError?: (error: unknown) => string;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const { isOpen, title, consequences = [], confirmLabel, isDanger = false, typeToConfirm } = props;
  const [typed, setTyped] = useState('');
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  function close(): void {
    setTyped('');
    setProblem(undefined);
    props.onClose();
  }

  async function confirm(): Promise<void> {
    setIsBusy(true);
    setProblem(undefined);
    try {
      await props.onConfirm();
      close();
    } catch (error) {
      setProblem(props.describeError?.(error) ?? (error instanceof Error ? error.message : 'It could not be done.'));
    } finally {
      setIsBusy(false);
    }
  }

  const isReady = typeToConfirm === undefined || typed === typeToConfirm;
  return (
    <Dialog
      title={title}
      isOpen={isOpen}
      onClose={close}
      isAlert={isDanger}
      isHeld={isBusy}
      size="small"
      footnote={props.footnote}
      footer={
        <>
          <Button onPress={close} isDisabled={isBusy} autoFocus={isDanger && typeToConfirm === undefined}>
            Cancel
          </Button>
          <Button
            tone={isDanger ? 'danger' : 'primary'}
            isBusy={isBusy}
            isDisabled={!isReady}
            autoFocus={!isDanger}
            onPress={confirm}
          >
            {confirmLabel}
          </Button>
        </>
      }
    >
      {props.children}
      <Consequences of={consequences} />
      {typeToConfirm !== undefined && (
        <TextField label={`Type ${typeToConfirm} to confirm`} value={typed} onChange={setTyped} isMono autoFocus />
      )}
      {problem !== undefined && (
        <p className={css.problem} role="alert">
          {problem}
        </p>
      )}
    </Dialog>
  );
}

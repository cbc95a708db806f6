// A dialog around one form: Enter sends it, it stays while it is under way, and what went wrong stands under its fields.

import { type ReactNode, useId, useState } from 'react';
import { cx } from '../../lib/cx.ts';
import { Button } from '../controls/Button.tsx';
import css from './Dialog.module.css';
import { Dialog, type DialogProps } from './Dialog.tsx';

interface FormDialogProps extends Pick<DialogProps, 'title' | 'onClose' | 'size' | 'footnote' | 'isAlert'> {
  /** On the button that sends it: 'Place hold'. */
  readonly verb: string;
  readonly isBusy: boolean;
  /** False: there is nothing to send yet. */
  readonly isReady?: boolean;
  /** Why it can't be sent as it stands; said once somebody tries. */
  readonly fault?: string | undefined;
  readonly problem?: string | undefined;
  /** Above the form. */
  readonly lead?: ReactNode;
  /** Other buttons, before the last. */
  readonly otherButtons?: ReactNode;
  /** Where no field is to be filled in first. */
  readonly focusesButton?: boolean;
  readonly className?: string | undefined;
  readonly onSubmit: () => void;
  readonly children: ReactNode;
}

export function FormDialog(props: FormDialogProps) {
  const { title, onClose, isBusy, isReady = true, isAlert = false, fault } = props;
  const form = useId();
  const [isTried, setIsTried] = useState(false);
  const said = props.problem ?? (isTried ? fault : undefined);
  return (
    <Dialog
      title={title}
      isOpen
      onClose={onClose}
      isHeld={isBusy}
      isAlert={isAlert}
      size={props.size ?? 'medium'}
      footnote={props.footnote}
      footer={
        <>
          {props.otherButtons}
          <Button onPress={onClose} isDisabled={isBusy}>
            Cancel
          </Button>
          <Button
            tone={isAlert ? 'danger' : 'primary'}
            type="submit"
            form={form}
            isBusy={isBusy}
            isDisabled={!isReady}
            autoFocus={props.focusesButton === true}
          >
            {props.verb}
          </Button>
        </>
      }
    >
      {props.lead}
      <form
        id={form}
        className={cx('stack', props.className)}
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          setIsTried(true);
          if (isReady && !isBusy && fault === undefined) props.onSubmit();
        }}
      >
        {props.children}
        {said !== undefined && (
          <p className={css.problem} role="alert">
            {said}
          </p>
        )}
      </form>
    </Dialog>
  );
}

// A modal dialog: focus goes in, stays in, and returns to where it came from. Escape and the cross close it.

import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog as AriaDialog } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { cx } from '../../lib/cx.ts';
import { Button } from '../controls/Button.tsx';
import css from './Dialog.module.css';

export interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** Buttons, the primary one last. */
  readonly footer?: ReactNode;
  /** At the start of the footer: a note, a count, a shortcut. */
  readonly footnote?: ReactNode;
  readonly size?: 'small' | 'medium' | 'large';
  /** Interrupts because something is about to be lost. */
  readonly isAlert?: boolean;
  /** While work runs that must not be left: Escape, the cross and the ground around do nothing. */
  readonly isHeld?: boolean;
  /** Closes on a press outside. Off where something was typed. */
  readonly isDismissable?: boolean;
}

export function Dialog(props: DialogProps) {
  const { title, isOpen, onClose, footer, footnote, size = 'medium', isHeld = false } = props;
  return (
    <ModalOverlay
      className={css.scrim ?? ''}
      isOpen={isOpen}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      isDismissable={props.isDismissable === true && !isHeld}
      isKeyboardDismissDisabled={isHeld}
    >
      <Modal className={cx(css.modal, css[size])}>
        <AriaDialog className={css.dialog ?? ''} role={props.isAlert ? 'alertdialog' : 'dialog'}>
          <header className={css.header}>
            <Heading slot="title" level={2} className={css.title ?? ''}>
              {title}
            </Heading>
            {!isHeld && (
              <Button tone="quiet" size="small" icon={X} label="Close" hasTooltip={false} onPress={onClose} />
            )}
          </header>
          <div className={css.body}>{props.children}</div>
          {(footer !== undefined || footnote !== undefined) && (
            <footer className={css.footer}>
              <div className={css.footnote}>{footnote}</div>
              {footer}
            </footer>
          )}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

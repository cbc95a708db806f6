// Another end for an exception: for how long from now, and why it is still needed.

import { useState } from 'react';
import type { RuleException } from '../../../src-shared/contract/rules.ts';
import { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyCommand } from '../../ui/controls/CopyCommand.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { Dialog } from '../../ui/overlays/Dialog.tsx';
import { extendLine } from './cli-lines.ts';
import css from './detections.module.css';
import { ExceptionEnd, expiresAt, spanWords } from './ExceptionEnd.tsx';
import type { ExceptionSpan } from './rule-words.ts';

interface ExtendDialogProps {
  readonly exception: RuleException;
  /** Its conditions, as people read them. */
  readonly words: string;
  readonly onClose: () => void;
  readonly onExtended: () => void;
}

export function ExtendDialog({ exception, words, onClose, onExtended }: ExtendDialogProps) {
  const [span, setSpan] = useState<ExceptionSpan>('30');
  const [reason, setReason] = useState(exception.reason);
  const [failure, setFailure] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  async function extend(): Promise<void> {
    setBusy(true);
    setFailure(undefined);
    try {
      await call('exceptions.extend', { id: exception.id, expires_at: expiresAt(span), reason });
      toasts.show({ text: `Exception extended, ${spanWords(span)}` });
      onExtended();
      onClose();
    } catch (error) {
      setFailure(failureWords(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog
      title="Extend the exception"
      isOpen
      onClose={onClose}
      footnote={<CopyCommand line={extendLine(exception.id, span, reason.trim())} />}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button tone="primary" isBusy={isBusy} isDisabled={reason.trim() === ''} onPress={() => void extend()}>
            Extend
          </Button>
        </>
      }
    >
      <div className={css.form}>
        <p className="mono">{words}</p>
        <ExceptionEnd label="Ends after, from now" value={span} onChange={setSpan} />
        <TextField
          label="Why it is still needed"
          value={reason}
          onChange={setReason}
          maxLength={1000}
          isRequired
          autoFocus
        />
        {failure !== undefined && (
          <p className="warn" role="alert">
            {failure}
          </p>
        )}
      </div>
    </Dialog>
  );
}

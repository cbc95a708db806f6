// Another owner for an exception: the one who is asked, before it ends, whether it is still needed.

import { useState } from 'react';
import type { RuleException } from '../../../src-shared/contract/rules.ts';
import { call } from '../../api/client.ts';
import { useSubmit } from '../../app/use-submit.ts';
import { TextField } from '../../ui/controls/TextField.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { FormDialog } from '../../ui/overlays/FormDialog.tsx';

interface TransferDialogProps {
  readonly exception: RuleException;
  /** Its conditions, as people read them. */
  readonly words: string;
  readonly onClose: () => void;
  readonly onTransferred: () => void;
}

export function TransferDialog({ exception, words, onClose, onTransferred }: TransferDialogProps) {
  const [owner, setOwner] = useState(exception.owner);
  const { isBusy, submit, problem, fields } = useSubmit(
    () => call('exceptions.transfer', { id: exception.id, owner }),
    ({ owner: next }) => {
      toasts.show({ text: `The exception is ${next}’s now` });
      onTransferred();
      onClose();
    },
  );
  return (
    <FormDialog
      title="Another owner"
      verb="Hand over"
      isBusy={isBusy}
      isReady={owner.trim() !== '' && owner.trim() !== exception.owner}
      problem={problem}
      onClose={onClose}
      onSubmit={() => void submit()}
    >
      <p className="mono">{words}</p>
      <TextField
        label="Owner"
        description="A person or a team: who says whether the exception is still needed."
        value={owner}
        onChange={setOwner}
        maxLength={200}
        error={fields.owner}
        isRequired
        autoFocus
      />
    </FormDialog>
  );
}

// A name for the search that is shown, and whether others in the workspace see it.

import { useState } from 'react';
import { useSubmit } from '../../app/use-submit.ts';
import { Checkbox } from '../../ui/controls/Checkbox.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { FormDialog } from '../../ui/overlays/FormDialog.tsx';
import { events } from './events-state.ts';

interface SaveSearchDialogProps {
  readonly query: string;
  readonly onClose: () => void;
}

export function SaveSearchDialog({ query, onClose }: SaveSearchDialogProps) {
  const [name, setName] = useState('');
  const [isShared, setIsShared] = useState(false);
  const { isBusy, submit, words } = useSubmit(
    () => events.save({ name: name.trim(), query, shared: isShared }),
    () => {
      toasts.show({ text: `Search saved as ${name.trim()}` });
      onClose();
    },
  );

  return (
    <FormDialog
      title="Save this search"
      verb="Save search"
      size="small"
      fault={name.trim() === '' ? 'Give it a name.' : undefined}
      problem={words}
      onSubmit={submit}
      {...{ isBusy, onClose }}
    >
      <TextField
        label="Name"
        description="One of your own with this name is replaced."
        value={name}
        onChange={setName}
        maxLength={80}
        autoFocus
      />
      <p className="mono small">{query}</p>
      <Checkbox isChecked={isShared} onChange={setIsShared}>
        Everybody in the workspace who may read events sees it
      </Checkbox>
    </FormDialog>
  );
}

// A name for the search that is shown, and whether others in the workspace see it.

import { type FormEvent, useId, useState } from 'react';
import { failureWords } from '../../api/failures.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Checkbox } from '../../ui/controls/Checkbox.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { Dialog } from '../../ui/overlays/Dialog.tsx';
import { events } from './events-state.ts';

interface SaveSearchDialogProps {
  readonly query: string;
  readonly onClose: () => void;
}

export function SaveSearchDialog({ query, onClose }: SaveSearchDialogProps) {
  const form = useId();
  const [name, setName] = useState('');
  const [isShared, setIsShared] = useState(false);
  const [failure, setFailure] = useState<string>();

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (name.trim() === '') {
      setFailure('Give it a name.');
      return;
    }
    try {
      await events.save({ name: name.trim(), query, shared: isShared });
      toasts.show({ text: `Search saved as ${name.trim()}` });
      onClose();
    } catch (error) {
      setFailure(failureWords(error));
    }
  }

  return (
    <Dialog
      title="Save this search"
      size="small"
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button tone="primary" type="submit" form={form}>
            Save search
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={(event) => void save(event)}>
        <TextField
          label="Name"
          description="One of your own with this name is replaced."
          value={name}
          onChange={setName}
          error={failure}
          maxLength={80}
          autoFocus
        />
        <p className="mono small">{query}</p>
        <Checkbox isChecked={isShared} onChange={setIsShared}>
          Everybody in the workspace who may read events sees it
        </Checkbox>
      </form>
    </Dialog>
  );
}

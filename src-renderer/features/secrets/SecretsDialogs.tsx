// The dialog that is open, if one is. Each is made anew when it opens, so that no earlier draft and no value is offered.

import type { Output } from '../../../src-shared/contract/contract.ts';
import type { SecretDetail } from '../../../src-shared/contract/secrets.ts';
import { DeleteDialog, EditDialog, GrantsDialog, ShredDialog } from './ChangeDialogs.tsx';
import { CreateDialog } from './CreateDialog.tsx';
import { ImportDialog } from './ImportDialog.tsx';
import { RotateDialog } from './RotateDialog.tsx';
import type { OpenDialog } from './secrets-dialogs.ts';

interface SecretsDialogsProps {
  readonly dialog: OpenDialog | undefined;
  readonly path: string;
  readonly apiBase: string;
  readonly onMade: (detail: SecretDetail) => void;
  /** With the words that say what was done. */
  readonly onChanged: (detail: SecretDetail, words: string) => void;
  readonly onDeleted: (detail: SecretDetail) => void;
  readonly onShredded: (detail: SecretDetail) => void;
  readonly onImported: (outcome: Output<'secrets.import'>) => void;
  readonly onClose: () => void;
}

export function SecretsDialogs(props: SecretsDialogsProps) {
  const { dialog, path, apiBase, onChanged, onClose } = props;
  switch (dialog?.kind) {
    case undefined:
      return null;
    case 'create':
      return <CreateDialog path={path} apiBase={apiBase} onMade={props.onMade} onClose={onClose} />;
    case 'import':
      return <ImportDialog path={path} apiBase={apiBase} onImported={props.onImported} onClose={onClose} />;
    case 'edit':
      return (
        <EditDialog
          detail={dialog.detail}
          apiBase={apiBase}
          onChanged={(changed) => onChanged(changed, `Details of ${changed.name} saved`)}
          onClose={onClose}
        />
      );
    case 'grants':
      return (
        <GrantsDialog
          detail={dialog.detail}
          apiBase={apiBase}
          onChanged={(changed) => onChanged(changed, `Grants of ${changed.name} saved`)}
          onClose={onClose}
        />
      );
    case 'rotate':
      return (
        <RotateDialog
          detail={dialog.detail}
          apiBase={apiBase}
          onRotated={(changed) => onChanged(changed, `${changed.name} rotated to version ${changed.version}`)}
          onClose={onClose}
        />
      );
    case 'delete':
      return (
        <DeleteDialog
          detail={dialog.detail}
          apiBase={apiBase}
          onDone={() => props.onDeleted(dialog.detail)}
          onClose={onClose}
        />
      );
    case 'purge':
      return (
        <ShredDialog
          detail={dialog.detail}
          apiBase={apiBase}
          onDone={() => props.onShredded(dialog.detail)}
          onClose={onClose}
        />
      );
  }
}

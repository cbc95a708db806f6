// The keys of the secret that is open.

import type { SecretDetail } from '../../../src-shared/contract/secrets.ts';
import type { Shortcut } from '../../app/keyboard.ts';
import { copyValue } from './copy-value.ts';
import { splitName } from './secret-words.ts';
import type { OpenDialog } from './secrets-dialogs.ts';
import { isGone } from './secrets-query.ts';
import { reveal } from './secrets-state.ts';

export function paneShortcuts(
  detail: SecretDetail | undefined,
  may: { readonly mayManage: boolean; readonly mayReveal: boolean },
  onDialog: (dialog: OpenDialog) => void,
): readonly Shortcut[] {
  if (detail === undefined || isGone(detail.state)) return [];
  const { id, name } = detail;
  const reading: readonly Shortcut[] = may.mayReveal
    ? [
        {
          id: 'secrets.reveal',
          keys: 'r',
          label: 'Reveal or hide the value',
          run: () => (reveal.store.getState().kind === 'shown' ? reveal.hide() : void reveal.show({ id, name })),
        },
        {
          id: 'secrets.copy',
          keys: 'c',
          label: 'Copy the value without showing it',
          run: () => void copyValue({ id, name }, splitName(name).leaf),
        },
      ]
    : [];
  const managing: readonly Shortcut[] = may.mayManage
    ? [
        { id: 'secrets.rotate', keys: 'Shift+r', label: 'Rotate', run: () => onDialog({ kind: 'rotate', detail }) },
        { id: 'secrets.edit', keys: 'e', label: 'Edit details', run: () => onDialog({ kind: 'edit', detail }) },
      ]
    : [];
  return [...reading, ...managing];
}

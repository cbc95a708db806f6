// The same thing on the command line, at the foot of a dialog.

import { CopyButton } from './CopyButton.tsx';

export function CopyCommand({ line }: { readonly line: string }) {
  return (
    <CopyButton value={line} what="the command line" tone="quiet">
      Copy as CLI
    </CopyButton>
  );
}

// The export that is about to be made, as command lines.

import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import css from './audit.module.css';
import { apiBase, type ExportAsked, exportCli, exportCurl } from './copy-as.ts';

export function ExportLines({ asked }: { readonly asked: ExportAsked }) {
  const cli = exportCli(asked);
  return (
    <p className={css.lines}>
      {cli !== undefined && (
        <CopyButton value={cli} what="the export as a command line" tone="quiet">
          Copy as CLI
        </CopyButton>
      )}
      <CopyButton value={async () => exportCurl(await apiBase(), asked)} what="the export as curl" tone="quiet">
        Copy as curl
      </CopyButton>
    </p>
  );
}

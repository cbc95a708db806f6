// After an export: what one needs to hand the file over. The verdict of this window's own check, and the root in words and hex to compare
// by phone.

import { decodeHex } from '../../../src-shared/evidence/bytes.ts';
import { formatBytes, formatCount } from '../../lib/numbers.ts';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { Outcome } from '../../ui/data/Outcome.tsx';
import { KeyValues } from '../../ui/layout/Page.tsx';
import { FingerprintWords, fingerprintOf, type ShownVerdict } from '../bundles/index.ts';
import css from './audit.module.css';
import type { Exported } from './export-run.ts';

export interface DoneExport extends Exported {
  readonly fileName: string;
  readonly reason: string;
  readonly verifierKey: string;
  /** Undefined where the file could not be checked here. */
  readonly verdict: ShownVerdict | undefined;
}

export function ExportDone({ exported }: { readonly exported: DoneExport }) {
  const { fileName, bundle, verdict, reason } = exported;
  const root = decodeHex(bundle.root_hash);
  const keyPrint = fingerprintOf(exported.verifierKey);
  const files = verdict?.manifest?.attachments ?? [];
  return (
    <div className="stack">
      <p>
        <span className="mono">{fileName}</span>{' '}
        <span className="muted">({formatBytes(bundle.size_bytes)}) was saved by the browser.</span>
      </p>
      {verdict !== undefined && (
        <p className="line">
          <Outcome
            kind={
              verdict.verdict === 'VERIFIED' ? 'good' : verdict.verdict === 'VERIFIED WITH LIMITS' ? 'limited' : 'bad'
            }
          >
            {verdict.verdict}
          </Outcome>
          <span className="muted">checked again in this window</span>
        </p>
      )}
      <KeyValues
        entries={[
          {
            name: 'Entries',
            value: `${formatCount(bundle.entries)}, #${formatCount(bundle.from_seq)} to #${formatCount(bundle.to_seq)}${bundle.whole_range ? ', none missing' : ', filtered'}`,
          },
          {
            name: 'Kept back',
            value:
              bundle.redacted_fields === 0
                ? 'nothing'
                : `${formatCount(bundle.redacted_fields)} of ${formatCount(bundle.redacted_fields + bundle.opened_fields)} fields`,
          },
          { name: 'Files in it', value: files.length === 0 ? 'none' : files.map(({ name }) => name).join(', ') },
          { name: 'Tree size', value: formatCount(bundle.checkpoint_size) },
          { name: 'Reason', value: reason },
        ]}
      />
      {root !== undefined && (
        <section>
          <h3 className="strong">Read these to whoever gets the file</h3>
          <FingerprintWords digest={root} />
          <p className={css.hash}>
            {bundle.root_hash} <CopyButton value={bundle.root_hash} what="the root hash" />
          </p>
          {keyPrint !== undefined && (
            <>
              <h3 className="strong">And, the first time, those of this console’s key</h3>
              <FingerprintWords digest={keyPrint} />
            </>
          )}
          <p className="small muted">The Verifier shows the same words and the same root for this file.</p>
        </section>
      )}
    </div>
  );
}

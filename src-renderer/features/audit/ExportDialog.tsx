// Exporting a bundle: which entries, why, and then what one needs to hand it over: the file, the verdict of this window's own check,
// and the root in words and hex to compare by phone.

import { Download } from 'lucide-react';
import { useId, useState } from 'react';
import type { Redaction } from '../../../src-shared/contract/bundles.ts';
import { encodeHex } from '../../../src-shared/evidence/bytes.ts';
import { fingerprintWords } from '../../../src-shared/evidence/fingerprint-words.ts';
import { call } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { withStepUp } from '../../api/step-up.ts';
import { fileNamePart, saveText } from '../../app/save-file.ts';
import { formatBytes, formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Outcome } from '../../ui/data/Outcome.tsx';
import { KeyValues } from '../../ui/layout/Page.tsx';
import { Dialog } from '../../ui/overlays/Dialog.tsx';
import type { ShownVerdict } from '../bundles/index.ts';
import { checkBundle } from '../bundles/index.ts';
import { AuditFields } from './AuditBar.tsx';
import css from './audit.module.css';
import { type AuditQuery, auditFiltersOf, isWholeRange } from './audit-query.ts';

const bundleType = 'application/vnd.gatehouse.bundle+json';
const longestReason = 200;
const redactions: readonly { readonly id: Redaction; readonly label: string }[] = [
  { id: 'nothing', label: 'Nothing' },
  { id: 'people', label: 'People: who acted, from where, in which session' },
  { id: 'all', label: 'Everything but type, action, time and outcome' },
];

interface Exported {
  readonly fileName: string;
  readonly size: number;
  readonly verdict: ShownVerdict | undefined;
}

interface ExportDialogProps {
  /** What the list shows: exporting begins with the same conditions. */
  readonly query: AuditQuery;
  readonly consoleName: string;
  readonly onClose: () => void;
}

export function ExportDialog({ query, consoleName, onClose }: ExportDialogProps) {
  const form = useId();
  const [draft, setDraft] = useState(query);
  const [reason, setReason] = useState('');
  const [redact, setRedact] = useState<Redaction>('nothing');
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const [exported, setExported] = useState<Exported>();
  const isReady = reason.trim() !== '';
  const isWhole = isWholeRange(auditFiltersOf(draft, 0));

  async function run(): Promise<void> {
    setIsBusy(true);
    setFailure(undefined);
    try {
      const input = { ...auditFiltersOf(draft, Date.now()), reason: reason.trim(), redact };
      const text = await withStepUp(() => call('audit.export', input));
      // The person closed the question for the second factor: everything typed stays.
      if (text === undefined) return;
      const { verifier_key } = await call('audit.public_key', {});
      const fileName = `${fileNamePart(consoleName)}-${new Date().toISOString().slice(0, 19).replace(/:/g, '')}.ghbundle`;
      saveText(fileName, text, bundleType);
      const file = new Blob([text], { type: bundleType });
      setExported({ fileName, size: file.size, verdict: await checkBundle(file, [verifier_key]) });
    } catch (error) {
      if (!isAborted(error)) setFailure(failureWords(error));
    } finally {
      setIsBusy(false);
    }
  }

  return (
    <Dialog
      title={exported === undefined ? 'Export a bundle' : 'Bundle exported'}
      isOpen
      onClose={onClose}
      isHeld={isBusy}
      size="large"
      footnote={
        exported === undefined
          ? isWhole
            ? 'Without other conditions the bundle proves that nothing in its range is missing.'
            : 'A filtered bundle proves that each entry is in the log, and says what the filter was.'
          : undefined
      }
      footer={
        exported === undefined ? (
          <>
            <Button onPress={onClose} isDisabled={isBusy}>
              Cancel
            </Button>
            <Button tone="primary" icon={Download} type="submit" form={form} isBusy={isBusy} isDisabled={!isReady}>
              Export and sign
            </Button>
          </>
        ) : (
          <Button tone="primary" onPress={onClose} autoFocus>
            Done
          </Button>
        )
      }
    >
      {exported === undefined ? (
        <form
          id={form}
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (isReady && !isBusy) void run();
          }}
        >
          <TextField
            label="Reason"
            description="Stands in the bundle and in the audit log."
            value={reason}
            onChange={setReason}
            maxLength={longestReason}
            isRequired
            autoFocus
          />
          <fieldset>
            <legend className={css.legend}>Entries</legend>
            <div className={css.exportFields}>
              <AuditFields query={draft} onChange={setDraft} onChoose={setDraft} hideLabels={false} />
            </div>
          </fieldset>
          <Select<Redaction>
            label="Keep back"
            options={redactions}
            value={redact}
            onChange={setRedact}
            description="What is kept back stays in the proofs as commitments: the bundle verifies all the same, and says how much is missing."
          />
          <p className="small muted">
            At most 100,000 entries a bundle. It holds the entries with their proofs, the signed checkpoint and the
            public key. Whoever gets it needs no account to check it.
          </p>
          {failure !== undefined && (
            <p className="warn" role="alert">
              {failure}
            </p>
          )}
        </form>
      ) : (
        <Done exported={exported} />
      )}
    </Dialog>
  );
}

function Done({ exported }: { readonly exported: Exported }) {
  const { fileName, size, verdict } = exported;
  const root = verdict?.root;
  const manifest = verdict?.manifest;
  return (
    <div className="stack">
      <p>
        <span className="mono">{fileName}</span>{' '}
        <span className="muted">({formatBytes(size)}) was saved by the browser.</span>
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
      {manifest !== undefined && (
        <KeyValues
          entries={[
            {
              name: 'Entries',
              value: `${formatCount(manifest.counts.entries)}, #${formatCount(manifest.range.from)} to #${formatCount(manifest.range.to)}${manifest.filter === null ? ', none missing' : ', filtered'}`,
            },
            {
              name: 'Kept back',
              value:
                manifest.counts.redacted_fields === 0
                  ? 'nothing'
                  : `${formatCount(manifest.counts.redacted_fields)} of ${formatCount(manifest.counts.redacted_fields + manifest.counts.opened_fields)} fields`,
            },
            { name: 'Tree size', value: formatCount(manifest.tree_size) },
            { name: 'Reason', value: manifest.reason },
          ]}
        />
      )}
      {root !== undefined && (
        <section>
          <h3 className="strong">Read these to whoever gets the file</h3>
          <p className={css.rootWords}>
            {fingerprintWords(root).map((words) => (
              <span key={words}>{words}</span>
            ))}
          </p>
          <p className={css.hash}>{encodeHex(root)}</p>
          <p className="small muted">The Verifier shows the same words and the same root for this file.</p>
        </section>
      )}
    </div>
  );
}

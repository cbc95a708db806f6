// Exporting a bundle in three short steps: which entries, what goes with them, why and for whom. Then it is sealed, with its progress and a
// way to stop it. What one needs to hand it over is ExportDone.

import { ArrowLeft, Download, Paperclip, X } from 'lucide-react';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { largestAttachments, mostReported } from '../../../src-shared/bundle-limits.ts';
import type { BundleExtra, Redaction } from '../../../src-shared/contract/bundles.ts';
import { call, download } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { withStepUp } from '../../api/step-up.ts';
import { fileNamePart, saveFile } from '../../app/save-file.ts';
import { formatBytes, formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Checkbox } from '../../ui/controls/Checkbox.tsx';
import { ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Dialog } from '../../ui/overlays/Dialog.tsx';
import { ProgressBar } from '../../ui/states/ProgressBar.tsx';
import { checkBundle } from '../bundles/index.ts';
import css from './audit.module.css';
import { type AuditFilters, type AuditQuery, auditFiltersOf } from './audit-query.ts';
import { type DoneExport, ExportDone } from './ExportDone.tsx';
import { ExportEntries } from './ExportEntries.tsx';
import { type Catalogue, evidenceFilters, evidenceWords, noEvidenceChoice } from './evidence-choice.ts';
import { ExportFailed, type ExportProgress, runExport } from './export-run.ts';

const longestReason = 200;
const steps = ['Entries', 'Contents', 'Reason'] as const;
const redactions = [
  { id: 'nothing', label: 'Nothing', detail: 'Every field of every entry can be read.' },
  {
    id: 'people',
    label: 'People',
    detail:
      'Who acted, from where, users, owners, names, titles, searches, reasons and notes stay here. Type, action, time, outcome, counts, states and random ids can be read; docs/redaction.md lists them.',
  },
  {
    id: 'all',
    label: 'All details',
    detail: 'Only type, action, time, outcome and the names of the other fields can be read.',
  },
] as const satisfies readonly { id: Redaction; label: string; detail: string }[];
const extras = [
  {
    id: 'pdf',
    label: 'Report for people (PDF)',
    detail: `Of up to ${formatCount(mostReported)} entries. Of more: export without it, then gatehouse audit render FILE. It says itself that only the bundle proves.`,
  },
  { id: 'public_key', label: 'Public key', detail: 'For comparing with the key that is given by another way.' },
  { id: 'verifier', label: 'Verifier (verify.html)', detail: 'One file that opens in any browser, without network.' },
] as const satisfies readonly { id: BundleExtra; label: string; detail: string }[];
const phaseWords: Readonly<Record<ExportProgress['phase'], readonly [label: string, unit: string]>> = {
  attaching: ['Attaching files', 'bytes'],
  counting: ['Counting the entries', 'entries looked at'],
  reading: ['Reading and hashing the entries', 'entries'],
  rendering: ['Setting the report', 'entries'],
  fetching: ['Fetching the sealed bundle', 'bytes'],
};

interface ExportDialogProps {
  /** What the list shows: exporting begins with the same conditions. */
  readonly query: AuditQuery;
  readonly consoleName: string;
  readonly onClose: () => void;
}

export function ExportDialog({ query, consoleName, onClose }: ExportDialogProps) {
  const form = useId();
  const [step, setStep] = useState(0);
  const [draft, setDraft] = useState(query);
  const [about, setAbout] = useState('');
  const [evidence, setEvidence] = useState(noEvidenceChoice);
  const [catalogue, setCatalogue] = useState<Catalogue>();
  const [redact, setRedact] = useState<Redaction>('nothing');
  const [include, setInclude] = useState<ReadonlySet<BundleExtra>>(new Set(['public_key']));
  const [files, setFiles] = useState<readonly File[]>([]);
  const [reason, setReason] = useState('');
  const [progress, setProgress] = useState<ExportProgress>();
  const [failure, setFailure] = useState<string>();
  const [exported, setExported] = useState<DoneExport>();
  const running = useRef<AbortController>(undefined);
  // Whoever leaves the screen, or is locked out of it, doesn't want the bundle any more.
  useEffect(() => () => running.current?.abort(), []);
  useEffect(() => {
    const stop = new AbortController();
    call('frameworks.list', {}, { signal: stop.signal }).then(setCatalogue, (error: unknown) => {
      if (!isAborted(error)) setFailure(failureWords(error));
    });
    return () => stop.abort();
  }, []);
  const filtersNow = (): AuditFilters => ({
    ...auditFiltersOf(draft, Date.now()),
    ...aboutOf(about),
    ...evidenceFilters(evidence),
  });
  const filters = filtersNow();
  const lacksEvidence = catalogue !== undefined && evidenceWords(catalogue, evidence).missing !== undefined;
  const problem = lacksEvidence ? '' : problemOf(step, { filters, redact, files, reason });

  async function run(): Promise<void> {
    const stop = new AbortController();
    running.current = stop;
    setFailure(undefined);
    try {
      const input = { ...filters, reason: reason.trim(), redact, include: [...include] };
      const begun = await withStepUp(() => call('bundles.start', input, { signal: stop.signal }));
      // The person closed the question for the second factor: everything typed stays.
      if (begun === undefined) return;
      setProgress({ phase: 'counting', done: 0, total: 0 });
      const made = await runExport({ call, download, wait }, begun.id, files, setProgress, stop.signal);
      const { verifier_key } = await call('audit.public_key', {}, { signal: stop.signal });
      const fileName = `${fileNamePart(consoleName)}-${new Date().toISOString().slice(0, 19).replace(/:/g, '')}.ghbundle`;
      saveFile(fileName, made.file);
      setExported({ ...made, fileName, reason: reason.trim(), verdict: await checkBundle(made.file, [verifier_key]) });
    } catch (error) {
      if (!isAborted(error)) setFailure(error instanceof ExportFailed ? error.message : failureWords(error));
    } finally {
      running.current = undefined;
      setProgress(undefined);
    }
  }

  if (exported !== undefined) {
    return (
      <Dialog
        title="Bundle exported"
        isOpen
        onClose={onClose}
        size="large"
        footer={
          <>
            {/* A save without a click shortly before may be refused, and an export can take minutes. */}
            <Button icon={Download} onPress={() => saveFile(exported.fileName, exported.file)}>
              Save it again
            </Button>
            <Button tone="primary" onPress={onClose} autoFocus>
              Done
            </Button>
          </>
        }
      >
        <ExportDone exported={exported} />
      </Dialog>
    );
  }
  const isLast = step === steps.length - 1;
  const isBusy = progress !== undefined;
  return (
    <Dialog
      title={`Export a bundle: ${steps[step]}`}
      isOpen
      onClose={onClose}
      isHeld={isBusy}
      size="large"
      footnote={`Step ${step + 1} of ${steps.length}`}
      footer={
        <>
          {step === 0 ? (
            <Button onPress={onClose}>Cancel</Button>
          ) : (
            <Button icon={ArrowLeft} onPress={() => setStep(step - 1)} isDisabled={isBusy}>
              Back
            </Button>
          )}
          <Button
            tone="primary"
            type="submit"
            form={form}
            isBusy={isBusy}
            isDisabled={problem !== undefined}
            {...(isLast ? { icon: Download } : {})}
          >
            {isLast ? 'Seal and export' : 'Next'}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (problem !== undefined || isBusy) return;
          if (isLast) void run();
          else setStep(step + 1);
        }}
      >
        {step === 0 && (
          <ExportEntries
            draft={draft}
            onDraft={setDraft}
            about={about}
            onAbout={setAbout}
            catalogue={catalogue}
            evidence={evidence}
            onEvidence={setEvidence}
            filters={filtersNow}
          />
        )}
        {step === 1 && (
          <Contents
            redact={redact}
            onRedact={setRedact}
            include={include}
            onInclude={setInclude}
            files={files}
            onFiles={setFiles}
          />
        )}
        {isLast && (
          <TextField
            label="Reason, and who gets it"
            description="Stands in the bundle and in the audit log."
            value={reason}
            onChange={setReason}
            maxLength={longestReason}
            isRequired
            autoFocus
          />
        )}
        {problem !== undefined && problem !== '' && <Warning>{problem}</Warning>}
        {failure !== undefined && <Warning>{failure}</Warning>}
        {progress !== undefined && (
          <ProgressBar
            label={phaseWords[progress.phase][0]}
            unit={phaseWords[progress.phase][1]}
            done={progress.done}
            total={progress.total > 0 && progress.phase !== 'rendering' ? progress.total : undefined}
            onCancel={() => running.current?.abort()}
          />
        )}
      </form>
    </Dialog>
  );
}

interface ContentsProps {
  readonly redact: Redaction;
  readonly onRedact: (redact: Redaction) => void;
  readonly include: ReadonlySet<BundleExtra>;
  readonly onInclude: (include: ReadonlySet<BundleExtra>) => void;
  readonly files: readonly File[];
  readonly onFiles: (files: readonly File[]) => void;
}

function Contents({ redact, onRedact, include, onInclude, files, onFiles }: ContentsProps) {
  const chooser = useRef<HTMLInputElement>(null);
  return (
    <>
      <ChoiceList label="Keep back" choices={redactions} value={redact} onChange={onRedact} layout="list" />
      <p className="small muted">
        What is kept back stays in the proofs as commitments: the bundle verifies all the same, and says how much is
        missing. Whatever you choose, the bundle names this console, you, your reason and the filter, and holds attached
        files as they are.
      </p>
      <fieldset className="stack">
        <legend className={css.legend}>Include</legend>
        {extras.map(({ id, label, detail }) => (
          <Checkbox
            key={id}
            isChecked={include.has(id)}
            detail={detail}
            onChange={(isChecked) => {
              const next = new Set(include);
              if (isChecked) next.add(id);
              else next.delete(id);
              onInclude(next);
            }}
          >
            {label}
          </Checkbox>
        ))}
      </fieldset>
      <section className="stack">
        <h3 className="strong">Files</h3>
        {files.length > 0 && (
          <ul className={css.files}>
            {files.map((file) => (
              <li key={file.name}>
                <span className="mono clip grow">{file.name}</span>
                <span className="muted">{formatBytes(file.size)}</span>
                <Button
                  size="small"
                  tone="quiet"
                  icon={X}
                  label={`Take out ${file.name}`}
                  onPress={() => onFiles(files.filter((each) => each !== file))}
                />
              </li>
            ))}
          </ul>
        )}
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            const chosen = Array.from(event.currentTarget.files ?? []);
            const names = new Set(chosen.map(({ name }) => name));
            onFiles([...files.filter(({ name }) => !names.has(name)), ...chosen]);
            event.currentTarget.value = '';
          }}
        />
        <p>
          <Button icon={Paperclip} onPress={() => chooser.current?.click()}>
            Attach files
          </Button>
        </p>
      </section>
    </>
  );
}

function Warning({ children }: { readonly children: ReactNode }) {
  return (
    <p className="warn" role="alert">
      {children}
    </p>
  );
}

/** Why one can't go on: an empty text where it is seen without words. */
function problemOf(
  step: number,
  {
    filters,
    redact,
    files,
    reason,
  }: {
    readonly filters: ReturnType<typeof auditFiltersOf>;
    readonly redact: Redaction;
    readonly files: readonly File[];
    readonly reason: string;
  },
): string | undefined {
  if (step === 0) return undefined;
  if (redact !== 'nothing' && (filters.actor !== undefined || filters.session_id !== undefined)) {
    return 'The filter stands in the bundle and would name whom you keep back. Go back and leave out actor and session, or keep nothing back.';
  }
  if (redact === 'all' && filters.resource_id !== undefined) {
    return 'The filter stands in the bundle and would name what you keep back. Go back and leave out what the entries are about.';
  }
  if (files.reduce((sum, file) => sum + file.size, 0) > largestAttachments) {
    return 'The files together may have at most 16 MiB.';
  }
  return step === steps.length - 1 && reason.trim() === '' ? '' : undefined;
}

/** 'alert/0199a3…' → its type and id. */
function aboutOf(text: string): { resource_type?: string; resource_id?: string } {
  const written = text.trim();
  const slash = written.indexOf('/');
  if (written === '') return {};
  if (slash < 0) return { resource_type: written };
  const [type, id] = [written.slice(0, slash), written.slice(slash + 1)];
  return { ...(type === '' ? {} : { resource_type: type }), ...(id === '' ? {} : { resource_id: id }) };
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

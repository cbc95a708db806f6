// Exporting a bundle in three short steps: which entries, what goes with them, why and for whom. Then it is sealed, with its progress and a
// way to stop it. What one needs to hand it over is ExportDone.

import { ArrowLeft, Download, FileCheck } from 'lucide-react';
import { type ReactNode, type RefObject, useEffect, useId, useMemo, useRef, useState } from 'react';
import { largestAttachments } from '../../../src-shared/bundle-limits.ts';
import type { BundleExtra, Redaction } from '../../../src-shared/contract/bundles.ts';
import { call, download } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { withStepUp } from '../../api/step-up.ts';
import { fileNamePart, saveFile } from '../../app/save-file.ts';
import { createProgressRate } from '../../lib/progress-rate.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Dialog } from '../../ui/overlays/Dialog.tsx';
import { ProgressBar } from '../../ui/states/ProgressBar.tsx';
import { checkBundle, openInVerifier } from '../bundles/index.ts';
import { type AuditFilters, type AuditQuery, auditFiltersOf } from './audit-query.ts';
import { ExportContents } from './ExportContents.tsx';
import { type DoneExport, ExportDone } from './ExportDone.tsx';
import { ExportEntries } from './ExportEntries.tsx';
import { ExportLines } from './ExportLines.tsx';
import {
  type Catalogue,
  type EvidenceChoice,
  evidenceFilters,
  evidenceWords,
  noEvidenceChoice,
} from './evidence-choice.ts';
import { ExportFailed, type ExportProgress, runExport } from './export-run.ts';

const longestReason = 200;
const steps = ['Entries', 'Contents', 'Reason'] as const;
const phaseWords: Readonly<Record<ExportProgress['phase'], readonly [label: string, unit: string]>> = {
  attaching: ['Attaching files', 'bytes'],
  counting: ['Counting the entries', 'entries looked at'],
  reading: ['Reading and hashing the entries', 'entries'],
  rendering: ['Setting the report', 'entries'],
  fetching: ['Fetching the sealed bundle', 'bytes'],
};

/** Everything typed and chosen so far, and for which conditions of the list. */
export interface KeptExport {
  readonly query: AuditQuery;
  readonly draft: AuditQuery;
  readonly about: string;
  readonly evidence: EvidenceChoice;
  readonly redact: Redaction;
  readonly include: ReadonlySet<BundleExtra>;
  readonly files: readonly File[];
  readonly reason: string;
}

interface ExportDialogProps {
  /** What the list shows: exporting begins with the same conditions. */
  readonly query: AuditQuery;
  readonly consoleName: string;
  /** What was typed and chosen, for when the dialog was closed by the way. */
  readonly kept: RefObject<KeptExport | undefined>;
  readonly onClose: () => void;
}

export function ExportDialog({ query, consoleName, kept, onClose }: ExportDialogProps) {
  const form = useId();
  const { current: before } = kept;
  // Other conditions in the list mean other entries.
  const same = before?.query === query ? before : undefined;
  const [step, setStep] = useState(0);
  const [draft, setDraft] = useState(same?.draft ?? query);
  const [about, setAbout] = useState(same?.about ?? '');
  const [evidence, setEvidence] = useState(same?.evidence ?? noEvidenceChoice);
  const [catalogue, setCatalogue] = useState<Catalogue>();
  const [redact, setRedact] = useState<Redaction>(before?.redact ?? 'nothing');
  const [include, setInclude] = useState<ReadonlySet<BundleExtra>>(before?.include ?? new Set(['public_key']));
  const [files, setFiles] = useState<readonly File[]>(before?.files ?? []);
  const [reason, setReason] = useState(before?.reason ?? '');
  const [progress, setProgress] = useState<ExportProgress & { readonly perSecond?: number | undefined }>();
  const rate = useMemo(() => createProgressRate(() => performance.now()), []);
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
  /** Closed by the way, nothing typed is lost; Cancel and Done are the end of it. */
  const leave = () => {
    kept.current =
      exported === undefined ? { query, draft, about, evidence, redact, include, files, reason } : undefined;
    onClose();
  };
  const end = () => {
    kept.current = undefined;
    onClose();
  };
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
      const made = await runExport(
        { call, download, wait },
        begun.id,
        files,
        (now) => setProgress({ ...now, perSecond: rate.read(now.phase, now.done) }),
        stop.signal,
      );
      const { verifier_key } = await call('audit.public_key', {}, { signal: stop.signal });
      const fileName = `${fileNamePart(consoleName)}-${new Date().toISOString().slice(0, 19).replace(/:/g, '')}.ghbundle`;
      saveFile(fileName, made.file);
      setExported({
        ...made,
        fileName,
        reason: reason.trim(),
        verifierKey: verifier_key,
        verdict: await checkBundle(made.file, [verifier_key]),
      });
    } catch (error) {
      if (!isAborted(error)) setFailure(error instanceof ExportFailed ? sentence(error.message) : failureWords(error));
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
        onClose={leave}
        size="large"
        footer={
          <>
            <Button icon={FileCheck} onPress={() => openInVerifier(exported.fileName, exported.file)}>
              Open in the Verifier
            </Button>
            {/* A save without a click shortly before may be refused, and an export can take minutes. */}
            <Button icon={Download} onPress={() => saveFile(exported.fileName, exported.file)}>
              Save it again
            </Button>
            <Button tone="primary" onPress={end} autoFocus>
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
      onClose={leave}
      isHeld={isBusy}
      size="large"
      footnote={`Step ${step + 1} of ${steps.length}`}
      footer={
        <>
          {step === 0 ? (
            <Button onPress={end}>Cancel</Button>
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
          <ExportContents
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
        {isLast && progress === undefined && (
          <ExportLines
            asked={{
              filters,
              reason: reason.trim(),
              redact,
              include: [...include],
              fileNames: files.map(({ name }) => name),
            }}
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
            rate={progress.perSecond}
            onCancel={() => running.current?.abort()}
          />
        )}
      </form>
    </Dialog>
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

/** What the console says begins small; alone it is a sentence. */
function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${words.endsWith('.') ? '' : '.'}`;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

// Bundles that are being made: files are attached, the sealing runs in the background, the result waits to be fetched. All in memory and
// for a while only: what is lost with a stop is made again from the log.
import { largestAttachments } from '../../../../src-shared/bundle-limits.ts';
import type { BundleExtra, BundleState, SealedBundle } from '../../../../src-shared/contract/bundles.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { erasedName } from '../../../../src-shared/evidence/erased-fields.ts';
import { isAttachmentName } from '../../../../src-shared/evidence/manifest.ts';
import { reportName } from '../../../../src-shared/evidence/verify-report.ts';
import { concatBytes, toHex, utf8 } from '../../../base/bytes.ts';
import { sha256Hex } from '../../../base/hashes.ts';
import { uuidV7 } from '../../../base/ids.ts';
import { instant } from '../../../base/instants.ts';
import { StreamedDocument } from '../../dispatch/arrival.ts';
import type { Host } from '../../ports.ts';
import type { BundleMachine } from './ports.ts';
import { type Gathered, gatherBundle, type SealedFile, type SealingParts } from './sealing.ts';
import type { Asked } from './selection.ts';

const mostDrafts = 8;
const mostSealing = 2;
const mostFiles = 20;
const keptMs = 30 * 60_000;

export type Owner = { readonly workspace: string; readonly id: string };

/** What is known once the bundle is signed and not yet given out. */
export type Seal = { readonly gathered: Gathered; readonly file: SealedFile };

export type NewDraft = {
  readonly owner: Owner;
  readonly asked: Asked;
  readonly include: ReadonlySet<BundleExtra>;
  readonly sealing: Omit<SealingParts, 'asked' | 'pause' | 'progress'>;
  /** Writes the entry; after it the bundle may be given out. */
  record(seal: Seal): Promise<void>;
};

export type Drafts = {
  start(draft: NewDraft): BundleState;
  attach(owner: Owner, id: string, name: string, offset: number, data: Uint8Array): BundleState;
  seal(owner: Owner, id: string): BundleState;
  state(owner: Owner, id: string): BundleState;
  fetch(owner: Owner, id: string): StreamedDocument;
  discard(owner: Owner, id: string): void;
  /** Gathers and signs at once, for who waits for it. */
  sealNow(asked: Asked, sealing: NewDraft['sealing']): Promise<Seal>;
} & Disposable;

type Draft = NewDraft & {
  readonly id: string;
  readonly files: Map<string, Uint8Array[]>;
  readonly stop: AbortController;
  state: BundleState['state'];
  phase: BundleState['phase'];
  done: number;
  total: number;
  seal: Seal | undefined;
  error: string | null;
  touchedAt: number;
};

export function createDrafts(host: Host, machine: BundleMachine): Drafts {
  const drafts = new Map<string, Draft>();
  let sealingNow = 0;
  // Attached files and manifests are held until then.
  const sweep = host.timers.every(60_000, forgetOld);

  function forgetOld(): void {
    const now = host.clock.now();
    for (const draft of drafts.values()) if (draft.state !== 'sealing' && now - draft.touchedAt > keptMs) drop(draft);
  }

  function drop(draft: Draft): void {
    draft.stop.abort();
    drafts.delete(draft.id);
  }

  function find(owner: Owner, id: string): Draft {
    const draft = drafts.get(id);
    // SECURITY: one's own only; whoever may export can see the log itself, but not what others attach.
    if (draft === undefined || draft.owner.id !== owner.id || draft.owner.workspace !== owner.workspace) {
      throw new ProblemError('bundles/not-found', 'there is no such bundle (any more); export it again');
    }
    draft.touchedAt = host.clock.now();
    return draft;
  }

  function present(draft: Draft): BundleState {
    const { seal } = draft;
    return {
      id: draft.id,
      state: draft.state,
      phase: draft.phase,
      done: draft.done,
      total: draft.total,
      attachments:
        seal === undefined
          ? [...draft.files].map(([name, chunks]) => {
              const data = concatBytes(...chunks);
              return { name, size: data.length, sha256: sha256Hex(data) };
            })
          : seal.file.manifest.attachments.map(({ name, size, sha256 }) => ({ name, size, sha256 })),
      bundle: seal === undefined || draft.state !== 'ready' ? null : summaryOf(seal),
      error: draft.error,
      expires_at: instant(draft.touchedAt + keptMs),
    };
  }

  async function exclusively<T>(work: () => Promise<T>): Promise<T> {
    if (sealingNow >= mostSealing) {
      throw new ProblemError('bundles/busy', `${mostSealing} bundles are being sealed; wait for one of them`);
    }
    sealingNow += 1;
    try {
      return await work();
    } finally {
      sealingNow -= 1;
    }
  }

  function pauseUnless(stop: AbortSignal): () => Promise<void> {
    return async () => {
      await host.timers.breathe();
      stop.throwIfAborted();
    };
  }

  async function run(draft: Draft): Promise<void> {
    const { signal } = draft.stop;
    const gathered = await gatherBundle({
      ...draft.sealing,
      asked: draft.asked,
      pause: pauseUnless(signal),
      progress(phase, done, total) {
        // Known before the entries are read: whoever waits for a million need not wait for the refusal.
        if (phase === 'reading' && draft.include.has('pdf')) refuseReportOf(total);
        Object.assign(draft, { phase, done, total });
      },
    });
    const given = [...draft.files].map(([name, chunks]) => attachment(name, concatBytes(...chunks)));
    const made: ReturnType<typeof attachment>[] = [];
    if (draft.include.has('verifier')) {
      const verifier = machine.verifier();
      if (verifier === undefined) {
        throw new ProblemError('bundles/attachment', 'the verifier is not built here; build it with: npm run build');
      }
      made.push(attachment('verify.html', verifier));
    }
    // The key may be rotated while the report is rendered.
    const signed = (): Promise<SealedFile> =>
      gathered.sign(({ text }) => {
        const key = draft.include.has('public_key') ? [attachment('console.vkey', utf8(`${text}\n`))] : [];
        return [...given, ...key, ...made];
      });
    if (draft.include.has('pdf')) {
      draft.phase = 'rendering';
      made.push(attachment('report.pdf', await report(await signed(), signal)));
    }
    const seal = { gathered, file: await signed() };
    signal.throwIfAborted();
    await draft.record(seal);
    Object.assign(draft, { state: 'ready', phase: null, seal, touchedAt: host.clock.now() });
    // Their bytes stand in the file from now on.
    draft.files.clear();
  }

  function refuseReportOf(entries: number): void {
    if (entries <= machine.mostReported) return;
    const [found, most] = [entries, machine.mostReported].map((each) => each.toLocaleString('en'));
    throw new ProblemError(
      'bundles/attachment',
      `these are ${found} entries, and the report goes into bundles of up to ${most}; export without it, then make it from the file: gatehouse audit render FILE --out report.pdf`,
    );
  }

  async function report(file: SealedFile, signal: AbortSignal): Promise<Uint8Array> {
    const bundle = new Uint8Array(file.size);
    let at = 0;
    for await (const part of file.parts()) {
      bundle.set(part, at);
      at += part.length;
    }
    return machine.report(bundle, file.verifierKey.text, signal);
  }

  return {
    start(fresh) {
      forgetOld();
      if (drafts.size >= mostDrafts) {
        throw new ProblemError('bundles/busy', `${mostDrafts} bundles are open or waiting already; discard one`);
      }
      const now = host.clock.now();
      const draft: Draft = {
        ...fresh,
        id: uuidV7(now, host.random.bytes(10)),
        files: new Map(),
        stop: new AbortController(),
        state: 'open',
        phase: null,
        done: 0,
        total: 0,
        seal: undefined,
        error: null,
        touchedAt: now,
      };
      drafts.set(draft.id, draft);
      return present(draft);
    },
    attach(owner, id, name, offset, data) {
      const draft = find(owner, id);
      if (draft.state !== 'open') throw new ProblemError('bundles/state', 'files are attached before sealing');
      if (!isAttachmentName(name) || reserved.has(name)) {
        throw new ProblemError(
          'bundles/attachment',
          'expected a plain file name that the console gives no file of its own',
        );
      }
      const chunks = draft.files.get(name) ?? [];
      const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      if (offset !== length) {
        throw new ProblemError(
          'bundles/attachment',
          `${name} goes on at ${length}, not at ${offset}; names stand once`,
        );
      }
      let held = data.length;
      for (const each of draft.files.values()) for (const chunk of each) held += chunk.length;
      if (held > largestAttachments) {
        throw new ProblemError('bundles/attachment', 'the attached files together may have at most 16 MiB');
      }
      if (!draft.files.has(name) && draft.files.size >= mostFiles) {
        throw new ProblemError('bundles/attachment', `a bundle takes at most ${mostFiles} files`);
      }
      draft.files.set(name, [...chunks, Uint8Array.from(data)]);
      return present(draft);
    },
    seal(owner, id) {
      const draft = find(owner, id);
      if (draft.state !== 'open')
        throw new ProblemError('bundles/state', 'this bundle is sealed or being sealed already');
      if (sealingNow >= mostSealing) {
        throw new ProblemError('bundles/busy', `${mostSealing} bundles are being sealed; wait for one of them`);
      }
      draft.state = 'sealing';
      exclusively(() => run(draft)).catch((error: unknown) => {
        if (draft.stop.signal.aborted) return;
        Object.assign(draft, { state: 'failed', phase: null, touchedAt: host.clock.now() });
        draft.files.clear();
        draft.error = 'something went wrong inside Gatehouse; see its log';
        if (error instanceof ProblemError) draft.error = error.message;
        else host.log.error('a bundle could not be sealed', { error: String(error) });
      });
      return present(draft);
    },
    state: (owner, id) => present(find(owner, id)),
    fetch(owner, id) {
      const draft = find(owner, id);
      if (draft.seal === undefined || draft.state !== 'ready') {
        throw new ProblemError('bundles/state', draft.error ?? 'this bundle is not sealed yet');
      }
      return new StreamedDocument(draft.seal.file.size, draft.seal.file.parts());
    },
    discard: (owner, id) => drop(find(owner, id)),
    sealNow: (asked, sealing) =>
      exclusively(async () => {
        const gathered = await gatherBundle({
          ...sealing,
          asked,
          pause: host.timers.breathe,
          progress: () => undefined,
        });
        return { gathered, file: await gathered.sign(() => []) };
      }),
    [Symbol.dispose]() {
      sweep[Symbol.dispose]();
      for (const draft of [...drafts.values()]) drop(draft);
    },
  };
}

const mediaTypes: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
  pdf: 'application/pdf',
  png: 'image/png',
  txt: 'text/plain',
  vkey: 'text/plain',
};
/** Names of the files that the console attaches. */
const reserved: ReadonlySet<string> = new Set([reportName, 'verify.html', 'console.vkey', erasedName]);

function attachment(name: string, data: Uint8Array): { name: string; media_type: string; data: Uint8Array } {
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return { name, media_type: mediaTypes[ending] ?? 'application/octet-stream', data };
}

export function summaryOf({ gathered, file: { manifest, size } }: Seal): SealedBundle {
  return {
    entries: manifest.counts.entries,
    from_seq: gathered.from,
    to_seq: gathered.to,
    whole_range: gathered.whole,
    opened_fields: manifest.counts.opened_fields,
    redacted_fields: manifest.counts.redacted_fields,
    checkpoint_size: gathered.checkpoint.size,
    root_hash: toHex(gathered.checkpoint.root),
    content_digest: manifest.content_digest.value,
    size_bytes: size,
  };
}

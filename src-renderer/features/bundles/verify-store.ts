// The Verifier's state: the file, the keys one has pinned, the verdict, and the rows in sight. It needs no session and talks to nothing
// but its worker; the console's own key is only asked for when somebody presses for it.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { BundleRow } from '../../../src-shared/evidence/bundle-rows.ts';
import { encodeHex, encodeUtf8 } from '../../../src-shared/evidence/bytes.ts';
import { type CheckedFile, checkedFile } from '../../../src-shared/evidence/receipt.ts';
import type { ReceiptVerdict } from '../../../src-shared/evidence/verify-receipt.ts';
import { noblePrimitives } from '../../lib/evidence-primitives.ts';
import { type Given, noTrust, trustOf } from './trust.ts';
import type { ShownVerdict, Trust, VerifyProgress, VerifyReply, VerifyRequest } from './verify-messages.ts';

interface VerifyState {
  /** `checking` with a verdict or receipt: that is of before, and the file is judged anew. */
  readonly phase: 'empty' | 'checking' | 'done' | 'receipt' | 'unreadable' | 'stopped';
  readonly fileName: string;
  readonly fileSize: number;
  readonly file?: File | undefined;
  /** A PDF that was given with it. */
  readonly pdf?: File | undefined;
  readonly verdict?: ShownVerdict | undefined;
  /** The file was a receipt. */
  readonly receipt?: ReceiptVerdict | undefined;
  readonly tookMs: number;
  /** The bundle was carried by a PDF. */
  readonly inPdf: boolean;
  /** Why there is nothing to verify in the file, where that is known. */
  readonly reason?: string | undefined;
  /** How far the check of a large file is. */
  readonly progress?: VerifyProgress | undefined;
  /** How many entries the file has. */
  readonly entries: number;
  readonly rows: ReadonlyMap<number, BundleRow>;
  /** What the person gave, one by one, to hold bundles against. */
  readonly given: readonly Given[];
  /** The same as the check takes it, with what is pinned in the console. */
  readonly trust: Trust;
  readonly opened?:
    | { readonly index: number; readonly json: string | undefined; readonly erased: readonly string[] }
    | undefined;
}

export interface VerifyStore extends StoreApi<VerifyState> {
  verify(file: File, pdf?: File): void;
  /** Holds the open bundle against a PDF that came with it. */
  compare(pdf: File): void;
  /** A file that was announced and then could not be had. */
  cannotRead(fileName: string): void;
  /** Holds bundles against these too. What is there already stays as it is. */
  hold(given: readonly Given[]): void;
  distrust(given: Given): void;
  /** Takes away all that was given. */
  distrustAll(): void;
  /** What is pinned in the console that one is signed in to. */
  setPinned(keys: readonly string[]): void;
  /** What a receipt says of the file and its verdict; undefined where the worker stopped or another file was opened meanwhile. */
  describe(): Promise<CheckedFile | undefined>;
  /** The bytes of an attached file; undefined as above. */
  attachment(index: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Fetches the rows from..to, both inside, unless they are there. */
  need(from: number, to: number): void;
  openEntry(index: number | undefined): void;
  close(): void;
  /** Lets the worker and the file go. */
  dispose(): void;
}

/** What of a Worker is used. */
export interface VerifyWorker {
  postMessage(request: VerifyRequest): void;
  terminate(): void;
}

const empty = {
  phase: 'empty',
  fileName: '',
  fileSize: 0,
  file: undefined,
  pdf: undefined,
  verdict: undefined,
  receipt: undefined,
  tookMs: 0,
  inPdf: false,
  reason: undefined,
  progress: undefined,
  entries: 0,
  rows: new Map(),
  opened: undefined,
} as const;

const pageRows = 200;
const keptRows = 4000;

export function createVerifyStore(start: (onReply: (reply: VerifyReply) => void) => VerifyWorker): VerifyStore {
  const store = createStore<VerifyState>(() => ({ ...empty, given: [], trust: noTrust }));
  const { getState: get, setState: set } = store;
  let worker: VerifyWorker | undefined;
  let turn = 0;
  const asked = new Set<number>();
  // Pages of the file that is judged anew: what stands there is shown until they come again.
  const stale = new Set<number>();
  // Answers that somebody waits for; what was asked of an earlier file is answered with nothing.
  const waiting = new Map<string, (reply: VerifyReply | undefined) => void>();

  function nextTurn(): void {
    turn += 1;
    asked.clear();
    giveUp();
  }

  function giveUp(): void {
    for (const resolve of waiting.values()) resolve(undefined);
    waiting.clear();
  }

  function ask(request: VerifyRequest & { readonly kind: 'digest' | 'attachment' }): Promise<VerifyReply | undefined> {
    const name = request.kind === 'digest' ? 'digest' : `attachment ${request.index}`;
    waiting.get(name)?.(undefined);
    return new Promise((resolve) => {
      waiting.set(name, resolve);
      send(request);
    });
  }

  function answered(name: string, reply: VerifyReply): void {
    waiting.get(name)?.(reply);
    waiting.delete(name);
  }

  function send(request: VerifyRequest): void {
    worker ??= start(take);
    worker.postMessage(request);
  }

  function take(reply: VerifyReply): void {
    if (reply.kind === 'stopped') {
      worker?.terminate();
      worker = undefined;
      giveUp();
      stale.clear();
      set({ phase: 'stopped', verdict: undefined, receipt: undefined, rows: new Map(), opened: undefined });
      return;
    }
    if (reply.turn !== turn) return;
    switch (reply.kind) {
      case 'progress':
        set({ progress: reply });
        return;
      case 'verdict':
        set({
          phase: 'done',
          progress: undefined,
          verdict: reply.verdict,
          entries: reply.entries,
          tookMs: reply.tookMs,
          inPdf: reply.inPdf,
        });
        for (const page of stale) askRows(page);
        stale.clear();
        return;
      case 'receipt':
        set({ phase: 'receipt', receipt: reply.receipt });
        return;
      case 'digest':
        answered('digest', reply);
        return;
      case 'attachment':
        answered(`attachment ${reply.index}`, reply);
        return;
      case 'rows':
        asked.delete(reply.from);
        set(({ rows }) => {
          // What scrolled away is fetched again: the page must not grow with the file.
          const next = rows.size > keptRows ? new Map<number, BundleRow>() : new Map(rows);
          for (const row of reply.rows) next.set(row.index, row);
          return { rows: next };
        });
        return;
      case 'whole':
        set(({ opened }) =>
          opened?.index === reply.index
            ? { opened: { index: reply.index, json: reply.json, erased: reply.erased } }
            : {},
        );
        return;
      case 'unreadable':
        set({ phase: 'unreadable', reason: reply.reason, verdict: undefined, receipt: undefined });
    }
  }

  function askRows(page: number): void {
    asked.add(page);
    send({ kind: 'rows', turn, from: page, count: pageRows });
  }

  function giveAnew(given: readonly Given[]): void {
    if (given.length !== get().given.length) checkAgain({ given, trust: trustOf(given, get().trust.pinnedKeys) });
  }

  function checkAgain(change: Partial<Pick<VerifyState, 'given' | 'trust' | 'pdf'>>): void {
    set(change);
    const { phase, trust, pdf, rows } = get();
    // Also while it is being checked: the answer to the question before is dropped.
    if (phase !== 'done' && phase !== 'receipt' && phase !== 'checking') return;
    for (const index of rows.keys()) stale.add(Math.floor(index / pageRows) * pageRows);
    for (const page of asked) stale.add(page);
    nextTurn();
    // What was found before stays in sight, marked as such: nothing under one's hand goes away and comes back.
    set({ phase: 'checking', progress: undefined });
    send({ kind: 'again', turn, trust, pdf });
  }

  return {
    ...store,
    verify(file, pdf) {
      // A file that is still being checked is dropped with its worker: the newest one is what the person wants to know about.
      if (get().phase === 'checking') {
        worker?.terminate();
        worker = undefined;
      }
      nextTurn();
      stale.clear();
      set({ ...empty, phase: 'checking', fileName: file.name, fileSize: file.size, file, pdf });
      send({ kind: 'verify', turn, file, pdf, trust: get().trust });
    },
    compare: (pdf) => checkAgain({ pdf }),
    cannotRead(fileName) {
      nextTurn();
      stale.clear();
      worker?.terminate();
      worker = undefined;
      set({ ...empty, phase: 'unreadable', fileName });
    },
    hold(added) {
      const given = [...get().given];
      for (const each of added) {
        if (!given.some(({ kind, text }) => kind === each.kind && text === each.text)) given.push(each);
      }
      giveAnew(given);
    },
    distrust: (taken) => giveAnew(get().given.filter((each) => each !== taken)),
    distrustAll: () => giveAnew([]),
    setPinned(keys) {
      const { trust } = get();
      if (keys.join('\n') !== trust.pinnedKeys.join('\n')) checkAgain({ trust: { ...trust, pinnedKeys: keys } });
    },
    async describe() {
      const { verdict, fileName, fileSize, trust } = get();
      const reply = await ask({ kind: 'digest', turn });
      if (verdict === undefined || reply?.kind !== 'digest') return undefined;
      const file = { name: fileName, sha256: reply.sha256, size: fileSize };
      return checkedFile(file, verdict, {
        authorities: trust.authorities.map(hashOf),
        checkpoints: trust.checkpoints.map(hashOf),
        keys: [...trust.trustedKeys, ...trust.pinnedKeys],
        witnesses: [...trust.witnesses],
      });
    },
    async attachment(index) {
      const reply = await ask({ kind: 'attachment', turn, index });
      return reply?.kind === 'attachment' ? reply.bytes : undefined;
    },
    need(from, to) {
      const { rows, entries } = get();
      const first = Math.floor(from / pageRows) * pageRows;
      for (let page = first; page <= Math.min(to, entries - 1); page += pageRows) {
        const isMissing = !rows.has(Math.max(page, from)) || !rows.has(Math.min(page + pageRows - 1, to, entries - 1));
        if (!isMissing || asked.has(page)) continue;
        askRows(page);
      }
    },
    openEntry(index) {
      set({ opened: index === undefined ? undefined : { index, json: undefined, erased: [] } });
      if (index !== undefined) send({ kind: 'whole', turn, index });
    },
    close() {
      nextTurn();
      stale.clear();
      worker?.terminate();
      worker = undefined;
      set({ ...empty });
    },
    dispose() {
      nextTurn();
      stale.clear();
      worker?.terminate();
      worker = undefined;
      set({ ...empty, given: [], trust: noTrust });
    },
  };
}

function hashOf(text: string): string {
  return encodeHex(noblePrimitives.sha256(encodeUtf8(text)));
}

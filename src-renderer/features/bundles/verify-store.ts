// The Verifier's state: the file, the keys one has pinned, the verdict, and the rows in sight. It needs no session and talks to nothing
// but its worker; the console's own key is only asked for when somebody presses for it.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { BundleRow } from '../../../src-shared/evidence/bundle-rows.ts';
import type { ShownVerdict, VerifyReply, VerifyRequest } from './verify-messages.ts';

interface VerifyState {
  readonly phase: 'empty' | 'checking' | 'done' | 'unreadable' | 'stopped';
  readonly fileName: string;
  readonly fileSize: number;
  readonly verdict?: ShownVerdict | undefined;
  readonly tookMs: number;
  /** The bundle was carried by a PDF. */
  readonly inPdf: boolean;
  /** Why there is nothing to verify in the file, where that is known. */
  readonly reason?: string | undefined;
  /** How many entries the file has. */
  readonly entries: number;
  readonly rows: ReadonlyMap<number, BundleRow>;
  /** Verifier keys of consoles that the person knows, as pasted. */
  readonly trustedKeys: readonly string[];
  readonly opened?: { readonly index: number; readonly json: string | undefined } | undefined;
}

export interface VerifyStore extends StoreApi<VerifyState> {
  verify(file: File): void;
  /** A file that was announced and then could not be had. */
  cannotRead(fileName: string): void;
  pin(key: string): void;
  unpin(key: string): void;
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
  verdict: undefined,
  tookMs: 0,
  inPdf: false,
  reason: undefined,
  entries: 0,
  rows: new Map(),
  opened: undefined,
} as const;

const pageRows = 200;
const keptRows = 4000;

export function createVerifyStore(start: (onReply: (reply: VerifyReply) => void) => VerifyWorker): VerifyStore {
  const store = createStore<VerifyState>(() => ({ ...empty, trustedKeys: [] }));
  const { getState: get, setState: set } = store;
  let worker: VerifyWorker | undefined;
  let turn = 0;
  const asked = new Set<number>();

  function send(request: VerifyRequest): void {
    worker ??= start(take);
    worker.postMessage(request);
  }

  function take(reply: VerifyReply): void {
    if (reply.kind === 'stopped') {
      worker?.terminate();
      worker = undefined;
      set({ phase: 'stopped', rows: new Map(), opened: undefined });
      return;
    }
    if (reply.turn !== turn) return;
    switch (reply.kind) {
      case 'verdict':
        set({
          phase: 'done',
          verdict: reply.verdict,
          entries: reply.entries,
          tookMs: reply.tookMs,
          inPdf: reply.inPdf,
        });
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
          opened?.index === reply.index ? { opened: { index: reply.index, json: reply.json } } : {},
        );
        return;
      case 'unreadable':
        set({ phase: 'unreadable', reason: reply.reason });
    }
  }

  function checkAgain(trustedKeys: readonly string[]): void {
    set({ trustedKeys });
    if (get().phase !== 'done') return;
    turn += 1;
    asked.clear();
    set({ phase: 'checking', rows: new Map() });
    send({ kind: 'again', turn, trustedKeys });
  }

  return {
    ...store,
    verify(file) {
      // A file that is still being checked is dropped with its worker: the newest one is what the person wants to know about.
      if (get().phase === 'checking') {
        worker?.terminate();
        worker = undefined;
      }
      turn += 1;
      asked.clear();
      set({ ...empty, phase: 'checking', fileName: file.name, fileSize: file.size });
      send({ kind: 'verify', turn, file, trustedKeys: get().trustedKeys });
    },
    cannotRead(fileName) {
      turn += 1;
      worker?.terminate();
      worker = undefined;
      set({ ...empty, phase: 'unreadable', fileName });
    },
    pin(key) {
      const written = key.trim();
      const { trustedKeys } = get();
      if (written !== '' && !trustedKeys.includes(written)) checkAgain([...trustedKeys, written]);
    },
    unpin: (key) => checkAgain(get().trustedKeys.filter((each) => each !== key)),
    need(from, to) {
      const { rows, entries } = get();
      const first = Math.floor(from / pageRows) * pageRows;
      for (let page = first; page <= Math.min(to, entries - 1); page += pageRows) {
        const isMissing = !rows.has(Math.max(page, from)) || !rows.has(Math.min(page + pageRows - 1, to, entries - 1));
        if (!isMissing || asked.has(page)) continue;
        asked.add(page);
        send({ kind: 'rows', turn, from: page, count: pageRows });
      }
    },
    openEntry(index) {
      set({ opened: index === undefined ? undefined : { index, json: undefined } });
      if (index !== undefined) send({ kind: 'whole', turn, index });
    },
    close() {
      turn += 1;
      worker?.terminate();
      worker = undefined;
      set({ ...empty });
    },
    dispose() {
      turn += 1;
      worker?.terminate();
      worker = undefined;
      set({ ...empty, trustedKeys: [] });
    },
  };
}

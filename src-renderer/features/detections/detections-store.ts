// The detectors with their states, the packs, and the rule that is open. Read when the screen is opened, and again when rules or
// alerts changed.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Output } from '../../../src-shared/contract/contract.ts';
import type { Detector } from '../../../src-shared/contract/detections.ts';
import type { RulePack } from '../../../src-shared/contract/rule-packs.ts';
import type { call, subscribe } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { severities } from '../../ui/data/severity-levels.ts';

type Listed = Output<'detections.list'>;

export interface DetectionsState {
  readonly items: Listed['items'];
  readonly refused: Listed['refused'];
  readonly compiling: boolean;
  readonly packs: readonly RulePack[];
  readonly phase: 'loading' | 'ready' | 'failed';
  /** Of the last reading; what is listed may be of the one before. */
  readonly failure?: string | undefined;
  /** Grows with each reading: what shows a single rule reads it again then. */
  readonly reading: number;
}

export interface DetectionsStore extends StoreApi<DetectionsState> {
  load(): Promise<void>;
  listen(): () => void;
  forget(): void;
}

interface DetectionsDependencies {
  readonly call: typeof call;
  readonly subscribe: typeof subscribe;
  readonly later: (run: () => void, ms: number) => () => void;
}

/** The gravest first, then by title: an order that does not move while one reads. */
function byGravity(left: Detector, right: Detector): number {
  return (
    severities.indexOf(left.severity) - severities.indexOf(right.severity) || collator.compare(left.title, right.title)
  );
}

/** One for all: making the rules of a language anew for each of thousands of pairs would take a second. */
const collator = new Intl.Collator('en');

const empty: DetectionsState = { items: [], refused: [], compiling: false, packs: [], phase: 'loading', reading: 0 };
const settleMs = 2000;
/** After a reading that failed. */
const againMs = 5000;
/** While rules are being compiled one wants to see when they are done. */
const compilingMs = 700;

export function createDetectionsStore({ call, subscribe, later }: DetectionsDependencies): DetectionsStore {
  const store = createStore<DetectionsState>(() => empty);
  let reading = new AbortController();
  let listening = false;
  let cancel: (() => void) | undefined;

  function soon(ms: number): void {
    if (!listening) return;
    cancel ??= later(() => {
      cancel = undefined;
      void load();
    }, ms);
  }

  async function load(): Promise<void> {
    reading.abort();
    reading = new AbortController();
    const { signal } = reading;
    if (store.getState().phase === 'failed') store.setState({ phase: 'loading' });
    try {
      const [{ items, refused, compiling }, packs] = await Promise.all([
        call('detections.list', {}, { signal }),
        call('packs.list', {}, { signal }),
      ]);
      store.setState({
        items: items.toSorted(byGravity),
        refused,
        compiling,
        packs: packs.items,
        phase: 'ready',
        failure: undefined,
        reading: store.getState().reading + 1,
      });
      if (compiling) soon(compilingMs);
    } catch (error) {
      if (isAborted(error)) return;
      const failure = failureWords(error);
      // What was read stays: the frame says that the service does not answer, and the list is read again when it may.
      if (store.getState().phase === 'ready') {
        store.setState({ failure });
        soon(againMs);
      } else store.setState({ phase: 'failed', failure });
    }
  }

  return {
    ...store,
    load,
    listen() {
      listening = true;
      const stops = [
        subscribe(['alerts.changed'], () => soon(settleMs)),
        subscribe(['detections.changed'], () => soon(100)),
      ];
      return () => {
        listening = false;
        for (const stop of stops) stop();
        cancel?.();
        cancel = undefined;
        reading.abort();
      };
    },
    forget() {
      reading.abort();
      store.setState(empty, true);
    },
  };
}

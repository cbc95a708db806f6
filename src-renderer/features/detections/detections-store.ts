// The detectors that are on and the rules that were refused. Read when the screen is opened, and again when alerts changed.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Output } from '../../../src-shared/contract/contract.ts';
import type { Detector } from '../../../src-shared/contract/detections.ts';
import type { call, subscribe } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { severities } from '../../ui/data/severity-levels.ts';

type Listed = Output<'detections.list'>;

interface DetectionsState {
  readonly items: Listed['items'];
  readonly refused: Listed['refused'];
  readonly phase: 'loading' | 'ready' | 'failed';
  readonly failure?: string | undefined;
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
    severities.indexOf(left.severity) - severities.indexOf(right.severity) ||
    left.title.localeCompare(right.title, 'en')
  );
}

const empty: DetectionsState = { items: [], refused: [], phase: 'loading' };
const settleMs = 2000;

export function createDetectionsStore({ call, subscribe, later }: DetectionsDependencies): DetectionsStore {
  const store = createStore<DetectionsState>(() => empty);
  let reading = new AbortController();

  async function load(): Promise<void> {
    reading.abort();
    reading = new AbortController();
    const { signal } = reading;
    if (store.getState().phase === 'failed') store.setState({ phase: 'loading' });
    try {
      const { items, refused } = await call('detections.list', {}, { signal });
      store.setState({ items: items.toSorted(byGravity), refused, phase: 'ready', failure: undefined });
    } catch (error) {
      if (!isAborted(error)) store.setState({ phase: 'failed', failure: failureWords(error) });
    }
  }

  return {
    ...store,
    load,
    listen() {
      let cancel: (() => void) | undefined;
      const stop = subscribe(['alerts.changed'], () => {
        cancel ??= later(() => {
          cancel = undefined;
          void load();
        }, settleMs);
      });
      return () => {
        stop();
        cancel?.();
        reading.abort();
      };
    },
    forget() {
      reading.abort();
      store.setState(empty, true);
    },
  };
}

// What Home shows: the figures of queue, chain, detectors and events, and the alerts that wait for this person. Read together, so that
// the numbers on the page belong to one moment; each part may fail alone.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AlertRow } from '../../../src-shared/contract/alerts.ts';
import type { Output } from '../../../src-shared/contract/contract.ts';
import type { Permission } from '../../../src-shared/permissions.ts';
import type { call, subscribe } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { type Due, nearestDue, needsPerson } from './needs.ts';

export interface HomeState {
  readonly alerts?: Output<'alerts.summary'> | undefined;
  readonly chain?: Output<'audit.status'> | undefined;
  readonly mirrors?: Output<'mirrors.list'> | undefined;
  readonly detectors?: Output<'detections.list'> | undefined;
  readonly status?: Output<'console.status'> | undefined;
  readonly exceptions?: Output<'exceptions.list'>['items'] | undefined;
  /** Mine, and those nobody has taken that are critical or high. */
  readonly needs: readonly Due[];
  /** The open ones whose limits are nearest, out of `limited`. */
  readonly atRisk: readonly Due[];
  readonly limited: number;
  /** How many of the active alerts were looked at for the lists; below the sum of open and acknowledged when there are very many. */
  readonly looked: number;
  /** Milliseconds UTC of the last complete reading. */
  readonly readAt?: number | undefined;
  readonly phase: 'loading' | 'ready' | 'failed';
  /** What could not be read, with why. */
  readonly failures: readonly string[];
}

export interface HomeStore extends StoreApi<HomeState> {
  load(me: string, may: (permission: Permission) => boolean): Promise<void>;
  /** Reads again when something changed, until the answer is called. */
  follow(me: string, may: (permission: Permission) => boolean): () => void;
  forget(): void;
}

interface HomeDependencies {
  readonly call: typeof call;
  readonly subscribe: typeof subscribe;
  readonly now: () => number;
  readonly later: (run: () => void, ms: number) => () => void;
}

const settleMs = 1000;
const mostLooked = 500;
const empty: HomeState = { needs: [], atRisk: [], limited: 0, looked: 0, phase: 'loading', failures: [] };

export function createHomeStore({ call, subscribe, now, later }: HomeDependencies): HomeStore {
  const store = createStore<HomeState>(() => empty);
  let reading = new AbortController();

  async function load(me: string, may: (permission: Permission) => boolean): Promise<void> {
    reading.abort();
    reading = new AbortController();
    const { signal } = reading;
    const failures: string[] = [];

    async function part<T>(what: string, isAllowed: boolean, read: () => Promise<T>): Promise<T | undefined> {
      if (!isAllowed) return undefined;
      try {
        return await read();
      } catch (error) {
        if (!isAborted(error)) failures.push(`${what}: ${failureWords(error)}`);
        return undefined;
      }
    }

    const readsAlerts = may('alerts.read');
    const [alerts, chain, mirrors, detectors, status, active, mine, exceptions] = await Promise.all([
      part('Alerts', readsAlerts, () => call('alerts.summary', {}, { signal })),
      part('Audit chain', may('console.read'), () => call('audit.status', {}, { signal })),
      part('Mirrors', may('console.read'), () => call('mirrors.list', {}, { signal })),
      part('Detectors', may('detections.read'), () => call('detections.list', {}, { signal })),
      part('Console', true, () => call('console.status', {}, { signal })),
      part('Alerts that wait', readsAlerts, () =>
        call('alerts.list', { status: ['open', 'acknowledged'], limit: mostLooked }, { signal }),
      ),
      part('Alerts of yours', readsAlerts, () =>
        call('alerts.list', { status: ['open', 'acknowledged'], assignee: 'me', limit: 100 }, { signal }),
      ),
      part('Exceptions', may('detections.read'), () => call('exceptions.list', {}, { signal })),
    ]);
    if (signal.aborted) return;
    const rows: AlertRow[] = [...(active?.items ?? [])];
    const known = new Set(rows.map((row) => row.id));
    for (const row of mine?.items ?? []) if (!known.has(row.id)) rows.push(row);
    const limited = nearestDue(rows);
    store.setState(
      {
        alerts,
        chain,
        mirrors,
        detectors,
        status,
        exceptions: exceptions?.items,
        needs: nearestDue(rows.filter((row) => needsPerson(row, me))),
        atRisk: limited,
        limited: limited.length,
        looked: rows.length,
        readAt: now(),
        phase: status === undefined && alerts === undefined && chain === undefined ? 'failed' : 'ready',
        failures,
      },
      true,
    );
  }

  return {
    ...store,
    load,
    follow(me, may) {
      let cancel: (() => void) | undefined;
      const stop = subscribe(['alerts.changed', 'events.taken'], () => {
        cancel ??= later(() => {
          cancel = undefined;
          void load(me, may);
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

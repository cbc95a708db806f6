// What the frame shows on every screen, kept fresh: the chain, the last checkpoint, the API, the number of open alerts. Asked each 15 s
// and soon after an announcement; a service that stops answering is said at once.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Topic } from '../../src-shared/contract/console.ts';
import type { CallInput, OperationName, Output } from '../../src-shared/contract/contract.ts';
import { NetworkFailure } from '../api/failures.ts';
import type { StreamState } from '../api/transport.ts';
import { tallyAnchors } from './anchor-tally.ts';
import type { ChainState, FrameStatus, LiveState } from './frame-model.ts';
import { tallyMirrors } from './mirror-tally.ts';

export interface ConsoleFacts {
  readonly status: Output<'console.status'> | undefined;
  readonly chain: Output<'audit.status'> | undefined;
  readonly mirrors?: Output<'mirrors.list'> | undefined;
  readonly alerts: Output<'alerts.summary'> | undefined;
  /** False once a question was not answered; the facts are then the last ones known. */
  readonly answers: boolean;
}

export interface ConsoleWatch {
  readonly store: StoreApi<ConsoleFacts>;
  refresh(): Promise<void>;
  stop(): void;
}

interface WatchDependencies {
  call<N extends OperationName>(name: N, input: CallInput<N>): Promise<Output<N>>;
  subscribe(topics: readonly Topic[], listener: () => void): () => void;
  /** Which of the questions this person may ask. */
  readonly may: { readonly chain: boolean; readonly alerts: boolean };
}

const pollMs = 15_000;
/** A batch of events announces many times; one question answers all. */
const settleMs = 500;

export function watchConsole({ call, subscribe, may }: WatchDependencies): ConsoleWatch {
  const store = createStore<ConsoleFacts>(() => ({
    status: undefined,
    chain: undefined,
    alerts: undefined,
    answers: true,
  }));
  let isStopped = false;
  let settling: ReturnType<typeof setTimeout> | undefined;

  /** A refusal (a right that was taken away, a session that ended) leaves the last answer; the session deals with it. */
  async function ask<K extends 'status' | 'chain' | 'mirrors' | 'alerts'>(
    key: K,
    question: () => Promise<NonNullable<ConsoleFacts[K]>>,
  ): Promise<boolean> {
    try {
      const answer = await question();
      if (!isStopped) store.setState({ [key]: answer } as Partial<ConsoleFacts>);
      return true;
    } catch (error) {
      return !(error instanceof NetworkFailure);
    }
  }

  async function refresh(): Promise<void> {
    const answered = await Promise.all([
      ask('status', () => call('console.status', {})),
      ...(may.chain
        ? [ask('chain', () => call('audit.status', {})), ask('mirrors', () => call('mirrors.list', {}))]
        : []),
      ...(may.alerts ? [ask('alerts', () => call('alerts.summary', {}))] : []),
    ]);
    if (!isStopped) store.setState({ answers: answered.every(Boolean) });
  }

  void refresh();
  const poll = setInterval(() => void refresh(), pollMs);
  const unsubscribe = subscribe(['audit.grew', 'alerts.changed', 'sessions.changed'], () => {
    settling ??= setTimeout(() => {
      settling = undefined;
      void refresh();
    }, settleMs);
  });
  return {
    store,
    refresh,
    stop() {
      isStopped = true;
      clearInterval(poll);
      clearTimeout(settling);
      unsubscribe();
    },
  };
}

export function chainState(chain: Output<'audit.status'> | undefined): ChainState {
  switch (chain?.check.state) {
    case 'intact':
      return { kind: 'intact', size: chain.check.checked_to };
    case 'broken':
      return { kind: 'broken', at: chain.check.first_bad_seq };
    default:
      return { kind: 'unknown' };
  }
}

export function frameStatus({ status, chain, mirrors, answers }: ConsoleFacts): FrameStatus {
  const tally = tallyAnchors(chain?.anchors);
  const copies = tallyMirrors(mirrors?.items);
  return {
    chain: chainState(chain),
    checkpointAt: chain?.checkpoint?.signed_at,
    ...(tally === undefined
      ? {}
      : {
          anchors: {
            seen: tally.seen,
            of: tally.of,
            isTroubled: tally.failing.length + tally.contradicting.length > 0,
          },
        }),
    ...(copies === undefined
      ? {}
      : { mirrors: { well: copies.well, of: copies.of, isTroubled: copies.well < copies.of } }),
    service: answers ? { ok: true, words: 'service ok' } : { ok: false, words: 'service does not answer' },
    api: { address: status?.api_address.replace(/^https:\/\//, '') ?? '', serving: answers },
    ...(status === undefined ? {} : { stream: { open: status.streams, limit: status.streams_max } }),
  };
}

export function liveState(stream: StreamState): LiveState {
  switch (stream.kind) {
    case 'live':
      return { kind: 'live' };
    case 'lost':
      return { kind: 'lost', retryAt: stream.retryAt };
    case 'connecting':
    case 'off':
      return { kind: 'connecting' };
  }
}

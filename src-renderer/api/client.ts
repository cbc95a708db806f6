// The one client of the console's page. Features call operations and listen to topics here; which transport carries them was chosen
// at start. Refusals that concern the session itself (signed out, locked) are told to whoever watches them, besides being thrown.

import { createStore } from 'zustand/vanilla';
import type { Topic } from '../../src-shared/contract/console.ts';
import type { CallInput, OperationName, Output } from '../../src-shared/contract/contract.ts';
import { ProblemFailure } from './failures.ts';
import type { Announcement, CallOptions, StreamState, Transport } from './transport.ts';

type Listener = (announcement: Announcement) => void;
type RefusalWatcher = (failure: ProblemFailure, operation: OperationName) => void;

let transport: Transport | undefined;
const listeners = new Set<{ readonly topics: ReadonlySet<Topic>; readonly listener: Listener }>();
const watchers = new Set<RefusalWatcher>();
let closeStream: (() => void) | undefined;

/** How the stream of announcements is, for the title bar. */
export const streamState = createStore<StreamState>(() => ({ kind: 'off' }));

/** Called once, before the first render (and by tests, each with its own transport). */
export function startClient(chosen: Transport): void {
  stopStream();
  transport = chosen;
}

function chosenTransport(): Transport {
  if (transport === undefined) throw new Error('startClient comes before the first call');
  return transport;
}

export function transportKind(): Transport['kind'] {
  return chosenTransport().kind;
}

/**
 * Calls an operation of the contract. One round trip; nothing is cached and nothing is tried again.
 * @throws ProblemFailure when the console refuses, NetworkFailure when no answer came, AbortError when `signal` was aborted.
 */
export async function call<N extends OperationName>(
  name: N,
  input: CallInput<N>,
  options: CallOptions = {},
): Promise<Output<N>> {
  try {
    return await chosenTransport().call(name, input, options);
  } catch (error) {
    if (error instanceof ProblemFailure) for (const watch of watchers) watch(error, name);
    throw error;
  }
}

/** A document as a file. @throws as `call`. */
export async function download(
  name: OperationName,
  input: Readonly<Record<string, unknown>>,
  options: Parameters<Transport['download']>[2],
): Promise<Blob> {
  try {
    return await chosenTransport().download(name, input, options);
  } catch (error) {
    if (error instanceof ProblemFailure) for (const watch of watchers) watch(error, name);
    throw error;
  }
}

/** Listens to topics as long as the stream is open. An announcement with `ref` null means: read again what is shown. */
export function subscribe(topics: readonly Topic[], listener: Listener): () => void {
  const entry = { topics: new Set(topics), listener };
  listeners.add(entry);
  return () => {
    listeners.delete(entry);
  };
}

/** Told of each refusal, before the caller is. The session watches for "signed out" and "locked". */
export function watchRefusals(watcher: RefusalWatcher): () => void {
  watchers.add(watcher);
  return () => {
    watchers.delete(watcher);
  };
}

/** The stream is open exactly while somebody is signed in and the console is not locked. */
export function startStream(): void {
  if (closeStream !== undefined) return;
  closeStream = chosenTransport().openStream({
    announce(announcement) {
      for (const { topics, listener } of [...listeners]) if (topics.has(announcement.topic)) listener(announcement);
    },
    change: (state) => streamState.setState(state, true),
    refuse(failure) {
      for (const watch of watchers) watch(failure, 'console.status');
    },
  });
}

export function stopStream(): void {
  closeStream?.();
  closeStream = undefined;
}

// What a transport is: the way from this page to dispatch. HTTPS in a browser, IPC in the desktop window; nothing else differs.

import type { Topic } from '../../src-shared/contract/console.ts';
import type { CallInput, OperationName, Output } from '../../src-shared/contract/contract.ts';
import type { ProblemFailure } from './failures.ts';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Identity and revision, never content. `ref` null: anything of this topic may have changed, read again what is shown. */
export interface Announcement {
  readonly topic: Topic;
  readonly ref: string | null;
  readonly revision: number;
}

export type StreamState =
  | { readonly kind: 'off' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'lost'; readonly retryAt: number };

export interface StreamListener {
  announce(announcement: Announcement): void;
  change(state: StreamState): void;
  /** The console does not let this session listen (any more). */
  refuse(failure: ProblemFailure): void;
}

export interface Transport {
  readonly kind: 'https' | 'window';
  /** @throws ProblemFailure when refused, NetworkFailure when no answer came, AbortError when given up. */
  call<N extends OperationName>(name: N, input: CallInput<N>, options: CallOptions): Promise<Output<N>>;
  /** A document as a file that need not fit the page's memory. @throws as `call`. */
  download(
    name: OperationName,
    input: Readonly<Record<string, unknown>>,
    options: CallOptions & { readonly onProgress: (done: number, total: number) => void },
  ): Promise<Blob>;
  /** Opens the stream of announcements and keeps it open. The answer closes it. */
  openStream(listener: StreamListener): () => void;
}

export const topicNames = [
  'detections.changed',
  'alerts.changed',
  'events.taken',
  'imports.changed',
  'audit.grew',
  'sessions.changed',
  'secrets.changed',
  'encryption.changed',
  'backups.changed',
  'settings.changed',
] as const satisfies readonly Topic[];

export function isTopic(text: unknown): text is Topic {
  return topicNames.some((name) => name === text);
}

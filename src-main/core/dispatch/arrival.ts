// What comes in and what goes out of dispatch, the same for HTTPS, IPC and CLI. Adapters make arrivals and write answers; only dispatch between.
import type { OperationName } from '../../../src-shared/contract/contract.ts';
import type { ProblemBody } from '../../../src-shared/problem.ts';
import type { RateState } from '../ports.ts';

export type Via = 'https' | 'window' | 'system';

export type Credential =
  | { readonly kind: 'none' }
  /** `cookie` and `window` never see the token in an answer's body. */
  | { readonly kind: 'token'; readonly token: string; readonly from: 'bearer' | 'api-key' | 'cookie' | 'window' };

export type Origin = {
  /** The caller's address, after trusted proxies; null for the window and the system. */
  readonly ip: string | null;
  readonly userAgent: string | null;
};

export type Arrival = {
  readonly operation: OperationName;
  readonly via: Via;
  readonly origin: Origin;
  readonly credential: Credential;
  /** Path, query and body fields in one record, not yet checked. */
  readonly input: unknown;
  readonly idempotencyKey?: string;
  readonly traceId: string;
};

/** A session that this answer starts: the adapter keeps the token (cookie jar, main process) instead of the body. */
export type GrantedSession = {
  readonly token: string;
  readonly expiresAt: number;
  readonly purpose: 'session' | 'setup';
};

/** The output of an operation whose document is `streamed`. Its parts can be had once; who doesn't want the rest returns the iterator. */
export class StreamedDocument {
  /** In bytes, of all parts together. */
  readonly size: number;
  readonly parts: AsyncIterable<Uint8Array>;

  constructor(size: number, parts: AsyncIterable<Uint8Array>) {
    this.size = size;
    this.parts = parts;
  }
}

export type Answer =
  | {
      readonly kind: 'output';
      readonly status: number;
      readonly output: unknown;
      /** The output as JSON, where it was made before. */
      readonly json?: string;
      readonly rate: RateState | undefined;
      readonly granted?: GrantedSession;
      /** The caller's session is over: forget cookie or token. */
      readonly ended?: true;
    }
  | { readonly kind: 'problem'; readonly problem: ProblemBody; readonly rate: RateState | undefined };

/** What a topic says: identity and revision, never content. `id` grows by one and serves Last-Event-ID. */
export type Announcement = {
  readonly id: number;
  readonly topic: string;
  readonly workspace: string;
  readonly ref: string | null;
  readonly revision: number;
};

export type StreamOpening =
  | { readonly kind: 'open'; readonly close: () => void }
  | { readonly kind: 'problem'; readonly problem: ProblemBody };

export type StreamRequest = {
  readonly credential: Credential;
  readonly origin: Origin;
  readonly lastEventId: number | undefined;
  /** Called for each announcement, oldest first; returns false when the reader is too slow and must be cut off. */
  readonly deliver: (announcement: Announcement) => boolean;
  /** Called once when the core ends the stream: session over, reader too slow, console stopping. */
  readonly ended: (reason: string) => void;
};

/** The one way in. */
export type Console = {
  dispatch(arrival: Arrival): Promise<Answer>;
  openStream(request: StreamRequest): StreamOpening;
  /** Open streams now, of at most `maxConnections`. */
  streamCount(): number;
};

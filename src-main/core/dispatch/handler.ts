// How a feature answers an operation: the types that tie a handler to its declaration in the contract.

import type { AuditType } from '../../../src-shared/audit-types.ts';
import type { InputOf, Operation, OutputOf } from '../../../src-shared/contract/grammar.ts';
import type { ProblemError } from '../../../src-shared/contract/problems.ts';
import type { ReadTx, WriteTx } from '../store/store.ts';
import type { GrantedSession, Origin, StreamedDocument, Via } from './arrival.ts';
import type { Principal } from './principal.ts';

/** `reference` is the subject's name in the store, never who it is; it stands in the entry as `details.subject`. */
export type EntrySubject = { readonly reference: string };

/** The audit entry that the handler composes and dispatch appends in the same transaction. */
export type EntryDraft = {
  /** Another type than the declared one, or `null` for no entry this time (nothing happened). */
  type?: AuditType | null;
  /** Who acted, when the principal can't say it: a login names its user. */
  actor?: { kind: string; id: string | null; name: string };
  resource?: { type: string; id: string | null };
  details?: Record<string, unknown>;
  dataAccessed?: string;
  subject?: EntrySubject;
};

/** What a handler knows of the call besides its input. */
export type Call = {
  readonly principal: Principal;
  readonly workspace: string;
  readonly origin: Origin;
  readonly via: Via;
  readonly now: number;
  readonly traceId: string;
  readonly entry: EntryDraft;
  /** Starts a session whose token the adapter keeps. */
  grant(session: GrantedSession): void;
  /** Tells the adapter that the caller's session is over. */
  endSession(): void;
};

/** A refusal that must leave its traces (counters, entry): the transaction commits, then the problem is answered. */
export type Refusal = { readonly refused: ProblemError };

export function refuse(problem: ProblemError): Refusal {
  return { refused: problem };
}

export type ReadHandler<T extends Operation> = (tx: ReadTx, call: Call, input: InputOf<T>) => OutputOf<T>;

/** Work that can't be done inside a transaction (hashing a password) happens first; its result comes in as `before`. */
export type WriteHandler<T extends Operation> =
  | ((tx: WriteTx, call: Call, input: InputOf<T>) => OutputOf<T> | Refusal)
  | PreparedHandler<T, unknown>;

export type PreparedHandler<T extends Operation, P> = {
  readonly before: (call: Call, input: InputOf<T>) => Promise<P>;
  readonly run: (tx: WriteTx, call: Call, input: InputOf<T>, before: P) => OutputOf<T> | Refusal;
};

/** Commits in slices of its own; its entry, if any, is appended after it ended, and before anything of a streamed document is sent. */
export type TaskHandler<T extends Operation> = (
  call: Call,
  input: InputOf<T>,
) => Promise<T extends { readonly document: { readonly streamed: true } } ? StreamedDocument : OutputOf<T>>;

export type HandlerOf<T extends Operation> = T['effect'] extends 'read'
  ? ReadHandler<T>
  : T['effect'] extends 'write'
    ? WriteHandler<T>
    : TaskHandler<T>;

export type Handlers<Operations extends Record<string, Operation>> = {
  readonly [Name in keyof Operations]: HandlerOf<Operations[Name]>;
};

/** Ties `before` and `run` so that the type of what is prepared is inferred. */
export function prepared<T extends Operation, P>(handler: PreparedHandler<T, P>): PreparedHandler<T, unknown> {
  // The pair is always called together by dispatch, so what `before` gives is what `run` takes.
  return handler as PreparedHandler<T, unknown>;
}

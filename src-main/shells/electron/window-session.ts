// The window's session, held here and never in the page: its token, whether it is locked, its stream of announcements. Calls with it
// go through the same dispatch as everybody's. Who may call is decided before, in ipc.ts.

import { topics } from '../../../src-shared/contract/console.ts';
import { declarationOf, type OperationName } from '../../../src-shared/contract/contract.ts';
import type { ProblemBody } from '../../../src-shared/problem.ts';
import { cookieOf } from '../../adapters/https/credentials.ts';
import {
  type Answer,
  type Console,
  type Credential,
  type GrantedSession,
  type Origin,
  StreamedDocument,
} from '../../core/dispatch/arrival.ts';
import type { Log, Timers } from '../../core/ports.ts';
import type { DocumentDesk } from './documents.ts';

export type BridgeAnswer =
  | { readonly kind: 'output'; readonly output: unknown }
  /** A document that the page asks for piece by piece: see documents.ts. */
  | { readonly kind: 'document'; readonly id: number; readonly size: number }
  | { readonly kind: 'problem'; readonly problem: ProblemBody };

/** What the page hears: identity and revision. `ref` null: anything of the topic may have changed. */
export type PageAnnouncement = { readonly topic: string; readonly ref: string | null; readonly revision: number };

/** How the window stands with the console, as far as its own answers told. */
export type Standing =
  | { readonly kind: 'signed-out' }
  | { readonly kind: 'locked' }
  | { readonly kind: 'open'; readonly permissions: ReadonlySet<string> };

export type WindowSession = {
  call(operation: OperationName, input: unknown): Promise<BridgeAnswer>;
  /** Starts to hand on announcements, as long as there is a session; again after each end of the stream. */
  listen(deliver: (announcement: PageAnnouncement) => void): void;
  stopListening(): void;
  standing(): Standing;
  /** A set-up that was claimed here is under way. */
  isSettingUp(): boolean;
  /**
   * Locks, so that nothing can be read with the session until it is unlocked. Where the console can't confirm the lock, the session
   * is forgotten instead. @returns whether there was anything to lock.
   */
  lock(): Promise<boolean>;
};

export type WindowSessionParts = {
  readonly console: Console;
  readonly timers: Timers;
  readonly log: Log;
  /** 32 hex digits. */
  readonly newTraceId: () => string;
  readonly userAgent: string;
  readonly documents: Pick<DocumentDesk, 'hold' | 'dropAll'>;
  /** Told after the standing changed. */
  readonly changed: () => void;
  /** Told of every announcement that the window's session may hear. */
  readonly announced: (topic: string) => void;
};

const reopenMs = 1_000;

export function createWindowSession(parts: WindowSessionParts): WindowSession {
  const { console, log } = parts;
  const origin: Origin = { ip: null, userAgent: parts.userAgent };
  const tokens: { [Purpose in GrantedSession['purpose']]?: string } = {};
  let standing: Standing = { kind: 'signed-out' };
  let listener: ((announcement: PageAnnouncement) => void) | undefined;
  let stream: { close: () => void } | undefined;
  let lastEventId: number | undefined;
  let reopening: Disposable | undefined;

  function credentialFor(operation: OperationName): Credential {
    const purpose = cookieOf(declarationOf(operation));
    const token = purpose === undefined ? undefined : tokens[purpose];
    return token === undefined ? { kind: 'none' } : { kind: 'token', token, from: 'window' };
  }

  function stand(next: Standing): void {
    standing = next;
    // Whoever is signed out or locked out gets no more of what was asked for before.
    if (standing.kind !== 'open') parts.documents.dropAll();
    parts.changed();
  }

  function forget(): void {
    delete tokens.session;
    lastEventId = undefined;
    closeStream();
    stand({ kind: 'signed-out' });
  }

  function learn(operation: OperationName, answer: Answer): void {
    if (answer.kind === 'problem') {
      if (declarationOf(operation).access.kind === 'pending' || tokens.session === undefined) return;
      if (answer.problem.code === 'access/unauthenticated') forget();
      if (answer.problem.code === 'access/locked' && standing.kind !== 'locked') stand({ kind: 'locked' });
      return;
    }
    if (answer.granted !== undefined) {
      const { purpose, token } = answer.granted;
      tokens[purpose] = token;
      if (purpose === 'session') {
        // Set-up ends by signing its owner in; its own token opens nothing any more.
        delete tokens.setup;
        closeStream();
        stand({ kind: 'open', permissions: new Set() });
        openStream();
      }
    }
    if (answer.ended === true) forget();
    if (operation === 'auth.lock') stand({ kind: 'locked' });
    if (operation === 'auth.session') learnSession(answer.output);
  }

  function learnSession(output: unknown): void {
    const { locked, permissions } = output as { locked: boolean; permissions: readonly string[] };
    stand(locked ? { kind: 'locked' } : { kind: 'open', permissions: new Set(permissions) });
    if (!locked) openStream();
  }

  function openStream(): void {
    const token = tokens.session;
    if (stream !== undefined || listener === undefined || token === undefined) return;
    // The core may end the stream while it still opens it.
    const opened: { close: () => void; over: boolean } = { close: () => undefined, over: false };
    const opening = console.openStream({
      credential: { kind: 'token', token, from: 'window' },
      origin,
      lastEventId,
      deliver({ id, topic, ref, revision }) {
        lastEventId = id;
        listener?.({ topic, ref, revision });
        parts.announced(topic);
        return true;
      },
      ended() {
        opened.over = true;
        if (stream === opened) stream = undefined;
        tellEverything();
        reopening = parts.timers.after(reopenMs, openStream);
      },
    });
    if (opening.kind === 'problem' || opened.over) return;
    opened.close = opening.close;
    stream = opened;
  }

  function closeStream(): void {
    stream?.close();
    stream = undefined;
    reopening?.[Symbol.dispose]();
    reopening = undefined;
  }

  /** Makes the page read again what it shows: so it learns that its session is over or locked. */
  function tellEverything(): void {
    for (const topic of Object.keys(topics)) listener?.({ topic, ref: null, revision: 0 });
  }

  async function call(operation: OperationName, input: unknown): Promise<BridgeAnswer> {
    const answer = await console.dispatch({
      operation,
      via: 'window',
      origin,
      credential: credentialFor(operation),
      input,
      traceId: parts.newTraceId(),
    });
    learn(operation, answer);
    if (answer.kind === 'problem') return { kind: 'problem', problem: answer.problem };
    const { output } = answer;
    return output instanceof StreamedDocument
      ? { kind: 'document', ...parts.documents.hold(output) }
      : { kind: 'output', output };
  }

  return {
    call,
    listen(deliver) {
      listener = deliver;
      openStream();
    },
    stopListening() {
      listener = undefined;
      closeStream();
    },
    standing: () => standing,
    isSettingUp: () => tokens.setup !== undefined,
    async lock() {
      if (standing.kind !== 'open') return false;
      const answer = await call('auth.lock', {});
      if (answer.kind === 'problem' && tokens.session !== undefined && answer.problem.code !== 'access/locked') {
        // SECURITY: a session that might not be locked must not stay within reach of the page.
        log.warn('the lock was not confirmed; the window is signed out instead', { code: answer.problem.code });
        forget();
      }
      return true;
    },
  };
}

// Live announcements to open streams: resumable for a while, scoped by workspace and permission, cut off when too slow or signed out.

import { stream, type Topic, topics } from '../../../src-shared/contract/console.ts';
import { ProblemError, problemBody } from '../../../src-shared/contract/problems.ts';
import type { Announce } from '../store/store.ts';
import type { Announcement, Credential, Origin, StreamOpening, StreamRequest } from './arrival.ts';
import type { Principal } from './principal.ts';

/** How far back Last-Event-ID may reach. */
const remembered = 1_000;

export type Streams = {
  readonly announce: Announce;
  open(request: StreamRequest): StreamOpening;
  count(): number;
  endSession(sessionId: string): void;
  /** Ends streams whose session or key is no longer good, locked ones too. Called by a timer. */
  recheck(): void;
  endAll(reason: string): void;
};

type Open = { readonly principal: Principal; readonly request: StreamRequest };

/**
 * @param identify who the credential belongs to; refuses and counts what it refuses.
 * @param firstId larger than any number that an earlier run of the console gave, so that its readers are not taken for readers of ours.
 */
export function createStreams(
  identify: (credential: Credential, origin: Origin) => Principal | ProblemError,
  firstId: number,
): Streams {
  const open = new Set<Open>();
  const history: Announcement[] = [];
  let lastId = firstId;

  function end(item: Open, reason: string): void {
    if (open.delete(item)) item.request.ended(reason);
  }

  function deliver(item: Open, announcement: Announcement): void {
    if (!mayHear(item.principal, announcement)) return;
    if (!item.request.deliver(announcement)) end(item, 'the reader is too slow');
  }

  return {
    announce(topic, workspace, ref, revision) {
      lastId += 1;
      const announcement = { id: lastId, topic, workspace, ref, revision };
      history.push(announcement);
      if (history.length > remembered) history.shift();
      for (const item of [...open]) deliver(item, announcement);
    },
    open(request) {
      if (open.size >= stream.maxConnections) {
        const full = new ProblemError(
          'limits/streams',
          `${stream.maxConnections} streams are open already; close one or try again`,
          {
            retry_after_seconds: 30,
          },
        );
        return { kind: 'problem', problem: problemBody(full) };
      }
      const principal = identify(request.credential, request.origin);
      if (principal instanceof ProblemError) return { kind: 'problem', problem: problemBody(principal) };
      if (isLocked(principal)) {
        return { kind: 'problem', problem: problemBody(new ProblemError('access/locked', 'the console is locked')) };
      }
      const item: Open = { principal, request };
      open.add(item);
      const from = request.lastEventId;
      if (from !== undefined && from < (history[0]?.id ?? lastId + 1) - 1) {
        // More was missed than is remembered, or by another run: the reader must look at everything again.
        for (const topic of Object.keys(topics)) {
          if (open.has(item))
            deliver(item, { id: lastId, topic, workspace: principal.workspace, ref: null, revision: 0 });
        }
      } else if (from !== undefined)
        for (const missed of history) if (missed.id > from && open.has(item)) deliver(item, missed);
      return { kind: 'open', close: () => void open.delete(item) };
    },
    count: () => open.size,
    endSession(sessionId) {
      for (const item of [...open]) {
        if (item.principal.kind === 'user' && item.principal.sessionId === sessionId) end(item, 'the session is over');
      }
    },
    recheck() {
      for (const item of [...open]) {
        const principal = identify(item.request.credential, item.request.origin);
        if (principal instanceof ProblemError || isLocked(principal)) end(item, 'the session is over');
      }
    },
    endAll(reason) {
      for (const item of [...open]) end(item, reason);
    },
  };
}

function isLocked(principal: Principal): boolean {
  return principal.kind === 'user' && principal.locked;
}

function mayHear(principal: Principal, announcement: Announcement): boolean {
  if (principal.kind !== 'user' && principal.kind !== 'key') return false;
  if (announcement.workspace !== principal.workspace) return false;
  return principal.permissions.has(topics[announcement.topic as Topic]);
}

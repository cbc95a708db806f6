// When sessions and keys were last used, collected in memory: a read must never become a durable write. Flushed from a timer.
// If the process dies, at most one flush interval of activity is lost, and sessions end that much earlier: the safe side.
import type { Origin } from '../../dispatch/arrival.ts';
import type { Principal } from '../../dispatch/principal.ts';
import type { WriteTx } from '../../store/store.ts';
import { touchKey } from './keys-table.ts';
import { touchSession } from './sessions-table.ts';

type Use = { readonly workspace: string; readonly at: number; readonly ip: string | null };

export type Presence = {
  touch(principal: Principal, origin: Origin, now: number): void;
  /** The later of what the store knows and what it will know after the next flush. */
  lastActiveAt(sessionId: string, stored: number): number;
  /** Writes what belongs to the transaction's workspace. */
  flush(tx: WriteTx): void;
};

export function createPresence(): Presence {
  const sessions = new Map<string, Use>();
  const keys = new Map<string, Use>();

  function flushOne(tx: WriteTx, uses: Map<string, Use>, write: (id: string, use: Use) => void): void {
    const written = [...uses].filter(([, use]) => use.workspace === tx.workspace);
    for (const [id, use] of written) write(id, use);
    // Forgotten only once it is durable; a use that came in since is another object and stays.
    tx.afterCommit(() => {
      for (const [id, use] of written) if (uses.get(id) === use) uses.delete(id);
    });
  }

  return {
    touch(principal, origin, now) {
      const use = { workspace: principal.workspace, at: now, ip: origin.ip };
      if (principal.kind === 'user') sessions.set(principal.sessionId, use);
      if (principal.kind === 'key') keys.set(principal.keyId, use);
    },
    lastActiveAt: (sessionId, stored) => Math.max(stored, sessions.get(sessionId)?.at ?? 0),
    flush(tx) {
      flushOne(tx, sessions, (id, use) => touchSession(tx, id, use.at));
      flushOne(tx, keys, (id, use) => touchKey(tx, id, use.at, use.ip));
    },
  };
}

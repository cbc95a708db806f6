// When sessions and keys were last used, collected in memory: a read must never become a durable write. Flushed from a timer.
// If the process dies, at most one flush interval of activity is lost, and sessions end that much earlier: the safe side.
import type { Origin } from '../../dispatch/arrival.ts';
import type { Principal } from '../../dispatch/principal.ts';
import type { WriteTx } from '../../store/store.ts';
import { touchKey } from './keys-table.ts';
import { touchSession } from './sessions-table.ts';

type Use = { readonly workspace: string; readonly at: number; readonly ip: string | null };

/** An API key that was used, with all addresses since the last flush (at most some, whoever has a thousand). */
export type KeyUse = {
  readonly keyId: string;
  readonly name: string;
  readonly addresses: readonly string[];
  readonly at: number;
};

const mostAddresses = 20;

export type Presence = {
  touch(principal: Principal, origin: Origin, now: number): void;
  /** The later of what the store knows and what it will know after the next flush. */
  lastActiveAt(sessionId: string, stored: number): number;
  /** Writes what belongs to the transaction's workspace. @returns the keys among it */
  flush(tx: WriteTx): KeyUse[];
};

export function createPresence(): Presence {
  const sessions = new Map<string, Use>();
  const keys = new Map<string, Use & { readonly name: string; readonly addresses: readonly string[] }>();

  function flushOne<U extends Use>(tx: WriteTx, uses: Map<string, U>, write: (id: string, use: U) => void): void {
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
      if (principal.kind !== 'key') return;
      const { keyId, name } = principal;
      const before = keys.get(keyId)?.addresses ?? [];
      const isNew = origin.ip !== null && !before.includes(origin.ip) && before.length < mostAddresses;
      keys.set(keyId, { ...use, name, addresses: isNew && origin.ip !== null ? [...before, origin.ip] : before });
    },
    lastActiveAt: (sessionId, stored) => Math.max(stored, sessions.get(sessionId)?.at ?? 0),
    flush(tx) {
      flushOne(tx, sessions, (id, use) => touchSession(tx, id, use.at));
      const used: KeyUse[] = [];
      flushOne(tx, keys, (keyId, { name, addresses, at, ip }) => {
        touchKey(tx, keyId, at, ip);
        used.push({ keyId, name, addresses, at });
      });
      return used;
    },
  };
}

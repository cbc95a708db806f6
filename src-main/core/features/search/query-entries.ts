// Who searched the events, and for what: an entry of the log. A list and the figures beside it are one search.
import type { Call } from '../../dispatch/handler.ts';
import { actorOf } from '../../dispatch/principal.ts';
import type { GatheredEntries } from '../../gathered-entries.ts';

export function recordQuery(entries: GatheredEntries, call: Call, filters: Readonly<Record<string, unknown>>): void {
  const { principal, origin, traceId, now } = call;
  const actor = actorOf(principal);
  entries.add(JSON.stringify(['query', actor.kind, actor.id, origin.ip, filters]), (calls) => ({
    type: 'query',
    action: 'events.list',
    success: true,
    actor,
    resource: undefined,
    origin,
    sessionId: principal.kind === 'user' ? principal.sessionId : null,
    traceId,
    details: { filters, calls },
    dataAccessed: 'events',
    at: now,
  }));
}

// Who searched the events, and for what: an entry of the log. A list and the figures beside it are one search.
import type { Call } from '../../dispatch/handler.ts';
import { actorOf } from '../../dispatch/principal.ts';
import type { GatheredEntries } from '../../gathered-entries.ts';

type Filters = Readonly<Record<string, string | boolean | undefined>>;

/** What was asked for, as an entry can hold it: a text may end in half a character, canonical JSON may not. */
export function askedWords(filters: Filters): Record<string, string | boolean> {
  return Object.fromEntries(
    Object.entries(filters).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === 'string' ? value.toWellFormed() : value]],
    ),
  );
}

export function recordQuery(entries: GatheredEntries, call: Call, asked: Filters): void {
  const { principal, origin, traceId, now } = call;
  const actor = actorOf(principal);
  const filters = askedWords(asked);
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

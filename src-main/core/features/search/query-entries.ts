// Who searched the events, in which fields and of which time: an entry of the log. A list and the figures beside it are one search.
//
// SECURITY: not for which words. Those are names of people, and now and then a secret that somebody looks for in the logs; an entry is
// mirrored in plain text and outlives the events, and nobody could be erased from it.
import type { EventQuery } from '../../../../src-shared/event-query.ts';
import type { Term } from '../../../../src-shared/event-query-values.ts';
import { instant } from '../../../base/instants.ts';
import type { Call } from '../../dispatch/handler.ts';
import { actorOf } from '../../dispatch/principal.ts';
import type { GatheredEntries } from '../../gathered-entries.ts';

const mostFields = 20;
const longestField = 100;

/** @param asked as it came, which tells the same search from another one; it is not kept */
export function recordQuery(entries: GatheredEntries, call: Call, asked: unknown, query: EventQuery): void {
  const { principal, origin, traceId, now } = call;
  const { since, until } = query;
  const actor = actorOf(principal);
  const fields = [...new Set(fieldsOf(query.terms))].sort().slice(0, mostFields);
  entries.add(JSON.stringify(['query', actor.kind, actor.id, origin.ip, asked]), (calls) => ({
    type: 'query',
    action: 'events.list',
    success: true,
    actor,
    resource: undefined,
    origin,
    sessionId: principal.kind === 'user' ? principal.sessionId : null,
    traceId,
    details: {
      fields,
      since: since === undefined ? null : instant(since),
      until: until === undefined ? null : instant(until),
      calls,
    },
    dataAccessed: 'events',
    at: now,
  }));
}

function fieldsOf(terms: readonly Term[]): string[] {
  return terms.flatMap(({ test }) => {
    if (test.kind === 'any') return test.of.flatMap(fieldsOf);
    return 'field' in test ? [test.field.slice(0, longestField).toWellFormed()] : ['text'];
  });
}

// Somebody known, a user or an API key, was refused: an entry of the log. Strangers leave events alone.
import { problems } from '../../src-shared/contract/problems.ts';
import type { RefusedCall } from './dispatch/dispatch.ts';
import type { GatheredEntries } from './gathered-entries.ts';

export function recordRefusal(entries: GatheredEntries, call: RefusedCall): void {
  const { known, origin, operation, code, at } = call;
  if (known === undefined) return;
  const { actor, sessionId, traceId } = known;
  entries.add(JSON.stringify([actor.kind, actor.id, origin.ip, operation, code]), (calls) => ({
    type: 'api_call',
    action: operation,
    success: false,
    actor,
    resource: undefined,
    origin,
    sessionId,
    traceId,
    details: { code, status: problems[code as keyof typeof problems]?.status ?? 403, calls },
    dataAccessed: undefined,
    at,
  }));
}

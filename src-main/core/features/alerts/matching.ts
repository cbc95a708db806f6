// Triage of all alerts that a filter finds, such as those of a group: as many as were shown, or none. In parts, each with its entry and a
// change of its own that can be taken back.
import { mostMatching } from '../../../../src-shared/alert-words.ts';
import type { AuditType } from '../../../../src-shared/audit-types.ts';
import type { Input, OperationName, Output } from '../../../../src-shared/contract/contract.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import type { Call, EntryDraft } from '../../dispatch/handler.ts';
import type { NewEntry } from '../../dispatch/performing.ts';
import { actorOf } from '../../dispatch/principal.ts';
import type { Host } from '../../ports.ts';
import type { Store, WriteTx } from '../../store/store.ts';
import { closingNeedsNote, type Step } from './alert.ts';
import { type Filter, parseFilter } from './filter.ts';
import { findNamed } from './groups.ts';
import { countMatching, findMatching } from './queue-table.ts';
import { noteOwed, stepMany } from './triage.ts';

/** Alerts in one transaction: well below a turn's time. */
const atOnce = 50;

export type MatchingParts = {
  readonly host: Pick<Host, 'random' | 'timers'>;
  readonly store: () => Store;
  appendEntry(tx: WriteTx, entry: NewEntry): void;
};

type Asked = Omit<Input<'alerts.acknowledge_matching'>, 'expected' | 'note'>;

export type MatchingChange = {
  readonly operation: OperationName;
  readonly audit: AuditType;
  readonly step: Step;
  readonly expected: number;
  readonly note: string | null;
};

/**
 * What others raise or change meanwhile is left alone: the alerts are those found at the beginning.
 * @throws ProblemError alerts/count when they aren't as many as expected, request/invalid for a note that one of them is owed
 */
export async function changeMatching(
  parts: MatchingParts,
  call: Call,
  asked: Asked,
  { operation, audit, step, expected, note }: MatchingChange,
): Promise<Output<'alerts.acknowledge_matching'>> {
  // Each part carries its own entry.
  call.entry.type = null;
  const { filter, found } = parts.store().read(call.workspace, (tx) => {
    const wanted = parseFilter(asked, call.principal, findNamed(tx));
    return { filter: wanted, found: findMatching(tx, wanted, expected + 1) };
  });
  if (found.length !== expected) throw otherCount(parts, call, filter, expected);
  if (step.kind === 'close' && note === null) {
    const owed = found.find(({ severity }) => closingNeedsNote(step.verdict, severity));
    if (owed !== undefined) throw noteOwed(step.verdict, owed);
  }
  const answer = { changed: 0, refused: [] as { id: string; reason: string }[], change_ids: [] as string[] };
  for (let from = 0; from < found.length; from += atOnce) {
    const ids = found.slice(from, from + atOnce).map(({ id }) => id);
    try {
      if (from > 0) await parts.host.timers.breathe();
      await parts.store().writable();
      const part = parts.store().write(call.workspace, (tx) => {
        const entry: EntryDraft = {};
        const done = stepMany({ tx, call: { ...call, entry }, random: parts.host.random }, ids, step, note);
        if (entry.type !== null) parts.appendEntry(tx, entryOf(call, operation, audit, entry));
        return done;
      });
      answer.changed += part.changed.length;
      answer.refused.push(...part.refused);
      if (part.changed.length > 0) answer.change_ids.push(part.change_id);
    } catch (error) {
      if (from === 0 || !(error instanceof ProblemError)) throw error;
      // What was changed before has to be told, and can be taken back: the rest is named as refused.
      answer.refused.push(...ids.map((id) => ({ id, reason: error.message })));
    }
  }
  return answer;
}

function otherCount({ store }: MatchingParts, call: Call, filter: Filter, expected: number): ProblemError {
  const now = store().read(call.workspace, (tx) => countMatching(tx, filter));
  const more = now > mostMatching ? `, and at most ${mostMatching} are changed at once` : '';
  return new ProblemError(
    'alerts/count',
    `${now} ${now === 1 ? 'alert matches' : 'alerts match'} now, ${expected} were expected${more}`,
  );
}

function entryOf(call: Call, action: OperationName, type: AuditType, draft: EntryDraft): NewEntry {
  return {
    type,
    action,
    success: true,
    actor: actorOf(call.principal),
    origin: call.origin,
    sessionId: call.principal.kind === 'user' ? call.principal.sessionId : null,
    traceId: call.traceId,
    dataAccessed: undefined,
    resource: draft.resource,
    details: draft.details ?? {},
    at: call.now,
  };
}

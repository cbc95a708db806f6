// What exceptions save people: the events that they keep off a detector are evaluated apart, in windows of their own, and the alerts that
// would have come of them alone are counted. Nothing is raised here, and nothing else learns of these windows. They are held in memory:
// after a start a run that was under way is not counted, so what is told is what was saved at least.
import { evaluate } from '../../../engine/evaluate.ts';
import type { Event } from '../../../engine/event.ts';
import type { Finding } from '../../../engine/finding.ts';
import { createMemoryWindowState, type MemoryWindowState } from '../../../engine/memory-window-state.ts';
import type { RuleSet } from '../../../engine/rules/rule-set.ts';

/** Groups of repeats that are known at once; of the oldest the next alert counts as a new one. */
const mostGroups = 10_000;

/** By detector and event: which exception kept it away. */
export type KeptEvents<Exception> = Map<string, Map<string, Exception>>;

export type KeptAway = {
  /** Each exception as often as it saved an alert among these events. */
  count<Exception>(ruleSet: RuleSet, events: readonly Event[], kept: KeptEvents<Exception>): Exception[];
  /** The windows that a rule set no longer has are dropped. */
  retain(ruleSet: RuleSet): void;
};

export function createKeptAway(): KeptAway {
  const windows: MemoryWindowState = createMemoryWindowState();
  const lastOf = new Map<string, number>();

  /** The same again within its window would have raised the count of an alert, not another one. */
  function isAnother({ ruleId, dedupKey, dedupWindowMs, firstAtMs, lastAtMs }: Finding): boolean {
    const key = `${ruleId}\n${dedupKey}`;
    const last = lastOf.get(key);
    lastOf.delete(key);
    lastOf.set(key, Math.max(last ?? lastAtMs, lastAtMs));
    const [oldest] = lastOf.keys();
    if (lastOf.size > mostGroups && oldest !== undefined) lastOf.delete(oldest);
    return last === undefined || firstAtMs > last + dedupWindowMs;
  }

  return {
    count(ruleSet, events, kept) {
      const ids = new Set([...kept.values()].flatMap((of) => [...of.keys()]));
      const concerned = events.filter(({ id }) => ids.has(id));
      const findings = evaluate(ruleSet, concerned, windows, (ruleId, { id }) => kept.get(ruleId)?.has(id) === true);
      return findings.flatMap((finding) => {
        const of = kept.get(finding.ruleId);
        const last = finding.eventIds.findLast((id) => of?.has(id) === true);
        const exception = last === undefined ? undefined : of?.get(last);
        return exception !== undefined && isAnother(finding) ? [exception] : [];
      });
    },
    retain: ({ windowIds }) => windows.retain(windowIds),
  };
}

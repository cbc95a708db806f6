// A budget of work for each rule: what whoever runs a rule set does to be told of rules that would slow everything down.
import type { RuleSet } from './rules/rule-set.ts';

export interface RuleOverLimit {
  /** Of the rule whose detection it is; a correlation that rests on it sees no more events either. */
  readonly ruleId: string;
  /** All the time that its expensive predicates took since the limit was set. */
  readonly spentMs: number;
}

export interface RuleWorkLimit {
  /** A monotonic clock in milliseconds, with fractions. */
  readonly now: () => number;
  /** Default 0.05: twenty thousand events a second would be left if one rule took all of it. */
  readonly msPerEvent?: number;
  /** Default 2,000. */
  readonly burstMs?: number;
  /** Default true. */
  readonly switchesOff?: boolean;
  /**
   * The rule is switched off in this rule set from the next event on, unless `switchesOff` is false. What makes that last, and known, is up to the caller: raise an
   * alert, and leave the rule out when rules are next compiled, for a new rule set begins with a full budget.
   */
  readonly onOver: (over: RuleOverLimit) => void;
}

/**
 * Has every rule's regular expressions, patterns and comparisons timed, and the windows of its correlations, and switches a rule off
 * that goes over. Searching for plain texts is shared by all rules and takes time in proportion to the event alone.
 *
 * @example
 * limitRuleWork(ruleSet, { now: () => performance.now(), onOver: ({ ruleId }) => switchOff(ruleId) });
 * evaluate(ruleSet, events, windows);
 */
export function limitRuleWork(ruleSet: RuleSet, limit: RuleWorkLimit): void {
  const { now, msPerEvent = 0.05, burstMs = 2000, switchesOff = true, onOver } = limit;
  ruleSet.matcher.limitWork({
    now,
    msPerEvent,
    burstMs,
    switchesOff,
    onOver: (rule, spentMs) => onOver({ ruleId: ruleSet.detections[rule]?.ruleId ?? '', spentMs }),
  });
}

// Exceptions at work: which events do not count for which rules, and how often that was so.

import type { Event } from '../../../engine/event.ts';
import { compileRules } from '../../../engine/rules/compile.ts';
import { versionOf } from '../../../engine/rules/version.ts';
import type { WriteTx } from '../../store/store.ts';
import { type Condition, countHits, type ExceptionRow } from './exceptions-table.ts';

export type Exceptions = {
  /** Undefined where nothing excepts this event from the rule. @param without an exception that is not asked. */
  find(rule: string, event: Event, now: number, without?: string): ExceptionRow | undefined;
  hit(exception: ExceptionRow): void;
  /** It kept an alert away. */
  saved(exception: ExceptionRow): void;
  /** Hits of a run that was rolled back before they were saved are not counted: it begins anew. */
  forgetHits(): void;
  /** Counts the hits since the last call in the store. */
  save(tx: WriteTx, now: number): void;
};

type Test = (event: Event) => boolean;

/**
 * The conditions as a question about an event: they are predicates of a rule, with wildcards and modifiers (`ip_address|cidr`).
 * @throws RangeError when one of them isn't one.
 */
export function compileConditions(conditions: readonly Condition[]): Test {
  const selection = conditions.map(({ field, value }) => ({ [field]: value }));
  const text = JSON.stringify({
    title: 'exception',
    id: versionOf(conditions),
    logsource: { product: 'gatehouse' },
    detection: {
      ...Object.fromEntries(selection.map((one, index) => [`c${index}`, one])),
      condition: selection.map((_, index) => `c${index}`).join(' and '),
    },
  });
  const { ruleSet, refused } = compileRules([{ name: 'exception', text }], {});
  const [problem] = refused;
  if (problem !== undefined) throw new RangeError(problem.reason.replace(/^exception: (detection\.c\d+\.?)?/, ''));
  return (event) => ruleSet.matcher.match(event).length > 0;
}

export function createExceptions(rows: readonly ExceptionRow[]): Exceptions {
  const everywhere = rows.filter(({ rule }) => rule === null).map(withTest);
  const byRule = new Map<string, ReturnType<typeof withTest>[]>();
  for (const row of rows) {
    if (row.rule === null) continue;
    const known = byRule.get(row.rule);
    if (known === undefined) byRule.set(row.rule, [withTest(row)]);
    else known.push(withTest(row));
  }
  const counts = new Map<string, { hits: number; alerts: number }>();

  function countOf({ id }: ExceptionRow): { hits: number; alerts: number } {
    const known = counts.get(id) ?? { hits: 0, alerts: 0 };
    counts.set(id, known);
    return known;
  }

  function among(
    list: readonly ReturnType<typeof withTest>[],
    event: Event,
    now: number,
    without: string | undefined,
  ): ExceptionRow | undefined {
    return list.find(({ row, test }) => !hasEnded(row, now) && row.id !== without && test(event))?.row;
  }

  return {
    find: (rule, event, now, without) =>
      rows.length === 0
        ? undefined
        : (among(byRule.get(rule) ?? [], event, now, without) ?? among(everywhere, event, now, without)),
    hit(exception) {
      countOf(exception).hits += 1;
    },
    saved(exception) {
      countOf(exception).alerts += 1;
    },
    forgetHits: () => counts.clear(),
    save(tx, now) {
      for (const [id, count] of counts) countHits(tx, id, count, now);
      counts.clear();
    },
  };
}

export function hasEnded({ expiresAt }: ExceptionRow, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}

function withTest(row: ExceptionRow): { readonly row: ExceptionRow; readonly test: Test } {
  return { row, test: compileConditions(row.conditions) };
}

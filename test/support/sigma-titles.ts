// Sigma rules as their texts, and what they find in events, by title: for tests that read like the specification.
import { expect } from 'vitest';
import { evaluate } from '../../src-main/engine/evaluate.ts';
import type { Event } from '../../src-main/engine/event.ts';
import { createMemoryWindowState } from '../../src-main/engine/memory-window-state.ts';
import { compileRules } from '../../src-main/engine/rules/compile.ts';

export const sigmaHead = 'logsource: {product: gatehouse}\n';

/** @param details of any JSON, also what an event could not hold */
export function sigmaEvent(details: Record<string, unknown>, timeMs = 0): Event {
  return { id: `e${timeMs}`, timeMs, source: 's', event_type: 'other', details } as unknown as Event;
}

/** For each event the titles of the rules that it opens or continues. The rules must all be good. */
export function titles(text: string | readonly string[], ...events: readonly Event[]): string[][] {
  const texts = typeof text === 'string' ? [text] : text;
  const { ruleSet, refused } = compileRules(
    texts.map((one, at) => ({ name: `f${at}.yml`, text: one })),
    {},
  );
  expect(refused).toEqual([]);
  const windows = createMemoryWindowState();
  return events.map((one) =>
    evaluate(ruleSet, [one], windows).map(({ ruleId, state }) => {
      const title = ruleSet.rules.find(({ id }) => id === ruleId)?.title ?? '';
      return state === 'opened' ? title : `${title} goes on`;
    }),
  );
}

export function refusal(text: string): string {
  const { refused } = compileRules([{ name: 'r.yml', text }], {});
  return refused[0]?.reason ?? 'not refused';
}

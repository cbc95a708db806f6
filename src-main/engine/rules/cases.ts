// The cases of a rule as events: what a rule's author wrote in short (`repeat: 11`, `every: 20s`), spelled out.
import { sha256 } from '../../base/hashes.ts';
import { uuidFromHash } from '../../base/ids.ts';
import type { Event, eventTypes, JsonValue } from '../event.ts';
import { isMap } from './detection.ts';
import { parseSpan, type RuleCase } from './gatehouse-section.ts';
import { RuleError } from './rule-error.ts';

/** When cases begin: on a Saturday morning, for those that ask for the hour or the day; any moment does for all others. */
export const caseStartMs = Date.UTC(2026, 10, 21, 7, 50);

/**
 * The events of a case, the first at `startMs`. Their ids depend on the case alone.
 * @throws RuleError for a time that isn't one.
 */
export function caseEvents(ruleCase: RuleCase, startMs: number): Event[] {
  const events: Event[] = [];
  let timeMs = startMs;
  for (const group of ruleCase.events) {
    timeMs += span(ruleCase.name, group.after);
    const every = span(ruleCase.name, group.every);
    for (let n = 1; n <= (group.repeat ?? 1); n++) {
      if (n > 1) timeMs += every;
      const { details, ...fields } = numbered(group.event, n) as Record<string, JsonValue>;
      events.push({
        source: 'case',
        event_type: 'other' satisfies keyof typeof eventTypes,
        ...fields,
        id: uuidFromHash(sha256(`${ruleCase.name}\n${events.length}`)),
        timeMs,
        details: isMap(details) ? (details as Record<string, JsonValue>) : {},
      });
    }
  }
  return events;
}

function span(name: string, text: string | undefined): number {
  const found = text === undefined ? 0 : parseSpan(text);
  if (found === undefined)
    throw new RuleError(`case ${JSON.stringify(name)}: ${JSON.stringify(text)} is not a time such as 20s`);
  return found;
}

/** `{n}` in every text becomes the number. */
function numbered(value: unknown, n: number): unknown {
  if (typeof value === 'string') return value.replaceAll('{n}', String(n));
  if (Array.isArray(value)) return value.map((item) => numbered(item, n));
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, numbered(inner, n)]));
  return value;
}

// What a detection asks of events, for whoever must know before it reads them.
import type { Expression, LogSource } from './rule.ts';

export interface Asked {
  readonly logSource: LogSource;
  /** It sees only events that declare this log source. */
  readonly declared: boolean;
  /** As its author, filters and a mapping of one's own name them, not as the standard mapping does; null is the whole event. */
  readonly fields: ReadonlySet<string | null>;
}

export function fieldsOf(expression: Expression): Set<string | null> {
  const fields = new Set<string | null>();
  const waiting = [expression];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.kind === 'not') waiting.push(next.operand);
    else if (next.kind !== 'predicate') for (const operand of next.operands) waiting.push(operand);
    else {
      const { field, operator, value } = next.predicate;
      fields.add(field);
      if (operator.startsWith('field_')) fields.add(value);
    }
  }
  return fields;
}

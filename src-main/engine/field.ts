// Field access for rules: a name from a rule becomes a reader, once, at compile time. Names are case-exact.
import type { Event, JsonValue } from './event.ts';
import { signals } from './indicators/signals.ts';

export type FieldReader = (event: Event) => JsonValue | undefined;

const plain = new Set([
  'id',
  'source',
  'event_type',
  'actor',
  'success',
  'ip_address',
  'user_agent',
  'resource_type',
  'resource_id',
  'action',
  'session_id',
  'trace_id',
  'bytes',
  'details',
]);

/**
 * The reader of a field. Looked up in this order: the event's own fields (`actor`, `time`), derived ones (`signals.…`), then inside
 * details: the whole name as one key (`EventID`, `a.b`), then by its dots (`details.command` and `command` are the same).
 */
export function compileField(name: string): FieldReader {
  if (name === 'time') return (event) => new Date(event.timeMs).toISOString();
  if (plain.has(name)) return (event) => event[name as keyof Event] as JsonValue | undefined;
  if (name.startsWith('signals.')) {
    const signal = signals.get(name.slice('signals.'.length));
    if (signal === undefined) throw new Error(`there is no derived field ${name}`);
    return signal;
  }
  const inner = name.startsWith('details.') ? name.slice('details.'.length) : name;
  const path = inner.split('.');
  if (path.length === 1) return (event) => own(event.details, inner);
  return (event) => {
    const direct = own(event.details, inner);
    if (direct !== undefined) return direct;
    let value: JsonValue | undefined = event.details;
    for (const step of path) {
      if (value === undefined) return undefined;
      value = own(value, step);
    }
    return value;
  };
}

// SECURITY: own properties only; a field called constructor or __proto__ must not reach the prototype.
function own(value: JsonValue, key: string): JsonValue | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, key) ? (value as Record<string, JsonValue>)[key] : undefined;
}

const longestKeywordText = 65_536;

/** Every text, number and boolean of the event, one a line, for keyword searches; cut at 64 Ki characters. */
export function eventText(event: Event): string {
  const parts: string[] = [];
  let length = 0;
  // An explicit stack: details come from outside and may be nested as deeply as the parser allowed.
  const stack: (JsonValue | undefined)[] = [event.details];
  for (const name of plain) if (name !== 'details') stack.push(event[name as keyof Event] as JsonValue | undefined);
  while (stack.length > 0 && length < longestKeywordText) {
    const value = stack.pop();
    if (value === null || value === undefined) continue;
    if (typeof value === 'object') {
      for (const inner of Object.values(value)) stack.push(inner);
      continue;
    }
    const text = String(value);
    parts.push(text);
    length += text.length + 1;
  }
  return parts.join('\n').slice(0, longestKeywordText);
}

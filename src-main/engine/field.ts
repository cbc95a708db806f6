// Field access for rules: a name from a rule becomes a reader, once, at compile time. Names are case-exact.
import type { Event, JsonValue } from './event.ts';
import { signals } from './indicators/signals.ts';

export type FieldReader = (event: Event) => JsonValue | undefined;

/** The event's own fields, beside `time`. */
export const eventFields: ReadonlySet<string> = new Set([
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
 * details: the whole name as one key (`EventID`, `a.b`), then by its dots (`details.command` and `command` are the same), and where
 * a step meets a list, in all of its maps.
 */
export function compileField(name: string): FieldReader {
  if (name === 'time') return (event) => new Date(event.timeMs).toISOString();
  if (eventFields.has(name)) {
    const inner = detailsReader(name);
    return (event) => {
      const own = event[name as keyof Event] as JsonValue | undefined;
      return own === undefined ? inner(event) : own;
    };
  }
  if (name.startsWith('signals.')) {
    const signal = signals.get(name.slice('signals.'.length));
    if (signal === undefined) throw new Error(`there is no derived field ${name}`);
    return signal;
  }
  return detailsReader(name.startsWith('details.') ? name.slice('details.'.length) : name);
}

/**
 * The keys of details, on their first level, that the reader of a field looks at when the event has none of the optional fields of
 * its own; undefined when it looks at more than that.
 */
export function keysOfField(name: string): readonly string[] | undefined {
  if (name === 'details' || name.startsWith('signals.')) return undefined;
  // Every event has these itself.
  if (['time', 'id', 'source', 'event_type'].includes(name)) return [];
  const inner = name.startsWith('details.') ? name.slice('details.'.length) : name;
  const [first = ''] = inner.split('.');
  if (first !== inner) return [inner, first];
  const stripped = inner.replaceAll(' ', '');
  return stripped === inner ? [inner] : [inner, stripped];
}

const inherited = new Set(Object.getOwnPropertyNames(Object.prototype));

function detailsReader(name: string): FieldReader {
  const stripped = name.replaceAll(' ', '');
  const path = name.split('.');
  // SECURITY: own properties only; a field called constructor or __proto__ must not reach the prototype. Every other name can't.
  const plainName = !inherited.has(name);
  if (path.length === 1 && stripped === name && plainName) return (event) => event.details[name];
  if (path.length === 1) return (event) => own(event.details, name) ?? own(event.details, stripped);
  return (event) => {
    const direct = own(event.details, name);
    return direct === undefined ? walk(event.details, path, 0) : direct;
  };
}

function walk(value: JsonValue | undefined, path: readonly string[], from: number): JsonValue | undefined {
  let inner = value;
  for (let at = from; at < path.length; at++) {
    if (inner === undefined) return undefined;
    if (Array.isArray(inner)) {
      // Lists in lists are not entered: how deep they go is decided outside.
      const maps = (inner as readonly JsonValue[]).filter((item) => !Array.isArray(item));
      const found = maps.flatMap((item) => walk(item, path, at) ?? []);
      return found.length === 0 ? undefined : found;
    }
    inner = own(inner, path[at] ?? '');
  }
  return inner;
}

function own(value: JsonValue, key: string): JsonValue | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, key) ? (value as Record<string, JsonValue>)[key] : undefined;
}

/** Every text, number and boolean of the event, for keyword searches. */
export function eventTexts(event: Event): string[] {
  const texts: string[] = [];
  // An explicit stack: details come from outside and may be nested as deeply as the parser allowed.
  const stack: (JsonValue | undefined)[] = [event.details];
  for (const name of eventFields) {
    const value = event[name as keyof Event] as JsonValue | undefined;
    if (name !== 'details' && value !== '') stack.push(value);
  }
  while (stack.length > 0) {
    const value = stack.pop();
    if (value === null || value === undefined) continue;
    if (typeof value === 'object') for (const inner of Object.values(value)) stack.push(inner);
    else texts.push(String(value));
  }
  return texts;
}

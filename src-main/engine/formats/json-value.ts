// JSON from outside as a value, with limits on depth and size, so that nothing later in the program can be surprised.
import type { JsonObject, JsonValue } from '../event.ts';

export const deepestJson = 32;
const mostValues = 20_000;

/** The object in `text`, or the reason why there is none. Nobody else holds the object: the caller may change it. */
export function parseJsonObject(text: string): Record<string, JsonValue> | string {
  let value: JsonValue;
  try {
    // Records are at most 1 MiB and V8 parses without recursion, so that whatever this builds is bounded; then it is measured.
    value = JSON.parse(text) as JsonValue;
  } catch {
    return text.trimStart().startsWith('{') ? 'not valid JSON' : 'not a JSON object';
  }
  if (!isObject(value)) return 'not a JSON object';
  const seen = { texts: 0 };
  const left = measure(value, deepestJson, mostValues, seen);
  if (left === tooDeep) return `nested deeper than ${deepestJson} levels`;
  if (left < 0) return `more than ${mostValues} values`;
  // Each name and text has two quotes. Of a name that stands twice one value is lost, and programs differ in which: what one that
  // reads the file before or after us saw would not be what the rules saw.
  return seen.texts * 2 === countQuotes(text) ? (value as Record<string, JsonValue>) : 'names a field twice';
}

/** In valid JSON; those behind a backslash are part of a text. */
function countQuotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) {
    let before = at - 1;
    while (text.charCodeAt(before) === 0x5c) before--;
    if ((at - before) & 1) count++;
  }
  return count;
}

const tooDeep = Number.NEGATIVE_INFINITY;

/** How many of `left` values remain after those of `value`; negative when they are too many. */
function measure(
  value: JsonObject | readonly JsonValue[],
  levels: number,
  left: number,
  seen: { texts: number },
): number {
  if (levels === 0) return tooDeep;
  let remaining = left;
  if (Array.isArray(value)) {
    remaining -= value.length;
    for (const inner of value as readonly JsonValue[]) {
      if (typeof inner === 'string') seen.texts++;
      else if (typeof inner === 'object' && inner !== null)
        remaining = measure(inner as JsonObject, levels - 1, remaining, seen);
      if (remaining < 0) return remaining;
    }
    return remaining;
  }
  const map = value as JsonObject;
  for (const key in map) {
    const inner = map[key];
    remaining--;
    seen.texts++;
    if (typeof inner === 'string') seen.texts++;
    else if (typeof inner === 'object' && inner !== null)
      remaining = measure(inner as JsonObject, levels - 1, remaining, seen);
    if (remaining < 0) return remaining;
  }
  return remaining;
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object itself without `__proto__`: as a plain key it would change the prototype of whatever the fields are copied to. */
export function withoutPrototypeKey(fields: Record<string, JsonValue>): Record<string, JsonValue> {
  if (Object.hasOwn(fields, '__proto__')) Reflect.deleteProperty(fields, '__proto__');
  return fields;
}

/** A copy without `__proto__`, which as a plain key would change the copy's prototype. */
export function copyObject(source: JsonObject): Record<string, JsonValue> {
  const copy: Record<string, JsonValue> = {};
  for (const key of Object.keys(source)) if (key !== '__proto__') copy[key] = source[key] ?? null;
  return copy;
}

/** Adds to every name with blanks (`Threat Name`) the one without them, by which rules call the field. */
export function nameWithoutBlanks(fields: Record<string, JsonValue>): void {
  for (const key in fields) {
    if (!key.includes(' ')) continue;
    const stripped = key.replaceAll(' ', '');
    if (stripped !== '__proto__' && !Object.hasOwn(fields, stripped)) fields[stripped] = fields[key] ?? null;
  }
}

// JSON from outside as a value, with limits on depth and size, so that nothing later in the program can be surprised.
import type { JsonObject, JsonValue } from '../event.ts';

export const deepestJson = 32;
const mostValues = 10_000;

/** The object in `text`, or the reason why there is none. */
export function parseJsonObject(text: string): JsonObject | string {
  const limit = checkLimits(text);
  if (limit !== undefined) return limit;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text.trimStart().startsWith('{') ? 'not valid JSON' : 'not a JSON object';
  }
  return isObject(value as JsonValue) ? (value as JsonObject) : 'not a JSON object';
}

/** Depth and number of values by the brackets and commas alone, before anything is built. */
function checkLimits(text: string): string | undefined {
  let depth = 0;
  let values = 1;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = stringEnd(text, at + 1);
      continue;
    }
    if (code === 0x7b || code === 0x5b) {
      depth++;
      if (depth > deepestJson) return `nested deeper than ${deepestJson} levels`;
    } else if (code === 0x7d || code === 0x5d) depth--;
    else if (code === 0x2c) {
      values++;
      if (values > mostValues) return `more than ${mostValues} values`;
    }
    at++;
  }
  return undefined;
}

/** The place after the closing quote of a string whose content starts at `start`. */
function stringEnd(text: string, start: number): number {
  let from = start;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return text.length;
    let backslashes = 0;
    while (quote - 1 - backslashes >= start && text.charCodeAt(quote - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A copy without `__proto__`, which as a plain key would change the copy's prototype. */
export function copyObject(source: JsonObject): Record<string, JsonValue> {
  const copy: Record<string, JsonValue> = {};
  for (const key of Object.keys(source)) if (key !== '__proto__') copy[key] = source[key] ?? null;
  return copy;
}

/** Adds to every name with blanks (`Threat Name`) the one without them, by which rules call the field. */
export function nameWithoutBlanks(fields: Record<string, JsonValue>): void {
  for (const key of Object.keys(fields)) {
    if (!key.includes(' ')) continue;
    const stripped = key.replaceAll(' ', '');
    if (stripped !== '__proto__' && !Object.hasOwn(fields, stripped)) fields[stripped] = fields[key] ?? null;
  }
}

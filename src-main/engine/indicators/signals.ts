// Derived fields that rules can ask for as `signals.NAME`: analyses that the rule language cannot express.
import type { Event, JsonValue } from '../event.ts';
import { detectSqlInjection } from './sql-injection.ts';

export type Signal = (event: Event) => JsonValue | undefined;

/** Parts of details that hold what a client sent. Messages and statements are left out: they quote others. */
const inputFields = [
  'parameters',
  'params',
  'query',
  'query_string',
  'body',
  'input',
  'form',
  'path',
  'uri',
  'url',
  'payload',
  'value',
  'search',
  'filter',
  'arguments',
  'headers',
  'cookie',
  'cookies',
  'referer',
] as const;
const mostTexts = 200;
const deepest = 6;

/** The kind of SQL injection in the event's client-controlled texts, or undefined. */
function sqlInjection(event: Event): string | undefined {
  const { details, actor, user_agent, resource_id } = event;
  let left = mostTexts;

  function look(value: JsonValue | undefined, depth: number): string | undefined {
    if (typeof value === 'string') return left-- > 0 ? detectSqlInjection(value) : undefined;
    if (value === null || typeof value !== 'object' || depth > deepest) return undefined;
    for (const [key, inner] of Object.entries(value)) {
      // Names of parameters are the client's too.
      const found = (left > 0 && !Array.isArray(value) ? detectSqlInjection(key) : undefined) ?? look(inner, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  for (const field of inputFields) {
    const value = Object.hasOwn(details, field) ? details[field] : undefined;
    if (value === undefined) continue;
    // A query that was taken apart into parameters is looked at there, value by value.
    if (field === 'query' && Object.hasOwn(details, 'parameters')) continue;
    const found = look(value, 0);
    if (found !== undefined) return found;
  }
  return look(user_agent, 0) ?? look(actor, 0) ?? (resource_id === details.path ? undefined : look(resource_id, 0));
}

export const signals: ReadonlyMap<string, Signal> = new Map([['sql_injection', sqlInjection]]);

// Path and query become input fields. A URL holds text only, so the declared schema says which fields are numbers, booleans or
// lists; everything else stays text, and what doesn't fit is left for the schema to refuse by name.
import { z } from 'zod';
import { ProblemError } from '../../../src-shared/contract/problems.ts';

type Field = { readonly kind: 'number' | 'boolean' | 'text'; readonly many: boolean };
export type InputPlan = ReadonlyMap<string, Field>;

const longestValue = 200;
const mostParameters = 100;

/** Worked out once per operation. */
export function planInput(input: z.ZodType): InputPlan {
  if (!(input instanceof z.ZodObject)) return new Map();
  return new Map(Object.entries(input.shape).map(([name, schema]) => [name, fieldOf(schema as z.ZodType)]));
}

function fieldOf(schema: z.ZodType): Field {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable || inner instanceof z.ZodDefault) {
    inner = inner.unwrap() as z.ZodType;
  }
  if (inner instanceof z.ZodArray) return { kind: fieldOf(inner.element as z.ZodType).kind, many: true };
  if (inner instanceof z.ZodNumber) return { kind: 'number', many: false };
  const boolean = inner instanceof z.ZodBoolean || (inner instanceof z.ZodLiteral && typeof inner.value === 'boolean');
  return { kind: boolean ? 'boolean' : 'text', many: false };
}

/**
 * The input fields of a path's parameters and a query.
 * @param query the text after `?`, still percent-encoded.
 * @throws ProblemError request/not-found for an empty parameter; request/malformed for bad percent-encoding; request/invalid for values over 200 characters, fields given
 * twice, and fields of the path repeated in the query.
 */
export function readFields(
  plan: InputPlan,
  parameters: Readonly<Record<string, string>>,
  query: string,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(parameters)) {
    if (text === '') throw new ProblemError('request/not-found', 'there is nothing at this address');
    if (text.length > longestValue) throw tooLong(name);
    fields[name] = fieldValue(plan.get(name), text);
  }
  if (query === '') return fields;
  for (const [name, texts] of parseQuery(query)) {
    const field = plan.get(name);
    if (Object.hasOwn(fields, name)) throw invalid(name, 'is given twice');
    if (field?.many) {
      fields[name] = texts.flatMap((text) => text.split(',')).map((text) => fieldValue(field, text));
    } else if (texts.length > 1) {
      throw invalid(name, 'is given twice');
    } else {
      fields[name] = fieldValue(field, texts[0] ?? '');
    }
  }
  return fields;
}

/** Only the one spelling of a number or boolean is read; all else stays text, which the schema refuses. */
function fieldValue(field: Field | undefined, text: string): unknown {
  if (field?.kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (field?.kind === 'number' && text !== '-0' && /^-?(?:0|[1-9]\d{0,15})(?:\.\d{1,15})?$/.test(text))
    return Number(text);
  return text;
}

function parseQuery(query: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  const parts = query.split('&');
  if (parts.length > mostParameters) {
    throw new ProblemError(
      'request/invalid',
      `expected at most ${mostParameters} query parameters, got ${parts.length}`,
    );
  }
  for (const part of parts) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? '' : decode(part.slice(equals + 1));
    // Assigned to an object it would vanish instead of being refused.
    if (name === '__proto__')
      throw new ProblemError('request/malformed', 'a query parameter may not be named __proto__');
    if (name.length > longestValue)
      throw new ProblemError('request/invalid', 'the name of a query parameter is too long');
    if (value.length > longestValue) throw tooLong(name);
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return values;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    throw new ProblemError('request/malformed', 'the query is not valid percent-encoded UTF-8', { cause });
  }
}

function tooLong(name: string): ProblemError {
  return invalid(name, `is longer than ${longestValue} characters`);
}

function invalid(name: string, message: string): ProblemError {
  return new ProblemError('request/invalid', `${name} ${message}`, { fields: [{ path: name, message }] });
}

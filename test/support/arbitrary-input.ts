// Inputs that fit an operation's schema, or nearly do, made from the schema itself: hostile where it leaves room.
import fc from 'fast-check';
import { z } from 'zod';

const hostileTexts = [
  '\0',
  '\ud800',
  `${'a'.repeat(63)}\u{1f600}`,
  `${'a'.repeat(199)}\u{1f600}`,
  '\u001b]0;x\u0007',
  '\u202e',
  '__proto__',
  'constructor',
  '../../../etc/passwd',
  "' OR 1=1 --",
  '%',
  '\\',
  '-1',
  '9'.repeat(200),
  '\ufdfa'.repeat(200),
  '0.0.0.0/0',
  '::/129',
  'WyJyaXNrIiwxLDEsMV0',
  '1.1',
  '-9999999999999999.9999999999999999',
  'OTk5OTk5OTk5OTk5OTk5OS9h',
  'a b c d e f g',
];
const text = fc.oneof(fc.constantFrom(...hostileTexts), fc.string({ unit: 'binary', maxLength: 300 }));
const instants = fc.constantFrom(
  '2026-11-21T14:00:00Z',
  '0000-01-01T00:00:00.000Z',
  '9999-12-31T23:59:59.999-23:59',
  '0000-01-01T00:00:00.000+23:59',
  '2024-02-29T23:59:59.123456789Z',
);
const anything = fc.oneof(text, fc.constantFrom(0, -1, 2 ** 53, 1e308, true, null), fc.jsonValue({ maxDepth: 3 }));

/** Mostly what the schema takes; now and then something else in its place. */
export function arbitraryInput(schema: z.ZodType): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 30, arbitrary: fitting(schema) }, { weight: 1, arbitrary: anything });
}

function fitting(schema: z.ZodType): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return arbitraryInput(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodObject) {
    const shape = schema.shape as Record<string, z.ZodType>;
    const optional = Object.keys(shape).filter((name) => shape[name] instanceof z.ZodOptional);
    return fc.record(Object.fromEntries(Object.entries(shape).map(([name, inner]) => [name, arbitraryInput(inner)])), {
      requiredKeys: Object.keys(shape).filter((name) => !optional.includes(name)),
    });
  }
  if (schema instanceof z.ZodArray)
    return fc.array(arbitraryInput(schema.element as z.ZodType), { minLength: 1, maxLength: 5 });
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options);
  if (schema instanceof z.ZodLiteral) return fc.constant(schema.value);
  if (schema instanceof z.ZodBoolean) return fc.boolean();
  if (schema instanceof z.ZodNumber)
    return fc.oneof(fc.integer({ min: 0, max: 600 }), fc.maxSafeInteger(), fc.constant(-0));
  if (schema instanceof z.ZodUUID) return fc.uuid();
  if (schema instanceof z.ZodISODateTime) return instants;
  if (schema instanceof z.ZodString) return text.map((value) => value.slice(0, schema.maxLength ?? 300));
  return anything;
}

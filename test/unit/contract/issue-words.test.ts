// Every refusal of an input says in words what to give instead: over all operations, with values that fit nowhere.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseInput } from '../../../src-main/core/dispatch/parse-input.ts';
import { declarationOf, operationNames } from '../../../src-shared/contract/contract.ts';
import { inWords } from '../../../src-shared/contract/issue-words.ts';
import { ProblemError } from '../../../src-shared/contract/problems.ts';

function said(schema: z.ZodType, value: unknown): string[] {
  return schema.safeParse(value, { error: inWords }).error?.issues.map(({ message }) => message) ?? [];
}

/** As the library says it, which is no word to anybody who did not write the schema. */
const raw =
  /^Invalid|^Too (small|big)|^Unrecognized|received|must match|expected (string|number|array|object|int|boolean|record)\b/i;

test('what is missing, of another kind, too long or no choice is said with what to give', () => {
  expect(said(z.string(), undefined)).toEqual(['missing; expected a text']);
  expect(said(z.string(), 5)).toEqual(['expected a text, not a number']);
  expect(said(z.number(), Number.NaN)).toEqual(['expected a number, and this is no number']);
  expect(said(z.int(), 'x')).toEqual(['expected a number, not a text']);
  expect(said(z.int(), 1.5)).toEqual(['expected a whole number, not a number']);
  expect(said(z.strictObject({}), [])).toEqual(['expected an object, not a list']);
  expect(said(z.strictObject({}), { a: 1, b: 2 })).toEqual(['unknown fields a, b']);
  expect(said(z.string().min(1), '')).toEqual(['expected at least 1 character, found none']);
  expect(said(z.string().max(3), 'abcdef')).toEqual(['expected at most 3 characters, found 6']);
  expect(said(z.string().length(44), 'a')).toEqual(['expected exactly 44 characters, found 1']);
  expect(said(z.array(z.string()).min(2), ['a'])).toEqual(['expected at least 2 entries, found 1']);
  expect(said(z.number().max(500), 501)).toEqual(['expected a number of at most 500']);
  expect(said(z.number().gt(0), 0)).toEqual(['expected a number of more than 0']);
  expect(said(z.enum(['on', 'off']), 'maybe')).toEqual(['expected one of on, off']);
  expect(said(z.literal('v2'), undefined)).toEqual(['missing; expected v2']);
  expect(said(z.uuid(), 'nope')).toEqual([expect.stringMatching(/^expected an id such as .*; copy it from/)]);
  expect(said(z.union([z.string().max(1), z.null()]), 5)).toEqual([
    'expected a text, not a number; or expected null, not a number',
  ]);
  expect(said(z.record(z.string().max(1), z.string()), { ab: 'c' })).toEqual([
    'a name in it can not be used: expected at most 1 character, found 2',
  ]);
  expect(said(z.string({ error: 'its own words' }), 5)).toEqual(['its own words']);
});

test('no operation answers in the words of the library', () => {
  const misfit = fc.oneof(
    fc.constantFrom(undefined, null, '', 'nope', -1, 1.5, true, [], {}, 'x'.repeat(5_000), [1], { a: 1 }),
    fc.jsonValue({ maxDepth: 2 }),
  );
  let refused = 0;
  for (const name of operationNames) {
    const declared = declarationOf(name);
    const schema: unknown = declared.input;
    const fields = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
    const input = fc.oneof(misfit, fc.record(Object.fromEntries(fields.map((field) => [field, misfit]))));
    fc.assert(
      fc.property(input, (value) => {
        try {
          parseInput(declared, value);
        } catch (error) {
          if (!(error instanceof ProblemError)) throw error;
          refused += 1;
          for (const { message } of z.array(z.object({ message: z.string() })).parse(error.extras.fields))
            expect(message, name).not.toMatch(raw);
        }
      }),
      { numRuns: 40 },
    );
  }
  expect(refused).toBeGreaterThan(operationNames.length * 10);
});

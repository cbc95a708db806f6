// Input against its schema: strict, all bad fields at once, messages that say what was expected.
import type { z } from 'zod';
import type { Operation } from '../../../src-shared/contract/grammar.ts';
import { ProblemError } from '../../../src-shared/contract/problems.ts';

const fieldsShown = 20;

/** @throws ProblemError request/invalid naming each field that doesn't fit (the first 20). */
export function parseInput(declared: Operation, input: unknown): unknown {
  const outcome = declared.input.safeParse(input ?? {});
  if (outcome.success) return outcome.data;
  const issues = outcome.error.issues.flatMap(flatten);
  const fields = issues.slice(0, fieldsShown).map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  const first = fields[0];
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  const where = first === undefined || first.path === '' ? '' : `${first.path}: `;
  throw new ProblemError('request/invalid', `${where}${first?.message ?? 'does not fit the schema'}${more}`, {
    fields,
  });
}

/** An unknown field is named by itself instead of as a remark about the object that holds it. */
function flatten(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string }[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }];
  return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'unknown field' }));
}

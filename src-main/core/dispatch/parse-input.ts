// Input against its schema: strict, all bad fields at once, messages that say what was expected.
import type { z } from 'zod';
import type { Operation } from '../../../src-shared/contract/grammar.ts';
import { inWords } from '../../../src-shared/contract/issue-words.ts';
import { ProblemError } from '../../../src-shared/contract/problems.ts';

const fieldsShown = 20;

type Issue = { path: PropertyKey[]; message: string };

/** @throws ProblemError request/invalid naming each field that doesn't fit (the first 20). */
export function parseInput(declared: Operation, input: unknown): unknown {
  const outcome = declared.input.safeParse(input ?? {}, { error: inWords });
  // What an entry of the audit log may quote must have a canonical form (RFC 8785 section 3.2.2.2).
  const quoted = typeof declared.audit === 'string';
  const issues = outcome.success
    ? quoted
      ? brokenTexts(outcome.data, [])
      : []
    : outcome.error.issues.flatMap(flatten);
  if (outcome.success && issues.length === 0) return outcome.data;
  const fields = issues.slice(0, fieldsShown).map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  const first = fields[0];
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  const where = first === undefined || first.path === '' ? '' : `${first.path}: `;
  throw new ProblemError('request/invalid', `${where}${first?.message ?? 'does not fit the schema'}${more}`, {
    fields,
  });
}

/** An unknown field is named by itself instead of as a remark about the object that holds it. */
function flatten(issue: z.core.$ZodIssue): Issue[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }];
  return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'unknown field' }));
}

/** Texts with half a surrogate pair. Windows and browsers can send them; UTF-8 has no bytes for them. */
function brokenTexts(value: unknown, path: PropertyKey[]): Issue[] {
  if (typeof value === 'string')
    return value.isWellFormed() ? [] : [{ path, message: 'the text holds half a character; type it again' }];
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key.isWellFormed() ? [] : [{ path, message: 'a name holds half a character; type it again' }]),
    ...brokenTexts(inner, [...path, key]),
  ]);
}

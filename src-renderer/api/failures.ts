// How a call fails: the console refused it (a problem of the contract), or no answer came. Everything else is a bug.

import type { ProblemCode } from '../../src-shared/contract/problems.ts';
import type { ProblemBody } from '../../src-shared/problem.ts';

/** The console said no. `problem.detail` is a sentence for people and says what to do. */
export class ProblemFailure extends Error {
  override readonly name = 'ProblemFailure';
  readonly problem: ProblemBody;

  constructor(problem: ProblemBody) {
    super(problem.detail);
    this.problem = problem;
  }

  is(code: ProblemCode): boolean {
    return this.problem.code === code;
  }
}

/** No answer, or one that is not the console's. What was asked may or may not have happened. */
export class NetworkFailure extends Error {
  override readonly name = 'NetworkFailure';
}

export function isProblem(error: unknown, code: ProblemCode): error is ProblemFailure {
  return error instanceof ProblemFailure && error.is(code);
}

/** The caller gave the call up (its signal was aborted): nothing to show. */
export function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/**
 * One sentence for the screen: what failed and what to do.
 * @throws what it is given when that is no failure of a call, because then it is a bug and must not be dressed as a refusal.
 */
export function failureWords(error: unknown): string {
  if (error instanceof ProblemFailure) {
    const { detail, incident_id: incident } = error.problem;
    const sentence = asSentence(detail);
    return incident === undefined || detail.includes(incident) ? sentence : `${sentence} Incident ${incident}.`;
  }
  if (error instanceof NetworkFailure) return error.message;
  throw error;
}

/** Field path → message, for forms. */
export function fieldMessages(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof ProblemFailure)) return {};
  return Object.fromEntries(
    (error.problem.fields ?? []).map((field) => [field.path, asSentence(field.message)] as const),
  );
}

function asSentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?]$/.test(capital) ? capital : `${capital}.`;
}

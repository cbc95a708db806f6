// Which suppression a rule can have: its fields must be there when an alert is raised.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import type { RuleSuppression } from '../../../../src-shared/contract/rules.ts';
import type { RuleSet } from '../../../engine/rules/rule-set.ts';
import { compileSuppression, type Suppression } from '../../../engine/suppression.ts';

const minuteMs = 60_000;

export function suppressionOf({ fields, minutes, missing }: RuleSuppression): Suppression {
  return { fields, windowMs: minutes * minuteMs, missing };
}

/** @throws ProblemError rules/invalid for fields that are named twice, can't be read, or that a correlation does not group by. */
export function checkSuppression(
  suppression: RuleSuppression,
  { detections }: RuleSet,
  detectors: ReadonlySet<string>,
): void {
  const { fields } = suppression;
  if (new Set(fields).size < fields.length) throw invalid('names a field twice');
  try {
    compileSuppression('', suppressionOf(suppression));
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
  for (const { plan } of detections.flatMap(({ correlations }) => correlations)) {
    const { output, groupBy } = plan;
    if (output === undefined || !detectors.has(output.info.id)) continue;
    const unknown = fields.find((field) => !groupBy.includes(field));
    if (unknown === undefined) continue;
    const grouped = groupBy.length === 0 ? 'it groups by nothing' : `it groups by ${groupBy.join(', ')}`;
    throw invalid(`“${output.info.title}” has no ${unknown} of its own; ${grouped}`);
  }
}

function invalid(message: string): ProblemError {
  return new ProblemError('rules/invalid', `suppression.fields: ${message}`);
}

/** A refusal of one file, with where and why, in words for the author of the rule. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
}

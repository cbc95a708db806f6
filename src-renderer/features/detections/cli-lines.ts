// What the forms about detectors do, as command lines, quoted for a POSIX shell.
import type { RuleSuppression } from '../../../src-shared/contract/rules.ts';
import type { ExceptionSpan } from './rule-words.ts';

/** An option's value that begins with a dash would be read as another option: it stands behind the equals sign of its own. */
function quoted(text: string): string {
  return /^[\w./:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

const endOf = (span: ExceptionSpan) => (span === 'never' ? '--never' : `--days=${span}`);

interface ExceptionChoices {
  /** null: all rules. */
  readonly rule: string | null;
  readonly conditions: readonly { readonly field: string; readonly value: string }[];
  readonly reason: string;
  readonly span: ExceptionSpan;
}

export function exceptLine({ rule, conditions, reason, span }: ExceptionChoices): string {
  return [
    'gatehouse rules except',
    rule ?? 'all',
    ...conditions.map(({ field, value }) => `--if=${quoted(`${field}=${value}`)}`),
    `--reason=${quoted(reason)}`,
    endOf(span),
  ].join(' ');
}

export function extendLine(id: string, span: ExceptionSpan, reason: string): string {
  return ['gatehouse rules extend', id, endOf(span), ...(reason === '' ? [] : [`--reason=${quoted(reason)}`])].join(
    ' ',
  );
}

export function suppressLine(rule: string, { fields, minutes, missing }: RuleSuppression): string {
  const how = missing === 'as_null' ? 'null' : 'raise';
  return [
    'gatehouse rules suppress',
    rule,
    ...fields.map((field) => `--by=${quoted(field)}`),
    `--for=${minutes}m`,
    `--missing=${how}`,
  ].join(' ');
}

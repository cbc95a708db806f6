// A value as the forms hold it before it is sent: given or to be generated, one text or named fields. Pure.

import type { CallInput } from '../../../src-shared/contract/contract.ts';
import type { SecretGenerator, SecretType } from '../../../src-shared/contract/secrets.ts';
import { generatedLength } from './generator.ts';

export interface FieldDraft {
  /** Of the row, not of the field: names are typed. */
  readonly key: number;
  readonly name: string;
  readonly value: string;
}

export interface ValueDraft {
  readonly isGenerated: boolean;
  readonly generator: SecretGenerator;
  readonly value: string;
  readonly fields: readonly FieldDraft[];
}

export function emptyDraft(fieldNames: readonly string[] = ['']): ValueDraft {
  return {
    isGenerated: false,
    generator: { length: generatedLength.usual, alphabet: 'letters_digits_symbols' },
    value: '',
    fields: fieldNames.map((name, key) => ({ key, name, value: '' })),
  };
}

export function canGenerate(type: SecretType): boolean {
  return type === 'password' || type === 'api_key';
}

type Content = Pick<CallInput<'secrets.rotate'>, 'value' | 'fields' | 'generate'>;

/** What is sent. Rows without a name and a value were only left over. */
export function contentOf(type: SecretType, draft: ValueDraft): Content {
  if (type === 'key_value') {
    return { fields: Object.fromEntries(usedFields(draft).map(({ name, value }) => [name.trim(), value])) };
  }
  return draft.isGenerated && canGenerate(type) ? { generate: draft.generator } : { value: draft.value };
}

function usedFields({ fields }: ValueDraft): readonly FieldDraft[] {
  return fields.filter(({ name, value }) => name.trim() !== '' || value !== '');
}

/** What is still missing or wrong, in words for the form; undefined when it can be sent. */
export function draftFault(type: SecretType, draft: ValueDraft): string | undefined {
  if (type === 'key_value') {
    const used = usedFields(draft);
    if (used.length === 0) return 'Give at least one field.';
    if (used.some(({ name }) => name.trim() === '')) return 'Each value needs the name of its field.';
    const empty = used.find(({ value }) => value === '');
    if (empty !== undefined) return `Give ${empty.name.trim()} a value, or remove the field.`;
    const names = used.map(({ name }) => name.trim());
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    return twice === undefined ? undefined : `The field ${twice} stands there twice.`;
  }
  if (draft.isGenerated && canGenerate(type)) {
    const { length } = draft.generator;
    return Number.isInteger(length) && length >= generatedLength.least && length <= generatedLength.most
      ? undefined
      : `Expected a length from ${generatedLength.least} to ${generatedLength.most}.`;
  }
  return draft.value === '' ? 'Give it a value.' : undefined;
}

/** 'a, b,a' is two tags. */
export function tagsOf(text: string): readonly string[] {
  return [
    ...new Set(
      text
        .split(',')
        .map((tag) => tag.trim())
        .filter((tag) => tag !== ''),
    ),
  ];
}

/** '2027-01-31' is the end of that day in UTC; '' is never. @returns undefined for what is no day. */
export function parseDay(text: string): string | null | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(trimmed)) return undefined;
  const at = new Date(`${trimmed}T23:59:59.000Z`);
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== trimmed ? undefined : at.toISOString();
}

/** '90' is 90, '' is never. @returns undefined for what is no number of days. */
export function parseDays(text: string): number | null | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const days = /^\d{1,4}$/.test(trimmed) ? Number(trimmed) : Number.NaN;
  return days >= 1 && days <= 3650 ? days : undefined;
}

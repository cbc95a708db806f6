// The names of groups: a field, and what its alerts have in common. Values come out of logs and may be of any length, names are part of
// addresses: a long value is named by an alert that has it.

import { type GroupField, groupFields } from '../../../../src-shared/alert-words.ts';
import { sha256Hex } from '../../../base/hashes.ts';

/** null: alerts that have none. */
export type GroupCondition = { readonly field: GroupField; readonly value: string | null };

/** The value of the field, of the alert with that number, whose digest is the one given. */
export type FindNamed = (field: GroupField, number: number, digest: string) => string | undefined;

/** Characters of a value that its key holds as it is. */
const longestWritten = 120;
const digestLength = 32;

/** Keys are given back in a list that commas separate. */
const escaped = (value: string) => value.replaceAll('%', '%25').replaceAll(',', '%2C');
const unescaped = (text: string) => text.replaceAll('%2C', ',').replaceAll('%25', '%');

/** @param number of one of the group's alerts */
export function writeGroupKey({ field, value }: GroupCondition, number: number): string {
  if (value === null) return field;
  const written = escaped(value);
  return written.length <= longestWritten ? `${field}:${written}` : `${field}#${number}.${digestOf(value)}`;
}

/** undefined for anything that isn't the key of a group, or of one that is gone. */
export function parseGroupKey(key: string, findNamed: FindNamed | undefined): GroupCondition | undefined {
  const at = key.search(/[:#]/);
  const name = at < 0 ? key : key.slice(0, at);
  const field = groupFields.find((one) => one === name);
  if (field === undefined) return undefined;
  if (at < 0) return { field, value: null };
  const rest = key.slice(at + 1);
  if (key[at] === ':') return { field, value: unescaped(rest) };
  const named = /^(\d{1,15})\.([0-9a-f]{32})$/.exec(rest);
  const value = named === null ? undefined : findNamed?.(field, Number(named[1]), named[2] ?? '');
  return value === undefined ? undefined : { field, value };
}

export function digestOf(value: string): string {
  return sha256Hex(value).slice(0, digestLength);
}

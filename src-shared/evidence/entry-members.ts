// In what way a value is no entry: for saying it in words, once the reader, which goes by bytes, has refused it.

import { decodeUtf8Strict } from './bytes.ts';
import type { FormatError } from './format-error.ts';
import { printable } from './verdict.ts';

const entryMembers = ['leaf', 'open', 'proof'];
const leafMembers = [
  'action',
  'commitments',
  'event_type',
  'id',
  'phi',
  'seq',
  'success',
  'time',
  'v',
  'workspace',
  'workspace_seq',
];
const openingMembers = ['salt', 'value'];

/** @param bytes canonical JSON. @param error what the reader refused first. */
export function entryFault(bytes: Uint8Array, error: FormatError): string {
  const entry: unknown = JSON.parse(decodeUtf8Strict(bytes));
  if (!isObject(entry)) return 'expected an object with the members leaf and open';
  const { leaf, open } = entry;
  const faults = [
    otherMember(entry, 'entry', entryMembers, ['proof']),
    isObject(leaf) ? otherMember(leaf, 'leaf', leafMembers) : undefined,
    ...(isObject(open) ? Object.values(open) : []).map((opening) =>
      isObject(opening) ? otherMember(opening, 'opened field', openingMembers) : undefined,
    ),
  ];
  // What follows is no longer about the form of JSON: that is as it should be.
  return faults.find((fault) => fault !== undefined) ?? error.reason.replace(/^not canonical JSON: /, '');
}

function otherMember(
  holder: Readonly<Record<string, unknown>>,
  what: string,
  members: readonly string[],
  optional: readonly string[] = [],
): string | undefined {
  const unknown = Object.keys(holder).find((name) => !members.includes(name));
  if (unknown !== undefined) return `the ${what} has a member ${printable(JSON.stringify(unknown))} that is not known`;
  const missing = members.find((name) => !optional.includes(name) && !Object.hasOwn(holder, name));
  return missing === undefined ? undefined : `the ${what} lacks its member ${missing}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

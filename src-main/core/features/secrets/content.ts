// A secret's value: what each type takes, how it is sealed, and how two versions compare. Values stay inside this feature and the answer
// of secrets.reveal; no message here holds a part of one.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import type { SecretGenerator, SecretType } from '../../../../src-shared/contract/secrets.ts';
import { equalBytes, utf8 } from '../../../base/bytes.ts';
import { type KeyMaterial, NotKeyMaterial, parseCertificateText } from '../../../base/key-material.ts';
import { parseSshKey } from '../../../base/ssh-keys.ts';
import type { Randomness } from '../../ports.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import type { SubjectKeys } from '../keys/index.ts';
import { generatePassword } from './generate.ts';
import type { FieldChange } from './versions-table.ts';

/** Field name to value; all types but key_value have the one field `value`. */
export type Fields = ReadonlyMap<string, string>;

export type Content = { readonly fields: Fields; readonly parsed: KeyMaterial | null };

export type GivenContent = {
  readonly value?: string | undefined;
  readonly fields?: Readonly<Record<string, string>> | undefined;
  readonly generate?: SecretGenerator | undefined;
};

export const onlyField = 'value';
const mostFields = 100;
const mostCharacters = 262_144;

/** @throws ProblemError secrets/value saying what the type expects. */
export function takeContent(type: SecretType, given: GivenContent, random: Randomness): Content {
  const ways = [given.value, given.fields, given.generate].filter((way) => way !== undefined);
  if (ways.length > 1) throw unfit('give one of value, fields and generate');
  if (type === 'key_value') return { fields: takeFields(given), parsed: null };
  if (given.fields !== undefined) throw unfit(`a ${type} secret takes value, not fields`);
  if (given.generate !== undefined) {
    if (type !== 'password' && type !== 'api_key') throw unfit(`a ${type} cannot be generated; give its value`);
    return { fields: new Map([[onlyField, generatePassword(given.generate, random)]]), parsed: null };
  }
  const { value } = given;
  if (value === undefined || value === '') throw unfit(`a ${type} secret needs a value`);
  requireText(value);
  return { fields: new Map([[onlyField, value]]), parsed: parseValue(type, value) };
}

function takeFields({ value, fields = {}, generate }: GivenContent): Fields {
  if (value !== undefined || generate !== undefined) throw unfit('a key_value secret takes fields, not a value');
  const taken = new Map(Object.entries(fields));
  if (taken.size === 0) throw unfit('a key_value secret needs at least one field');
  if (taken.size > mostFields) throw unfit(`a key_value secret takes at most ${mostFields} fields`);
  const characters = [...taken.values()].reduce((sum, text) => sum + text.length, 0);
  if (characters > mostCharacters) throw unfit(`the fields of a secret take at most ${mostCharacters} characters`);
  for (const text of taken.values()) requireText(text);
  return taken;
}

/** Half a surrogate pair can't be written as UTF-8: the value that comes back would be another. */
function requireText(text: string): void {
  if (!text.isWellFormed()) throw unfit('the value is not well-formed Unicode text; keep bytes as base64');
}

function parseValue(type: SecretType, value: string): KeyMaterial | null {
  try {
    if (type === 'certificate') return parseCertificateText(value);
    if (type === 'ssh_key') return parseSshKey(value);
    return null;
  } catch (error) {
    if (error instanceof NotKeyMaterial) throw unfit(error.message, error);
    throw error;
  }
}

/** What became of each field, without saying what any holds. */
export function compareFields(before: Fields, after: Fields): FieldChange[] {
  const gone = [...before.keys()].filter((name) => !after.has(name));
  return [
    ...[...after].map(([name, text]): FieldChange => {
      const old = before.get(name);
      if (old === undefined) return { name, change: 'added' };
      return { name, change: equalBytes(utf8(old), utf8(text)) ? 'same' : 'changed' };
    }),
    ...gone.map((name): FieldChange => ({ name, change: 'removed' })),
  ];
}

export function subjectOf(secretId: string): string {
  return `secret/${secretId}`;
}

export function sealFields(
  keys: SubjectKeys,
  tx: WriteTx,
  secretId: string,
  version: number,
  fields: Fields,
): Uint8Array {
  const plain = utf8(JSON.stringify([...fields]));
  try {
    return keys.seal(tx, subjectOf(secretId), plain, contextOf(secretId, version));
  } finally {
    plain.fill(0);
  }
}

/** @throws Error when the value was changed or moved, SubjectShredded when the secret was purged. */
export function openFields(
  keys: SubjectKeys,
  tx: ReadTx,
  secretId: string,
  version: number,
  sealed: Uint8Array,
): Fields {
  const plain = keys.open(tx, subjectOf(secretId), sealed, contextOf(secretId, version));
  try {
    return new Map(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(plain)) as [string, string][]);
  } finally {
    plain.fill(0);
  }
}

/** The row of the version: a value can't be moved to another secret, nor to another version of its own. */
function contextOf(secretId: string, version: number): string {
  return `secret/${secretId}/${version}`;
}

function unfit(detail: string, cause?: unknown): ProblemError {
  return new ProblemError('secrets/value', detail, cause === undefined ? {} : { cause });
}

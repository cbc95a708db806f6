// Fields about one person: committed to in the leaf like all others, but with salts of their own, and value and salt are kept sealed under
// the person's key. Destroying that key leaves a commitment that nobody can open or guess a value for; leaf, tree and proofs stay.
import { decodeUtf8Strict, encodeBase64Url } from '../../../../src-shared/evidence/bytes.ts';
import { canonicalize, type JsonObject } from '../../../../src-shared/evidence/canonical-json.ts';
import {
  type ApartField,
  commit,
  committedFields,
  type EntryBody,
  type EntryLeaf,
  type Opening,
  SALT_BYTES,
  verifyOpenings,
} from '../../../../src-shared/evidence/entry.ts';
import { utf8 } from '../../../base/bytes.ts';
import { nodePrimitives } from '../../../base/evidence-primitives.ts';
import type { EntrySubject } from '../../dispatch/handler.ts';
import type { Randomness } from '../../ports.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import { type SubjectKeys, SubjectShredded } from '../keys/index.ts';
import {
  type ApartRow,
  type ApartWithLeaf,
  apartAfter,
  apartBetween,
  erasureRecorded,
  insertApart,
} from './apart-table.ts';

export type SubjectVault = Pick<SubjectKeys, 'seal' | 'open'>;

/**
 * Which fields of which entries are about a person. `details.subject` names that person in all of them, open and under the leaf's
 * signature: without that, whoever holds the store's keys could hide any field of any entry behind a person who was erased.
 */
const sealedFields: Partial<Record<string, readonly string[]>> = {
  access_request: ['details.subject_id', 'details.reason'],
};

/**
 * Takes the subject's fields out of the body and keeps them sealed. For a subject that was erased they are not kept at all.
 * @returns what is left of the body, and the commitments of what was taken out.
 */
export function setApart(
  tx: WriteTx,
  body: EntryBody,
  { reference }: EntrySubject,
  vault: SubjectVault,
  random: Randomness,
): { body: EntryBody; apart: readonly ApartField[] } {
  const paths = sealedFields[body.event_type];
  if (paths === undefined || body.details?.subject !== reference)
    throw new Error(`${body.event_type}: not an entry about a person that names it`);
  const taken = committedFields(body).filter(([path]) => paths.includes(path));
  const rest = without(body, paths);
  if (taken.length === 0) return { body: rest, apart: [] };
  const apart = taken.map(([path, value]) => {
    const salt = random.bytes(SALT_BYTES);
    const commitment = encodeBase64Url(commit(nodePrimitives, path, salt, canonicalize(value)));
    return { path, commitment, opening: { salt: encodeBase64Url(salt), value } };
  });
  const plain = utf8(JSON.stringify(Object.fromEntries(apart.map(({ path, opening }) => [path, opening]))));
  try {
    const sealed = vault.seal(tx, reference, plain, contextOf(body.seq));
    insertApart(tx, {
      seq: body.seq,
      subject: reference,
      paths: JSON.stringify(apart.map(({ path }) => path)),
      sealed,
    });
  } catch (error) {
    if (error instanceof SubjectShredded) return { body: rest, apart: [] };
    throw error;
  } finally {
    plain.fill(0);
  }
  return { body: rest, apart };
}

/** Of the entries from `from` to `to`: their fields that are kept apart, opened where the key is still there. */
export function readApart(tx: ReadTx, vault: SubjectVault, from: number, to: number): Map<number, ApartField[]> {
  return new Map(apartBetween(tx, from, to).map((row) => [row.seq, openRow(tx, vault, row)]));
}

function openRow(tx: ReadTx, vault: SubjectVault, row: ApartRow): ApartField[] {
  const openings = openingsOf(tx, vault, row);
  return parsePaths(row).map((path) => ({ path, commitment: '', opening: openings?.[path] }));
}

/** undefined: erased. @throws DamagedStore */
function openingsOf(tx: ReadTx, vault: SubjectVault, row: ApartRow): { [path: string]: Opening } | undefined {
  try {
    const plain = vault.open(tx, row.subject, row.sealed, contextOf(row.seq));
    try {
      return JSON.parse(decodeUtf8Strict(plain)) as { [path: string]: Opening };
    } finally {
      plain.fill(0);
    }
  } catch (error) {
    if (error instanceof SubjectShredded) return undefined;
    throw error;
  }
}

/** The body with its opened fields back in their places; `erased` are those that can't be had. */
export function putBack(body: EntryBody, apart: readonly ApartField[]): { body: EntryBody; erased: string[] } {
  let whole = body;
  for (const { path, opening } of apart) {
    if (opening === undefined) continue;
    whole = path.startsWith('details.')
      ? { ...whole, details: { ...whole.details, [path.slice('details.'.length)]: opening.value } }
      : ({ ...whole, [path]: opening.value } as EntryBody);
  }
  return { body: whole, erased: apart.filter(({ opening }) => opening === undefined).map(({ path }) => path) };
}

/** For whoever recomputes a leaf without keys: the commitments that the leaf holds for the fields kept apart. @throws Error */
export function apartCommitments(leaf: string, paths: string | null): { path: string; commitment: string }[] {
  if (paths === null) return [];
  const { commitments } = JSON.parse(leaf) as EntryLeaf;
  return (JSON.parse(paths) as string[]).map((path) => {
    const commitment = commitments[path];
    if (typeof commitment !== 'string' || !/^[\w-]{43}$/.test(commitment)) throw new Error(`no commitment for ${path}`);
    return { path, commitment };
  });
}

export type ApartFault = { readonly seq: number; readonly detail: string };

/**
 * What needs the keys: each sealed field opens to what its leaf holds, or an entry says that its subject was erased. Otherwise somebody
 * could take a field out of an entry and call it erased.
 * @returns the first fault of this page, or where the next one begins; undefined after the last.
 */
export function checkApart(
  tx: ReadTx,
  vault: SubjectVault,
  after: number,
  limit: number,
): { fault?: ApartFault; next?: number } {
  const rows = apartAfter(tx, after, limit);
  for (const row of rows) {
    const detail = faultIn(tx, vault, row);
    if (detail !== undefined) return { fault: { seq: row.seq, detail: `entry #${row.seq}: ${detail}` } };
  }
  const last = rows.at(-1);
  return rows.length < limit || last === undefined ? {} : { next: last.seq };
}

function faultIn(tx: ReadTx, vault: SubjectVault, row: ApartWithLeaf): string | undefined {
  try {
    // The body was found to be what the leaf holds before this is asked.
    const { event_type, details } = JSON.parse(row.body) as EntryBody;
    const paths = sealedFields[event_type];
    if (details?.subject !== row.subject || !parsePaths(row).every((path) => paths?.includes(path) === true))
      return 'what was recorded openly is said to be sealed';
    const open = openingsOf(tx, vault, row);
    if (open === undefined) {
      return erasureRecorded(tx, row.subject) ? undefined : 'what is sealed in it lost its key without an erasure';
    }
    const leaf = JSON.parse(row.leaf) as EntryLeaf;
    const complete = parsePaths(row).every((path) => Object.hasOwn(open, path));
    return complete && verifyOpenings(nodePrimitives, { leaf, open }).length === 0
      ? undefined
      : 'what is sealed in it is not what was recorded';
  } catch (error) {
    if (error instanceof Error) return 'what is sealed in it can not be opened';
    throw error;
  }
}

function parsePaths({ paths }: ApartRow): string[] {
  return JSON.parse(paths) as string[];
}

function without(body: EntryBody, paths: readonly string[]): EntryBody {
  const rest: Record<string, unknown> = { ...body };
  for (const path of paths) delete rest[path];
  const details: JsonObject = { ...body.details };
  for (const path of paths) if (path.startsWith('details.')) delete details[path.slice('details.'.length)];
  return { ...(rest as EntryBody), details };
}

function contextOf(seq: number): string {
  return `audit_apart/${seq}`;
}

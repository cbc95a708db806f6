// How the vault speaks of a secret: its type, its state, when it is due, what changed between versions, and who may use it.

import type { SecretDetail, SecretGrant, SecretState, SecretType } from '../../../src-shared/contract/secrets.ts';
import { shortDuration } from '../../lib/durations.ts';
import { type Instant, toMillis } from '../../lib/instants.ts';

export const typeWords: Readonly<Record<SecretType, string>> = {
  password: 'Password',
  api_key: 'API key',
  certificate: 'Certificate',
  ssh_key: 'SSH key',
  note: 'Note',
  key_value: 'Key-value',
};

export const secretTypes = Object.keys(typeWords) as readonly SecretType[];

/** What is fine is not said (`current`). */
export const stateWords: Readonly<Record<SecretState, string>> = {
  current: 'Current',
  rotation_due: 'Rotation due',
  expiring: 'Expiring',
  expired: 'Expired',
  deleted: 'Deleted',
  purged: 'Shredded',
};

export const secretStates = Object.keys(stateWords) as readonly SecretState[];

const dayMs = 86_400_000;
/** Amber from here on; the views count with the same number. */
export const soonMs = 14 * dayMs;

export interface Due {
  readonly state: 'calm' | 'soon' | 'late';
  /** 'in 3d', '+8d' */
  readonly short: string;
}

export function dueAt(at: Instant, now: number): Due {
  const left = toMillis(at) - now;
  if (left < 0) return { state: 'late', short: `+${shortDuration(left)}` };
  return { state: left <= soonMs ? 'soon' : 'calm', short: `in ${shortDuration(left)}` };
}

/** 'db/orders/password' is `password` in `db/orders/`. */
export function splitName(name: string): { readonly folder: string; readonly leaf: string } {
  const cut = name.lastIndexOf('/') + 1;
  return { folder: name.slice(0, cut), leaf: name.slice(cut) };
}

type Version = SecretDetail['versions'][number];

const changeWords: Readonly<Record<Version['fields'][number]['change'], string>> = {
  same: 'unchanged',
  changed: 'changed',
  added: 'added',
  removed: 'removed',
};

/** One word for each field, against the version before. Never values: they are not in the answer. */
export function changesOf(version: Version): readonly { readonly name: string; readonly change: string }[] {
  return version.fields.map(({ name, change }) => ({ name, change: changeWords[change] }));
}

export const actionWords: Readonly<Record<SecretGrant['actions'][number], string>> = {
  read: 'see it',
  reveal: 'read its value',
  manage: 'change it',
};

const kindWords: Readonly<Record<SecretGrant['kind'], string>> = { user: 'user', role: 'role', key: 'API key' };

/** @param name of the key, where it is known: the grant holds its id. */
export function grantWords({ kind, subject, actions }: SecretGrant, name = subject): string {
  const may = actions.map((action) => actionWords[action]);
  const listed = may.length < 2 ? may.join('') : `${may.slice(0, -1).join(', ')} and ${may.at(-1)}`;
  return `${kindWords[kind]} ${name} may ${listed}`;
}

interface Person {
  readonly username: string;
  readonly role: string;
}

/** Does one of these grants let this person do that? Roles count as well as names. */
export function isGranted(
  grants: readonly SecretGrant[],
  person: Person,
  action: SecretGrant['actions'][number],
): boolean {
  return grants.some(
    ({ kind, subject, actions }) =>
      actions.includes(action) &&
      ((kind === 'user' && subject === person.username) || (kind === 'role' && subject === person.role)),
  );
}

export interface Consequence {
  /** What the grants mean, whole sentences. */
  readonly words: string;
  /** What whoever saves them should think twice about. */
  readonly warning: string | undefined;
}

/** What saving these grants would mean, said before it is done. */
export function grantConsequence(grants: readonly SecretGrant[], me: Person): Consequence {
  if (grants.length === 0) {
    return {
      words: 'Limited to nobody in particular: whoever holds the permission secrets.reveal may read the value.',
      warning: undefined,
    };
  }
  const readers = grants.filter(({ actions }) => actions.includes('reveal'));
  const words =
    readers.length === 0
      ? 'Limited to those named here, and none of them may read the value.'
      : `Limited to those named here: ${readers.length === 1 ? 'one of them' : `${readers.length} of them`} may read the value, and only with the permission secrets.reveal besides. Everybody else is refused.`;
  const lost = [
    !isGranted(grants, me, 'reveal') && 'read its value',
    !isGranted(grants, me, 'manage') && 'change it',
  ].filter((each) => each !== false);
  // Admins may always change grants; whoever else leaves themselves out needs somebody to let them in again.
  const wayBack =
    me.role === 'admin'
      ? 'As an admin you can grant it to yourself again, and that stands in the audit log.'
      : 'Somebody who manages it has to let you in again.';
  return {
    words,
    warning: lost.length === 0 ? undefined : `Afterwards you can not ${lost.join(' or ')}. ${wayBack}`,
  };
}

// Which secrets are shown: a path, or words looked for in all of them, and the filters. The address holds the same words. Pure.

import type { SecretState, SecretSummary, SecretType } from '../../../src-shared/contract/secrets.ts';
import { toMillis } from '../../lib/instants.ts';
import { secretStates, secretTypes } from './secret-words.ts';

const dayMs = 86_400_000;

export const viewNames = ['due', 'overdue', 'expiring', 'unread', 'deleted'] as const;
export type View = (typeof viewNames)[number];

export const viewWords: Readonly<Record<View, string>> = {
  due: 'Rotation due in 30 d',
  overdue: 'Overdue',
  expiring: 'Expired or expiring',
  unread: 'Not read for 90 d',
  deleted: 'Deleted',
};

export interface SecretsQuery {
  /** 'db/orders', without a slash at its end; empty: everywhere. */
  readonly path: string;
  /** Looked for by the console, in all paths. */
  readonly text: string;
  readonly view: View | undefined;
  readonly type: SecretType | undefined;
  readonly state: SecretState | undefined;
  readonly tag: string;
}

export const noSecretsQuery: SecretsQuery = {
  path: '',
  text: '',
  view: undefined,
  type: undefined,
  state: undefined,
  tag: '',
};

export function secretsQueryOf(address: Readonly<Record<string, string>>): SecretsQuery {
  const text = (key: string) => (address[key] ?? '').slice(0, 200);
  return {
    path: text('path').replace(/^\/+|\/+$/g, ''),
    text: text('text'),
    view: viewNames.find((view) => view === address.view),
    type: secretTypes.find((type) => type === address.type),
    state: secretStates.find((state) => state === address.state),
    tag: text('tag'),
  };
}

export function addressOf(query: SecretsQuery): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1].trim() !== '',
    ),
  );
}

/** Conditions that can hide what the path holds. */
export function isFiltered({ text, view, type, state, tag }: SecretsQuery): boolean {
  return text.trim() !== '' || view !== undefined || type !== undefined || state !== undefined || tag !== '';
}

/** Deleted secrets are not among the others: they are asked for by themselves. */
export function wantsDeleted({ view, state }: SecretsQuery): boolean {
  return view === 'deleted' || isGone(state);
}

/** Deleted, and perhaps shredded since. */
export function isGone(state: SecretState | undefined): boolean {
  return state === 'deleted' || state === 'purged';
}

function isUnder(name: string, path: string): boolean {
  return path === '' || name.startsWith(`${path}/`);
}

export function isInView(secret: SecretSummary, view: View, now: number): boolean {
  const within = (at: string | null, ms: number) => at !== null && toMillis(at) - now < ms;
  switch (view) {
    case 'due':
      return within(secret.rotation_due_at, 30 * dayMs) && !within(secret.rotation_due_at, 0);
    case 'overdue':
      return within(secret.rotation_due_at, 0);
    case 'expiring':
      return secret.state === 'expiring' || secret.state === 'expired' || within(secret.expires_at, 30 * dayMs);
    case 'unread':
      // One that was made last week and never read is not forgotten yet.
      return toMillis(secret.last_read_at ?? secret.created_at) < now - 90 * dayMs;
    case 'deleted':
      return isGone(secret.state);
  }
}

/** The rows of `query` among `secrets`; its words are the console's to look for and not compared here. */
export function matching(
  secrets: readonly SecretSummary[],
  query: SecretsQuery,
  now: number,
): readonly SecretSummary[] {
  const { path, view, type, state, tag } = query;
  return secrets.filter(
    (secret) =>
      isUnder(secret.name, query.text.trim() === '' ? path : '') &&
      (view === undefined || isInView(secret, view, now)) &&
      (type === undefined || secret.type === type) &&
      (state === undefined || secret.state === state) &&
      (tag === '' || secret.tags.includes(tag)),
  );
}

export function viewCounts(
  secrets: readonly SecretSummary[],
  deleted: number,
  now: number,
): Readonly<Record<View, number>> {
  const count = (view: View) => secrets.filter((secret) => isInView(secret, view, now)).length;
  return {
    due: count('due'),
    overdue: count('overdue'),
    expiring: count('expiring'),
    unread: count('unread'),
    deleted,
  };
}

/** The tags there are, the most used first. */
export function knownTags(secrets: readonly SecretSummary[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { tags } of secrets) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return Array.from(counts)
    .sort(([left, many], [right, more]) => more - many || left.localeCompare(right, 'en'))
    .map(([tag]) => tag);
}

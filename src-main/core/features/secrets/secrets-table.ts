// SQL of the secrets themselves: their metadata and what has become of them. Versions, grants and readings have files of their own.
import type { SecretState, SecretType } from '../../../../src-shared/contract/secrets.ts';
import type { KeyMaterial } from '../../../base/key-material.ts';
import { createConditions } from '../../store/conditions.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type Secret = {
  readonly id: string;
  readonly name: string;
  readonly type: SecretType;
  readonly description: string;
  readonly owner: string;
  readonly tags: readonly string[];
  readonly version: number;
  readonly fieldNames: readonly string[];
  readonly parsed: KeyMaterial | null;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly expiresAt: number | null;
  readonly rotationDays: number | null;
  readonly rotationDueAt: number | null;
  readonly state: SecretState;
  /** Somebody is named in its grants. */
  readonly limited: boolean;
  readonly revision: number;
  readonly reads: number;
  readonly lastReadAt: number | null;
  readonly lastReadBy: string | null;
};

type Row = Omit<Secret, 'tags' | 'fieldNames' | 'parsed' | 'limited'> & {
  readonly tags: string;
  readonly fieldNames: string;
  readonly parsed: string | null;
  readonly limited: number;
};

export const dayMs = 86_400_000;
/** How long before its end a secret is said to be expiring. */
export const expiringMs = 14 * dayMs;

const rotationDueAt = `(changed_at + rotation_days * ${dayMs})`;
// What is wrong first: a value that ended, one about to end, one that is old.
const state = `CASE
  WHEN purged_at IS NOT NULL THEN 'purged'
  WHEN deleted_at IS NOT NULL THEN 'deleted'
  WHEN expires_at <= :now THEN 'expired'
  WHEN expires_at <= :now + ${expiringMs} THEN 'expiring'
  WHEN ${rotationDueAt} <= :now THEN 'rotation_due'
  ELSE 'current' END`;
const columns = `id, name, type, description, owner, tags, version, field_names AS fieldNames, parsed,
  created_at AS createdAt, changed_at AS changedAt, expires_at AS expiresAt, rotation_days AS rotationDays,
  ${rotationDueAt} AS rotationDueAt, ${state} AS state, revision, reads, last_read_at AS lastReadAt,
  last_read_by AS lastReadBy, EXISTS (SELECT 1 FROM secret_grant AS g
    WHERE g.workspace = secret.workspace AND g.secret_id = secret.id) AS limited`;

export function findSecret(tx: ReadTx, id: string, now: number): Secret | undefined {
  return secretOf(tx.get<Row>(`SELECT ${columns} FROM secret WHERE workspace = :workspace AND id = :id`, { id, now }));
}

/** The one that bears the name now; deleted ones have lost it. */
export function findNamed(tx: ReadTx, name: string, now: number): Secret | undefined {
  return secretOf(
    tx.get<Row>(`SELECT ${columns} FROM secret WHERE workspace = :workspace AND name = :name AND deleted_at IS NULL`, {
      name,
      now,
    }),
  );
}

/** The existence look-up over all workspaces (spec 01): id to workspace, nothing else. */
export function workspaceOfSecret(tx: ReadTx, id: string): string | undefined {
  return tx.everywhere.get<{ workspace: string }>('SELECT workspace FROM secret WHERE id = :id', { id })?.workspace;
}

export type Listing = {
  readonly text: string | undefined;
  readonly name: string | undefined;
  readonly path: string | undefined;
  readonly type: SecretType | undefined;
  readonly tag: string | undefined;
  readonly state: SecretState | undefined;
  /** Who asks; undefined for those who see limited secrets without being named. */
  readonly as: { readonly user: string; readonly role: string; readonly key: string } | undefined;
  readonly after: { readonly name: string; readonly id: string } | undefined;
  readonly limit: number;
};

/** By name. What the caller may not read is left out here, so that pages are full and nothing is counted that is not shown. */
export function listSecrets(tx: ReadTx, listing: Listing, now: number): Secret[] {
  const { where, sql, parameters } = createConditions();
  where('instr(words, :text) > 0', 'text', listing.text?.toLowerCase());
  where('name = :name', 'name', listing.name);
  where('substr(name, 1, length(:path)) = :path', 'path', listing.path);
  where('type = :type', 'type', listing.type);
  where('EXISTS (SELECT 1 FROM json_each(tags) WHERE value = :tag)', 'tag', listing.tag);
  if (listing.state === undefined) where('(deleted_at IS NULL) = :live', 'live', 1);
  else where(`${state} = :state`, 'state', listing.state);
  if (listing.as !== undefined) {
    where(
      `(NOT EXISTS (SELECT 1 FROM secret_grant AS g WHERE g.workspace = secret.workspace AND g.secret_id = secret.id)
        OR EXISTS (SELECT 1 FROM secret_grant AS g WHERE g.workspace = secret.workspace AND g.secret_id = secret.id
          AND (g.kind, g.subject) IN (SELECT key, value FROM json_each(:as))))`,
      'as',
      JSON.stringify(listing.as),
    );
  }
  where('(name, id) > (:afterName, :afterId)', 'afterName', listing.after?.name);
  return tx
    .all<Row>(`SELECT ${columns} FROM secret WHERE ${sql()} ORDER BY name, id LIMIT :limit`, {
      ...parameters,
      ...(listing.after === undefined ? {} : { afterId: listing.after.id }),
      limit: listing.limit,
      now,
    })
    .map((row) => fromRow(row));
}

export type NewSecret = Pick<
  Secret,
  'id' | 'name' | 'type' | 'description' | 'owner' | 'tags' | 'fieldNames' | 'parsed' | 'expiresAt' | 'rotationDays'
>;

export function insertSecret(tx: WriteTx, secret: NewSecret, now: number): void {
  tx.run(
    `INSERT INTO secret (workspace, id, name, type, description, owner, tags, words, version, field_names, parsed,
        created_at, changed_at, expires_at, rotation_days, revision, reads)
      VALUES (:workspace, :id, :name, :type, :description, :owner, :tags, :words, 1, :fieldNames, :parsed,
        :now, :now, :expiresAt, :rotationDays, 1, 0)`,
    { id: secret.id, name: secret.name, type: secret.type, now, ...metadata(secret), ...ofValue(secret) },
  );
}

export function saveMetadata(tx: WriteTx, secret: Omit<NewSecret, 'fieldNames' | 'parsed'>): void {
  tx.run(
    `UPDATE secret SET description = :description, owner = :owner, tags = :tags, words = :words,
        expires_at = :expiresAt, rotation_days = :rotationDays, revision = revision + 1
      WHERE workspace = :workspace AND id = :id`,
    { id: secret.id, expiresAt: secret.expiresAt, ...metadata(secret) },
  );
}

/** A new version stands: its number, its age, and what is known of its value. */
export function saveVersion(
  tx: WriteTx,
  secret: Pick<Secret, 'id' | 'version' | 'fieldNames' | 'parsed' | 'expiresAt'>,
  now: number,
): void {
  tx.run(
    `UPDATE secret SET version = :version, changed_at = :now, field_names = :fieldNames, parsed = :parsed,
        expires_at = :expiresAt, revision = revision + 1
      WHERE workspace = :workspace AND id = :id`,
    { id: secret.id, version: secret.version, now, ...ofValue(secret) },
  );
}

export function saveDeleted(tx: WriteTx, id: string, deletedAt: number | null): void {
  tx.run(
    `UPDATE secret SET deleted_at = :deletedAt, revision = revision + 1 WHERE workspace = :workspace AND id = :id`,
    { id, deletedAt },
  );
}

export function savePurged(tx: WriteTx, id: string, now: number): void {
  tx.run(
    `UPDATE secret SET deleted_at = coalesce(deleted_at, :now), purged_at = :now, revision = revision + 1
      WHERE workspace = :workspace AND id = :id`,
    { id, now },
  );
}

/** Something beside the row changed: its grants, say. */
export function touchSecret(tx: WriteTx, id: string): void {
  tx.run('UPDATE secret SET revision = revision + 1 WHERE workspace = :workspace AND id = :id', { id });
}

export function countReading(tx: WriteTx, id: string, by: string, now: number): void {
  tx.run(
    `UPDATE secret SET reads = reads + 1, last_read_at = :now, last_read_by = :by, revision = revision + 1
      WHERE workspace = :workspace AND id = :id`,
    { id, by, now },
  );
}

function metadata(secret: Omit<NewSecret, 'fieldNames' | 'parsed'>) {
  return {
    description: secret.description,
    owner: secret.owner,
    tags: JSON.stringify(secret.tags),
    words: [secret.name, secret.description, secret.owner, ...secret.tags].join('\n').toLowerCase(),
    rotationDays: secret.rotationDays,
  };
}

function ofValue(secret: Pick<Secret, 'fieldNames' | 'parsed' | 'expiresAt'>) {
  return {
    fieldNames: JSON.stringify(secret.fieldNames),
    parsed: secret.parsed === null ? null : JSON.stringify(secret.parsed),
    expiresAt: secret.expiresAt,
  };
}

function secretOf(row: Row | undefined): Secret | undefined {
  return row === undefined ? undefined : fromRow(row);
}

function fromRow({ tags, fieldNames, parsed, limited, ...row }: Row): Secret {
  return {
    ...row,
    tags: JSON.parse(tags) as string[],
    fieldNames: JSON.parse(fieldNames) as string[],
    parsed: parsed === null ? null : (JSON.parse(parsed) as KeyMaterial),
    limited: limited === 1,
  };
}

// All SQL of API keys.
import type { EventSigning } from '../../../../src-shared/contract/access.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import type { Position } from './cursor.ts';

export type KeyState = 'active' | 'expired' | 'revoked';

export type StoredKey = {
  readonly id: string;
  readonly workspace: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly event_signing: EventSigning;
  readonly created_at: number;
  readonly created_by: string;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
  readonly last_used_at: number | null;
  readonly last_used_ip: string | null;
};

type KeyRow = Omit<StoredKey, 'scopes'> & { readonly scopes: string };

const columns =
  'id, workspace, name, scopes, event_signing, created_at, created_by, expires_at, revoked_at, last_used_at, last_used_ip';

/** For identification, over all workspaces: the key itself says which. */
export function identifyKey(tx: ReadTx, id: string): (StoredKey & { readonly secret_hash: Uint8Array }) | undefined {
  const row = tx.get<KeyRow & { secret_hash: Uint8Array }>(
    `SELECT ${columns}, secret_hash FROM access_key WHERE id = :id`,
    { id },
  );
  return row === undefined ? undefined : { ...fromRow(row), secret_hash: row.secret_hash };
}

/** The existence look-up over all workspaces (spec 01): id to workspace, nothing else. */
export function workspaceOfKey(tx: ReadTx, id: string): string | undefined {
  return tx.get<{ workspace: string }>('SELECT workspace FROM access_key WHERE id = :id', { id })?.workspace;
}

export function findKey(tx: ReadTx, id: string): StoredKey | undefined {
  const row = tx.get<KeyRow>(`SELECT ${columns} FROM access_key WHERE workspace = :workspace AND id = :id`, { id });
  return row === undefined ? undefined : fromRow(row);
}

/** Newest first, beyond `position`; in one state, or in any when `state` is null. */
export function listKeys(
  tx: ReadTx,
  state: KeyState | null,
  now: number,
  position: Position,
  limit: number,
): StoredKey[] {
  return tx
    .all<KeyRow>(
      `SELECT ${columns} FROM access_key
       WHERE workspace = :workspace AND (created_at, id) < (:at, :id)
         AND (:state IS NULL OR :state =
           CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= :now THEN 'expired' ELSE 'active' END)
       ORDER BY created_at DESC, id DESC LIMIT :limit`,
      { state, now, at: position.at, id: position.id, limit },
    )
    .map(fromRow);
}

/** @param sealedEventSecret null for a key that signs nothing. */
export function insertKey(
  tx: WriteTx,
  key: StoredKey,
  secretHash: Uint8Array,
  sealedEventSecret: Uint8Array | null,
): void {
  tx.run(
    `INSERT INTO access_key (id, workspace, secret_hash, name, scopes, event_signing, sealed_event_secret, created_at, created_by, expires_at)
     VALUES (:id, :workspace, :secret_hash, :name, :scopes, :event_signing, :sealed_event_secret, :created_at, :created_by, :expires_at)`,
    {
      id: key.id,
      secret_hash: secretHash,
      name: key.name,
      scopes: JSON.stringify(key.scopes),
      event_signing: key.event_signing,
      sealed_event_secret: sealedEventSecret,
      created_at: key.created_at,
      created_by: key.created_by,
      expires_at: key.expires_at,
    },
  );
}

export function findSealedEventSecret(tx: ReadTx, id: string): Uint8Array | undefined {
  const row = tx.get<{ sealed: Uint8Array | null }>(
    'SELECT sealed_event_secret AS sealed FROM access_key WHERE workspace = :workspace AND id = :id',
    { id },
  );
  return row?.sealed ?? undefined;
}

/** False when it was revoked before: the first time stays. */
export function revokeKey(tx: WriteTx, id: string, now: number): boolean {
  const changed = tx.run(
    'UPDATE access_key SET revoked_at = :now WHERE workspace = :workspace AND id = :id AND revoked_at IS NULL',
    { id, now },
  );
  return changed === 1;
}

export function touchKey(tx: WriteTx, id: string, at: number, ip: string | null): void {
  tx.run(
    `UPDATE access_key SET last_used_at = :at, last_used_ip = :ip
     WHERE workspace = :workspace AND id = :id AND (last_used_at IS NULL OR last_used_at <= :at)`,
    { id, at, ip },
  );
}

function fromRow({ scopes, ...row }: KeyRow): StoredKey {
  return { ...row, scopes: JSON.parse(scopes) as string[] };
}

// All SQL of users, memberships and sign-in failures.
import { builtInRoles, type RoleName } from '../../../../src-shared/permissions.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import { type Failures, failureMemoryMs } from './back-off.ts';
import { foldUsername, type User } from './user.ts';

type UserRow = { id: string; username: string; password_hash: string; disabled_at: number | null };

const userColumns = 'id, username, password_hash, disabled_at';

export function hasUsers(tx: ReadTx): boolean {
  return tx.get('SELECT 1 AS found FROM access_user LIMIT 1') !== undefined;
}

export function findUserByName(tx: ReadTx, username: string): User | undefined {
  const folded = foldUsername(username);
  return fromRow(tx.get<UserRow>(`SELECT ${userColumns} FROM access_user WHERE folded = :folded`, { folded }));
}

export function findUser(tx: ReadTx, id: string): User | undefined {
  return fromRow(tx.get<UserRow>(`SELECT ${userColumns} FROM access_user WHERE id = :id`, { id }));
}

/** @throws Error when there is no such user: whoever asks holds an id that was once given. */
export function getUser(tx: ReadTx, id: string): User {
  const user = findUser(tx, id);
  if (user === undefined) throw new Error(`there is no user ${id}`);
  return user;
}

function fromRow(row: UserRow | undefined): User | undefined {
  if (row === undefined) return undefined;
  return { id: row.id, username: row.username, passwordHash: row.password_hash, disabledAt: row.disabled_at };
}

export function insertUser(tx: WriteTx, user: User, role: RoleName, now: number): void {
  tx.run(
    `INSERT INTO access_user (id, username, folded, password_hash, created_at, disabled_at)
     VALUES (:id, :username, :folded, :password_hash, :now, NULL)`,
    {
      id: user.id,
      username: user.username,
      folded: foldUsername(user.username),
      password_hash: user.passwordHash,
      now,
    },
  );
  tx.run('INSERT INTO access_member (workspace, user_id, role) VALUES (:workspace, :user_id, :role)', {
    user_id: user.id,
    role,
  });
}

/** The same password in another form: nothing else about the user changes. */
export function rewritePasswordHash(tx: WriteTx, userId: string, passwordHash: string): void {
  tx.run('UPDATE access_user SET password_hash = :password_hash WHERE id = :id', {
    id: userId,
    password_hash: passwordHash,
  });
}

/** The user's role in the transaction's workspace; undefined for somebody who is no member. */
export function findRole(tx: ReadTx, userId: string): RoleName | undefined {
  const row = tx.get<{ role: string }>(
    'SELECT role FROM access_member WHERE workspace = :workspace AND user_id = :user_id',
    { user_id: userId },
  );
  return row === undefined ? undefined : roleNamed(row.role);
}

/** @throws Error for a role that this program doesn't know: guessing its rights would be worse. */
export function roleNamed(name: string): RoleName {
  if (!Object.hasOwn(builtInRoles, name)) throw new Error(`the store names a role ${name} that does not exist`);
  return name as RoleName;
}

export function findFailures(tx: ReadTx, nameHash: Uint8Array): Failures | undefined {
  const row = tx.get<{ count: number; last_at: number; until: number }>(
    'SELECT count, last_at, until FROM access_failure WHERE name_hash = :name_hash',
    { name_hash: nameHash },
  );
  return row === undefined ? undefined : { count: row.count, lastAt: row.last_at, until: row.until };
}

/** Made-up names can be tried without end; this many are remembered, and the ones failed longest ago go first. */
const mostFailures = 100_000;

export function keepFailures(tx: WriteTx, nameHash: Uint8Array, failures: Failures): void {
  tx.run(
    `INSERT INTO access_failure (name_hash, count, last_at, until) VALUES (:name_hash, :count, :last_at, :until)
     ON CONFLICT (name_hash) DO UPDATE SET count = :count, last_at = :last_at, until = :until`,
    { name_hash: nameHash, count: failures.count, last_at: failures.lastAt, until: failures.until },
  );
}

export function forgetFailures(tx: WriteTx, nameHash: Uint8Array): void {
  tx.run('DELETE FROM access_failure WHERE name_hash = :name_hash', { name_hash: nameHash });
}

export function sweepFailures(tx: WriteTx, now: number): void {
  tx.run('DELETE FROM access_failure WHERE last_at <= :before', { before: now - failureMemoryMs });
  tx.run(
    `DELETE FROM access_failure WHERE name_hash IN
       (SELECT name_hash FROM access_failure ORDER BY last_at DESC LIMIT -1 OFFSET :most)`,
    { most: mostFailures },
  );
}

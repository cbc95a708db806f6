// SQL of the grants: whom a secret is limited to.
import type { SecretGrant } from '../../../../src-shared/contract/secrets.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';

export function findGrants(tx: ReadTx, secretId: string): SecretGrant[] {
  return tx
    .all<{ kind: SecretGrant['kind']; subject: string; actions: string }>(
      `SELECT kind, subject, actions FROM secret_grant WHERE workspace = :workspace AND secret_id = :secretId
        ORDER BY kind, subject`,
      { secretId },
    )
    .map((row) => ({ ...row, actions: JSON.parse(row.actions) as SecretGrant['actions'] }));
}

export function replaceGrants(tx: WriteTx, secretId: string, grants: readonly SecretGrant[]): void {
  tx.run('DELETE FROM secret_grant WHERE workspace = :workspace AND secret_id = :secretId', { secretId });
  for (const { kind, subject, actions } of grants) {
    tx.run(
      `INSERT INTO secret_grant (workspace, secret_id, kind, subject, actions)
        VALUES (:workspace, :secretId, :kind, :subject, :actions)`,
      { secretId, kind, subject, actions: JSON.stringify(actions) },
    );
  }
}

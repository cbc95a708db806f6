// SQL of the readings: the last ones of each secret one by one, and all of them counted by who read.
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type Reading = {
  readonly at: number;
  readonly by: { readonly kind: 'user' | 'key'; readonly id: string; readonly name: string };
  readonly version: number;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly via: string;
};

/** Readings kept one by one for each secret; the counters know of the others. */
const mostReadings = 200;

export function keepReading(tx: WriteTx, secretId: string, reading: Reading): void {
  const { kind, id, name } = reading.by;
  tx.run(
    `INSERT INTO secret_read (workspace, secret_id, at, by_kind, by_id, by_name, version, ip_address, user_agent, via)
      VALUES (:workspace, :secretId, :at, :kind, :id, :name, :version, :ipAddress, :userAgent, :via)`,
    {
      secretId,
      kind,
      id,
      name,
      at: reading.at,
      version: reading.version,
      ipAddress: reading.ipAddress,
      userAgent: reading.userAgent,
      via: reading.via,
    },
  );
  tx.run(
    `DELETE FROM secret_read WHERE workspace = :workspace AND secret_id = :secretId AND key <=
      (SELECT key FROM secret_read WHERE workspace = :workspace AND secret_id = :secretId
        ORDER BY key DESC LIMIT 1 OFFSET :most)`,
    { secretId, most: mostReadings },
  );
  tx.run(
    `INSERT INTO secret_consumer (workspace, secret_id, by_kind, by_id, by_name, last_at, reads)
      VALUES (:workspace, :secretId, :kind, :id, :name, :at, 1)
      ON CONFLICT (workspace, secret_id, by_kind, by_id)
        DO UPDATE SET by_name = :name, last_at = :at, reads = reads + 1`,
    { secretId, kind, id, name, at: reading.at },
  );
}

/** Newest first. */
export function findReadings(tx: ReadTx, secretId: string, limit: number): Reading[] {
  return tx
    .all<Omit<Reading, 'by'> & { kind: 'user' | 'key'; id: string; name: string }>(
      `SELECT at, by_kind AS kind, by_id AS id, by_name AS name, version, ip_address AS ipAddress,
          user_agent AS userAgent, via
        FROM secret_read WHERE workspace = :workspace AND secret_id = :secretId ORDER BY key DESC LIMIT :limit`,
      { secretId, limit },
    )
    .map(({ kind, id, name, ...row }) => ({ ...row, by: { kind, id, name } }));
}

export type Consumer = {
  readonly kind: 'user' | 'key';
  readonly name: string;
  readonly lastAt: number;
  readonly reads: number;
};

/** Those who read last come first. */
export function findConsumers(tx: ReadTx, secretId: string, limit: number): Consumer[] {
  return tx.all<Consumer>(
    `SELECT by_kind AS kind, by_name AS name, last_at AS lastAt, reads FROM secret_consumer
      WHERE workspace = :workspace AND secret_id = :secretId ORDER BY last_at DESC, by_name LIMIT :limit`,
    { secretId, limit },
  );
}

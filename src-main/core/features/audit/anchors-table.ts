// SQL of the anchors: what is queued for each, how far each has come, and the receipts that exports carry. Console-wide, like the tree.
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type AnchorRow = {
  readonly name: string;
  readonly anchored_size: number;
  readonly anchored_at: number;
  readonly memo: string | null;
};

export type StoredReceipt = {
  readonly anchor: string;
  readonly size: number;
  readonly received_at: number;
  readonly cosignatures: string | null;
  readonly time_stamp: Uint8Array | null;
};

const hourMs = 3_600_000;

export function queueCheckpoint(tx: WriteTx, anchors: readonly string[], size: number): void {
  for (const anchor of anchors) {
    tx.run('INSERT OR IGNORE INTO audit_anchor_outbox (anchor, size) VALUES (:anchor, :size)', { anchor, size });
  }
}

/** The size to be sent next: the oldest that waits, or the newest alone. */
export function nextQueued(tx: ReadTx, anchor: string, newestOnly: boolean): number | undefined {
  const order = newestOnly ? 'DESC' : 'ASC';
  return tx.get<{ size: number }>(
    `SELECT size FROM audit_anchor_outbox WHERE anchor = :anchor ORDER BY size ${order} LIMIT 1`,
    { anchor },
  )?.size;
}

export function countQueued(tx: ReadTx, anchor: string): number {
  return (
    tx.get<{ n: number }>('SELECT count(*) AS n FROM audit_anchor_outbox WHERE anchor = :anchor', { anchor })?.n ?? 0
  );
}

/** Those before it are covered by it or were sent: nothing older waits any more. */
export function dequeue(tx: WriteTx, anchor: string, upTo: number): void {
  tx.run('DELETE FROM audit_anchor_outbox WHERE anchor = :anchor AND size <= :upTo', { anchor, upTo });
}

/** What waits for anchors that are not configured any more would wait for ever. @returns how many there were. */
export function dequeueAllBut(tx: WriteTx, anchors: readonly string[]): number {
  return tx.run('DELETE FROM audit_anchor_outbox WHERE anchor NOT IN (SELECT value FROM json_each(:anchors))', {
    anchors: JSON.stringify(anchors),
  });
}

export function findAnchor(tx: ReadTx, name: string): AnchorRow | undefined {
  return tx.get<AnchorRow>('SELECT name, anchored_size, anchored_at, memo FROM audit_anchor WHERE name = :name', {
    name,
  });
}

/** Anchors that hold something and are not among `names`: forgotten here. @returns their names */
export function forgetAllBut(tx: WriteTx, names: readonly string[]): string[] {
  const others = 'FROM audit_anchor WHERE name NOT IN (SELECT value FROM json_each(:names))';
  const parameters = { names: JSON.stringify(names) };
  const found = tx.all<{ name: string }>(`SELECT name ${others} ORDER BY name`, parameters).map(({ name }) => name);
  tx.run(`DELETE ${others}`, parameters);
  tx.run('DELETE FROM audit_anchor_stopped WHERE anchor NOT IN (SELECT value FROM json_each(:names))', parameters);
  return found;
}

/** Since when it had failed when an entry said that it stopped. */
export function stoppedSince(tx: ReadTx, anchor: string): number | undefined {
  return tx.get<{ since: number }>('SELECT since FROM audit_anchor_stopped WHERE anchor = :anchor', { anchor })?.since;
}

/** @param since undefined: it works again. */
export function saveStopped(tx: WriteTx, anchor: string, since: number | undefined): void {
  if (since === undefined) tx.run('DELETE FROM audit_anchor_stopped WHERE anchor = :anchor', { anchor });
  else tx.run('INSERT INTO audit_anchor_stopped (anchor, since) VALUES (:anchor, :since)', { anchor, since });
}

export function saveAnchor(tx: WriteTx, row: AnchorRow): void {
  tx.run(
    `INSERT INTO audit_anchor (name, anchored_size, anchored_at, memo) VALUES (:name, :anchored_size, :anchored_at, :memo)
     ON CONFLICT (name) DO UPDATE SET anchored_size = :anchored_size, anchored_at = :anchored_at, memo = :memo`,
    { ...row },
  );
}

/** One an hour is kept of each anchor, its last: enough to say when an entry existed, and little enough for years. */
export function saveReceipt(tx: WriteTx, receipt: StoredReceipt): void {
  tx.run(
    `INSERT OR REPLACE INTO audit_anchor_receipt (anchor, hour, size, received_at, cosignatures, time_stamp)
     VALUES (:anchor, :hour, :size, :received_at, :cosignatures, :time_stamp)`,
    { ...receipt, hour: Math.floor(receipt.received_at / hourMs) },
  );
}

/** Of each anchor the smallest checkpoint with a receipt that covers `seq`, otherwise its largest: their sizes, each once, rising. */
export function receiptSizesFor(tx: ReadTx, seq: number, treeSize: number): number[] {
  return tx
    .all<{ size: number }>(
      `SELECT DISTINCT coalesce(min(CASE WHEN size >= :seq THEN size END), max(size)) AS size
       FROM audit_anchor_receipt WHERE size <= :treeSize GROUP BY anchor ORDER BY size`,
      { seq, treeSize },
    )
    .map(({ size }) => size);
}

export function receiptsAt(tx: ReadTx, size: number): StoredReceipt[] {
  return tx.all<StoredReceipt>(
    'SELECT anchor, size, received_at, cosignatures, time_stamp FROM audit_anchor_receipt WHERE size = :size ORDER BY anchor',
    { size },
  );
}

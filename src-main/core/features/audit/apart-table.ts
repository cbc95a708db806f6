// SQL of the fields that are kept apart: what is about one person, sealed under that person's key. `paths` says which fields of the entry.
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type ApartRow = {
  readonly seq: number;
  readonly subject: string;
  readonly paths: string;
  readonly sealed: Uint8Array;
};

export function insertApart(tx: WriteTx, row: ApartRow): void {
  tx.run(
    `INSERT INTO audit_apart (seq, workspace, subject, paths, sealed)
     VALUES (:seq, :workspace, :subject, :paths, :sealed)`,
    { ...row },
  );
}

export function apartBetween(tx: ReadTx, from: number, to: number): ApartRow[] {
  return tx.all<ApartRow>(
    `SELECT seq, subject, paths, sealed FROM audit_apart
     WHERE workspace = :workspace AND seq >= :from AND seq <= :to ORDER BY seq`,
    { from, to },
  );
}

export type ApartWithLeaf = ApartRow & { readonly leaf: string; readonly body: string };

/** Of all workspaces, for the self-check. */
export function apartAfter(tx: ReadTx, after: number, limit: number): ApartWithLeaf[] {
  return tx.all<ApartWithLeaf>(
    `SELECT a.seq, a.subject, a.paths, a.sealed, b.leaf, b.body FROM audit_apart a JOIN audit_body b ON b.seq = a.seq
     WHERE a.seq > :after ORDER BY a.seq LIMIT :limit`,
    { after, limit },
  );
}

/** Numbers of the entries that are about the subject, newest first. */
export function seqsOfSubject(tx: ReadTx, subject: string, limit: number): number[] {
  return tx
    .all<{ seq: number }>(
      `SELECT seq FROM audit_apart WHERE workspace = :workspace AND subject = :subject ORDER BY seq DESC LIMIT :limit`,
      { subject, limit },
    )
    .map(({ seq }) => seq);
}

export function countOfSubject(tx: ReadTx, subject: string): number {
  return (
    tx.get<{ n: number }>('SELECT count(*) AS n FROM audit_apart WHERE workspace = :workspace AND subject = :subject', {
      subject,
    })?.n ?? 0
  );
}

/** Is there an entry that says so? */
export function erasureRecorded(tx: ReadTx, subject: string): boolean {
  return (
    tx.get(
      `SELECT 1 AS found FROM audit_body
       WHERE event_type = 'erasure' AND json_extract(body, '$.details.subject') = :subject LIMIT 1`,
      { subject },
    ) !== undefined
  );
}

// SQL of the drafts of rules.
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type DraftRow = {
  readonly source: string;
  readonly note: string;
  readonly number: number | null;
  readonly savedAt: number;
};

export function findDraft(tx: ReadTx, owner: string, of: string): DraftRow | undefined {
  return tx.get(
    `SELECT source, note, number, saved_at AS savedAt FROM rule_draft
      WHERE workspace = :workspace AND owner = :owner AND subject = :of`,
    { owner, of },
  );
}

/** Replaces the one before. */
export function keepDraft(tx: WriteTx, owner: string, of: string, row: DraftRow): void {
  tx.run(
    `INSERT INTO rule_draft (workspace, owner, subject, source, note, number, saved_at)
      VALUES (:workspace, :owner, :of, :source, :note, :number, :savedAt)
      ON CONFLICT (workspace, owner, subject)
        DO UPDATE SET source = :source, note = :note, number = :number, saved_at = :savedAt WHERE workspace = :workspace`,
    { owner, of, ...row },
  );
}

export function removeDraft(tx: WriteTx, owner: string, of: string): void {
  tx.run('DELETE FROM rule_draft WHERE workspace = :workspace AND owner = :owner AND subject = :of', { owner, of });
}

/** Keeps the newest so many. */
export function removeOldDrafts(tx: WriteTx, owner: string, most: number): void {
  tx.run(
    `DELETE FROM rule_draft WHERE workspace = :workspace AND owner = :owner AND subject IN
      (SELECT subject FROM rule_draft WHERE workspace = :workspace AND owner = :owner
        ORDER BY saved_at DESC, subject LIMIT -1 OFFSET :most)`,
    { owner, most },
  );
}

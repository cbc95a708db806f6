// SQL of the index's vocabulary.
import type { ReadTx } from '../../store/store.ts';

/** The first term from `from` on, if it begins with `begin`. Of all workspaces: what stands under it is asked for with its workspace. */
export function nextTerm(tx: ReadTx, from: string, begin: string): string | undefined {
  const row = tx.everywhere.get<{ term: string }>(
    'SELECT term FROM event_vocabulary WHERE term >= :from AND term < :below ORDER BY term LIMIT 1',
    { from, below: `${begin}\u{10ffff}` },
  );
  return row?.term;
}

// SQL of the findings that were loaded from scans: only that they were, so that none is loaded twice.
import type { ReadTx, WriteTx } from '../../store/store.ts';

export function wasLoaded(tx: ReadTx, finding: string): boolean {
  return (
    tx.get('SELECT 1 FROM alert_loaded WHERE workspace = :workspace AND finding = :finding', { finding }) !== undefined
  );
}

export function keepLoaded(tx: WriteTx, finding: string): void {
  tx.run('INSERT INTO alert_loaded (workspace, finding) VALUES (:workspace, :finding)', { finding });
}

// Facts about the console itself: its name, who owns it, which steps of set-up are done. All SQL of that table.
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type FactName =
  | 'console_name'
  | 'owner_id'
  | 'second_factor_done'
  | 'recovery_done'
  | 'certificate_done'
  | 'source_done'
  | 'finished'
  | 'stopped_cleanly';

export function findFact(tx: ReadTx, name: FactName): string | undefined {
  return tx.get<{ value: string }>('SELECT value FROM console_fact WHERE name = :name', { name })?.value;
}

export function setFact(tx: WriteTx, name: FactName, value: string, now: number): void {
  tx.run(
    'INSERT INTO console_fact (name, value, at) VALUES (:name, :value, :now) ON CONFLICT (name) DO UPDATE SET value = :value, at = :now',
    { name, value, now },
  );
}

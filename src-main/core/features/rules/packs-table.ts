// SQL of the rule packs.
import type { RulePack } from '../../../../src-shared/contract/rule-packs.ts';
import type { ChosenState } from '../../../../src-shared/contract/rules.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type PackRow = {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly state: ChosenState;
  readonly generation: number;
  readonly digest: string | null;
  readonly signature: RulePack['signature'];
  readonly signer: string | null;
  readonly importedAt: number | null;
  readonly importedBy: string | null;
};

export const builtInPack = 'built-in';
export const ownPack = 'own';

const columns = `id, name, version, state, generation, digest, signature, signer, imported_at AS importedAt,
  imported_by AS importedBy`;

const always: readonly PackRow[] = [
  { id: builtInPack, name: 'Built-in indicators' },
  { id: ownPack, name: 'Own rules' },
].map((one) => ({
  ...one,
  version: '',
  state: 'on',
  generation: 0,
  digest: null,
  signature: 'none',
  signer: null,
  importedAt: null,
  importedBy: null,
}));

/** Those that are always there first, then the imported ones by name. */
export function findPacks(tx: ReadTx): PackRow[] {
  const rows = tx.all<PackRow>(`SELECT ${columns} FROM rule_pack WHERE workspace = :workspace ORDER BY name, id`);
  const known = new Map(rows.map((row) => [row.id, row]));
  const first = always.map((one) => ({ ...one, ...known.get(one.id), name: one.name }));
  return [...first, ...rows.filter(({ id }) => id !== builtInPack && id !== ownPack)];
}

export function findPack(tx: ReadTx, id: string): PackRow | undefined {
  return findPacks(tx).find((pack) => pack.id === id);
}

export function savePack(tx: WriteTx, pack: PackRow): void {
  tx.run(
    `INSERT INTO rule_pack
        (workspace, id, name, version, state, generation, digest, signature, signer, imported_at, imported_by)
      VALUES (:workspace, :id, :name, :version, :state, :generation, :digest, :signature, :signer, :importedAt,
        :importedBy)
      ON CONFLICT (workspace, id) DO UPDATE SET name = excluded.name, version = excluded.version,
        state = excluded.state, generation = excluded.generation, digest = excluded.digest,
        signature = excluded.signature, signer = excluded.signer, imported_at = excluded.imported_at,
        imported_by = excluded.imported_by`,
    { ...pack },
  );
}

export function deletePack(tx: WriteTx, id: string): void {
  tx.run('DELETE FROM rule_pack WHERE workspace = :workspace AND id = :id', { id });
}

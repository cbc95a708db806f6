// SQL of how people see the queue's views.
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type LayoutRow = { readonly view: string; readonly layout: string };

export function findLayouts(tx: ReadTx, owner: string): LayoutRow[] {
  return tx.all(
    'SELECT view, layout FROM alert_view WHERE workspace = :workspace AND owner = :owner AND layout IS NOT NULL ORDER BY view',
    { owner },
  );
}

export function findLastView(tx: ReadTx, owner: string): string | undefined {
  return tx.get<{ view: string }>(
    `SELECT view FROM alert_view WHERE workspace = :workspace AND owner = :owner AND used_at IS NOT NULL
      ORDER BY used_at DESC, view LIMIT 1`,
    { owner },
  )?.view;
}

/** @param layout null: as usual */
export function keepLayout(tx: WriteTx, owner: string, view: string, layout: string | null): void {
  tx.run(
    `INSERT INTO alert_view (workspace, owner, view, layout) VALUES (:workspace, :owner, :view, :layout)
      ON CONFLICT (workspace, owner, view) DO UPDATE SET layout = :layout WHERE workspace = :workspace`,
    { owner, view, layout },
  );
}

export function keepUse(tx: WriteTx, owner: string, view: string, at: number): void {
  tx.run(
    `INSERT INTO alert_view (workspace, owner, view, used_at) VALUES (:workspace, :owner, :view, :at)
      ON CONFLICT (workspace, owner, view) DO UPDATE SET used_at = :at WHERE workspace = :workspace`,
    { owner, view, at },
  );
}

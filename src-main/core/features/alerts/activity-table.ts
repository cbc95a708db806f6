// SQL of what happened to an alert (activity, which only grows) and of what undo needs (the state before each change).
import type { AlertFull } from '../../../../src-shared/contract/alerts.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import type { AlertState } from './alert.ts';

export type ActivityKind = AlertFull['activity'][number]['kind'];

export type Activity = {
  readonly id: string;
  readonly at: number;
  readonly kind: ActivityKind;
  readonly actorKind: string;
  readonly actor: string;
  readonly ipAddress: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly note: string | null;
  readonly changeId: string | null;
};

export function addActivity(tx: WriteTx, alertKey: number, activity: Activity): void {
  tx.run(
    `INSERT INTO alert_activity
        (workspace, alert, id, at, kind, actor_kind, actor, ip_address, from_value, to_value, note, change_id)
      VALUES (:workspace, :alertKey, :id, :at, :kind, :actorKind, :actor, :ipAddress, :from, :to, :note, :changeId)`,
    { alertKey, ...activity },
  );
}

/** Oldest first. */
export function findActivity(tx: ReadTx, alertKey: number): Activity[] {
  return tx.all<Activity>(
    `SELECT id, at, kind, actor_kind AS actorKind, actor, ip_address AS ipAddress, from_value AS "from", to_value AS "to",
        note, change_id AS changeId
      FROM alert_activity WHERE alert = :alertKey AND workspace = :workspace ORDER BY key`,
    { alertKey },
  );
}

/**
 * Lengthens the last activity when that is a run of repeats: a thousand repeats in a row are one line that says from which count to
 * which. @returns false when something else happened last and a new line is due.
 */
export function extendRepeats(tx: WriteTx, alertKey: number, to: string, at: number): boolean {
  return (
    tx.run(
      `UPDATE alert_activity SET to_value = :to, at = :at
        WHERE workspace = :workspace AND kind = 'repeated'
          AND key = (SELECT max(key) FROM alert_activity WHERE alert = :alertKey)`,
      { alertKey, to, at },
    ) > 0
  );
}

export type ChangeItem = {
  readonly alertKey: number;
  readonly before: AlertState;
  /** The alert's state revision that this change made: any other one means that something was built on it. */
  readonly stateRevisionAfter: number;
};

export function addChange(
  tx: WriteTx,
  change: { id: string; at: number; kind: ActivityKind },
  items: readonly ChangeItem[],
): void {
  tx.run('INSERT INTO alert_change (workspace, id, at, kind) VALUES (:workspace, :id, :at, :kind)', change);
  for (const [position, item] of items.entries()) {
    tx.run(
      `INSERT INTO alert_change_item (workspace, change_id, position, alert, state_before, state_revision_after)
        VALUES (:workspace, :changeId, :position, :alertKey, :before, :stateRevisionAfter)`,
      {
        changeId: change.id,
        position,
        alertKey: item.alertKey,
        before: JSON.stringify(item.before),
        stateRevisionAfter: item.stateRevisionAfter,
      },
    );
  }
}

export function findChange(tx: ReadTx, id: string): { at: number; kind: ActivityKind } | undefined {
  return tx.get<{ at: number; kind: ActivityKind }>(
    'SELECT at, kind FROM alert_change WHERE workspace = :workspace AND id = :id',
    { id },
  );
}

/** With the id of each alert, in the order of the change. */
export function findChangeItems(tx: ReadTx, changeId: string): (ChangeItem & { readonly alertId: string })[] {
  return tx
    .all<{ alert: number; id: string; state_before: string; state_revision_after: number }>(
      `SELECT i.alert, a.id, i.state_before, i.state_revision_after
        FROM alert_change_item AS i JOIN alert AS a ON a.key = i.alert AND a.workspace = :workspace
        WHERE i.workspace = :workspace AND i.change_id = :changeId ORDER BY i.position`,
      { changeId },
    )
    .map((row) => ({
      alertKey: row.alert,
      alertId: row.id,
      before: JSON.parse(row.state_before) as AlertState,
      stateRevisionAfter: row.state_revision_after,
    }));
}

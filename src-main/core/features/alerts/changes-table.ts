// SQL of what mirrors read of the alerts: what happened to any of them, in the order it happened, with the alert as it is now.
import type { AlertFull, AlertRow } from '../../../../src-shared/contract/alerts.ts';
import type { ReadTx } from '../../store/store.ts';
import type { ActivityKind } from './activity-table.ts';
import { type RecordRow, recordColumns, recordOf, wireRow } from './alert-record.ts';
import type { DetectorSnapshot } from './raise.ts';

/** An alert and what it rests on, without the content of its events. */
export type AlertSummary = Pick<AlertFull, keyof AlertRow | 'sentence' | 'risk_derivation'> & {
  readonly detector: Omit<AlertFull['detector'], 'false_positives'>;
  readonly events: readonly { readonly id: string; readonly sha256: string }[];
};

export type AlertChange = {
  /** Counts what happened to alerts, of all workspaces. */
  readonly seq: number;
  readonly id: string;
  readonly at: number;
  readonly kind: ActivityKind;
  readonly alert: AlertSummary;
};

const eventsNamed = 100;

type ChangeRow = RecordRow & {
  seq: number;
  change: string;
  at: number;
  kind: ActivityKind;
  sentence: string;
  risk_derivation: string;
  version: string;
  description: string;
  events: string;
};

export function changesAfter(tx: ReadTx, after: number, limit: number): AlertChange[] {
  return tx.everywhere
    .all<ChangeRow>(
      `SELECT c.key AS seq, c.id AS change, c.at, c.kind, ${recordColumns}, a.sentence, a.risk_derivation,
         d.version, d.description,
         (SELECT json_group_array(json_object('id', event_id, 'sha256', sha256)) FROM (
            SELECT event_id, sha256 FROM alert_event WHERE alert = a.key ORDER BY position LIMIT :eventsNamed)) AS events
       FROM alert_activity c JOIN alert a ON a.key = c.alert JOIN alert_detector d ON d.key = a.detector
       WHERE c.key > :after ORDER BY c.key LIMIT :limit`,
      { after, limit, eventsNamed },
    )
    .map((row) => ({ seq: row.seq, id: row.change, at: row.at, kind: row.kind, alert: summaryOf(row) }));
}

export function lastChange(tx: ReadTx): number {
  return tx.everywhere.get<{ seq: number }>('SELECT coalesce(max(key), 0) AS seq FROM alert_activity')?.seq ?? 0;
}

function summaryOf(row: ChangeRow): AlertSummary {
  const { title, description, references, parameters } = JSON.parse(row.description) as DetectorSnapshot;
  return {
    ...wireRow(recordOf(row)),
    sentence: row.sentence,
    risk_derivation: JSON.parse(row.risk_derivation) as AlertFull['risk_derivation'],
    detector: {
      id: row.detector_id,
      title,
      version: row.version,
      description,
      parameters: { ...parameters },
      references: [...references],
    },
    events: JSON.parse(row.events) as { id: string; sha256: string }[],
  };
}

// Alerts that another one keeps quiet: not raised, but counted and kept with their events at the alert that they are kept quiet by.
import type { Output } from '../../../../src-shared/contract/contract.ts';
import { instant } from '../../../base/instants.ts';
import type { Finding } from '../../../engine/finding.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import { touchAlert } from './alerts-table.ts';
import type { EventReference } from './evidence-table.ts';
import {
  addSuppressedEvents,
  findQuiet,
  findQuietedBy,
  findSuppressed,
  insertSuppressed,
  saveSuppressed,
} from './suppression-table.ts';

/**
 * Runs inside the transaction that stores the events: what was kept quiet, and how often, is as durable as they are.
 * @returns the alert that keeps it quiet; undefined where it has to be raised.
 */
export function suppress(
  tx: WriteTx,
  finding: Finding,
  references: () => readonly EventReference[],
  now: number,
): { readonly id: string; readonly number: number } | undefined {
  const { lane } = finding;
  if (lane === undefined) return undefined;
  // One event outside, and it is raised: nothing is kept quiet that no window covers.
  const by = findQuietedBy(tx, lane, lane.firstAtMs, lane.lastAtMs);
  if (by === undefined) return undefined;
  const key = findSuppressed(tx, by.key, finding) ?? insertSuppressed(tx, by.key, finding);
  const added = addSuppressedEvents(tx, key, references());
  if (added > 0) {
    saveSuppressed(tx, key, finding, added);
    touchAlert(tx, by.key, now);
    tx.announce('alerts.changed', by.id, by.revision + 1);
  }
  return by;
}

export function wireQuiet(tx: ReadTx, alertKey: number): Output<'alerts.get'>['suppression'] {
  const quiet = findQuiet(tx, alertKey);
  if (quiet === undefined) return null;
  return {
    values: quiet.values.map(({ field, value }) => ({ field, value })),
    from: instant(quiet.fromAt),
    until: instant(quiet.untilAt),
    ended: quiet.isEnded,
  };
}

// Legal holds as the log's entries place and release them, held against the rows that retention goes by: a hold that was taken away past
// the console would let what it keeps be deleted like anything else that is expired.
import type { EntryBody } from '../../../../src-shared/evidence/entry.ts';
import type { HoldRow } from './pruning-table.ts';

type Placed = { readonly seq: number; readonly released: boolean; readonly details: NonNullable<EntryBody['details']> };

export type HoldFault = { readonly seq: number; readonly detail: string };

export type HoldCheck = {
  /** Entries in their order; all but those about holds are passed over. */
  take(entry: { readonly seq: number; readonly event_type: string; readonly body: string }): void;
  /** @param rows as they were when the walk began */
  conclude(rows: readonly HoldRow[]): HoldFault | undefined;
};

export function createHoldCheck(): HoldCheck {
  const placed = new Map<string, Placed>();
  return {
    take({ seq, event_type, body }) {
      if (event_type !== 'retention_hold') return;
      const { success, resource, details = {} } = JSON.parse(body) as EntryBody;
      if (!success || resource === undefined) return;
      const before = placed.get(resource.id);
      if (details.action === 'place') placed.set(resource.id, { seq, released: false, details });
      else if (before !== undefined) placed.set(resource.id, { ...before, released: true });
    },
    conclude(rows) {
      const kept = new Map(rows.map((row) => [row.id, row]));
      for (const [id, hold] of placed) {
        if (hold.released || isKept(kept.get(id), hold)) continue;
        return { seq: hold.seq, detail: `entry #${hold.seq}: the legal hold that it places is not kept as it says` };
      }
      return undefined;
    },
  };
}

function isKept(row: HoldRow | undefined, { details }: Placed): boolean {
  return (
    row !== undefined &&
    row.released_at === null &&
    row.category === details.category &&
    row.since === instantOf(details.since) &&
    row.until === instantOf(details.until)
  );
}

function instantOf(written: unknown): number | null {
  return typeof written === 'string' ? Date.parse(written) : null;
}

// The log of refused events (spec 05): what a sender got wrong stays to be looked at after its answer is gone. Bounded, so that one who
// sends nothing else fills no disk.
import type { Output } from '../../../../src-shared/contract/contract.ts';
import { defaultLimit } from '../../../../src-shared/contract/values.ts';
import { instant } from '../../../base/instants.ts';
import { parseNumberCursor } from '../../dispatch/number-cursor.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import { addToTotal, findRejections, findTotal, insertRejection, trimRejections } from './rejections-table.ts';

const keptOfBatch = 100;
const keptInAll = 10_000;
const longestText = 2_000;
const longestReason = 1_000;

export type Refused = {
  /** Its place in the batch, from 0, or its line in the file. */
  readonly place: number;
  readonly reason: string;
  readonly text: string | null;
};

/** @param count all that were refused of this batch; of many only the first are kept, and the rest is counted */
export function keepRejections(
  tx: WriteTx,
  from: { readonly at: number; readonly sentBy: string; readonly file: string | null },
  refused: readonly Refused[],
  count = refused.length,
): void {
  if (count === 0) return;
  const kept = refused.slice(0, keptOfBatch);
  for (const [index, { place, reason, text }] of kept.entries()) {
    insertRejection(tx, {
      at: from.at,
      sent_by: cut(from.sentBy, longestReason),
      file: from.file === null ? null : cut(from.file, longestReason),
      place,
      reason: cut(reason, longestReason),
      text: text === null ? null : cut(text, longestText),
      more: index === kept.length - 1 ? count - kept.length : 0,
    });
  }
  addToTotal(tx, count);
  trimRejections(tx, keptInAll);
}

export function listRejections(
  tx: ReadTx,
  { cursor, limit = defaultLimit }: { readonly cursor?: string | undefined; readonly limit?: number | undefined },
): Output<'rejections.list'> {
  const rows = findRejections(tx, parseNumberCursor(cursor) ?? Number.MAX_SAFE_INTEGER, limit + 1);
  const shown = rows.slice(0, limit);
  return {
    items: shown.map(({ seq: _, at, ...row }) => ({ received_at: instant(at), ...row })),
    next_cursor: rows.length > limit ? String(shown.at(-1)?.seq) : null,
    total: findTotal(tx),
  };
}

/** SQLite keeps texts as UTF-8, which half a character has no place in. */
function cut(text: string, most: number): string {
  return (text.length > most ? `${text.slice(0, most)}…` : text).toWellFormed();
}

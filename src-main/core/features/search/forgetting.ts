// Taking events out of the index. Its terms are words of the events: left there, whoever reads the store would still find them.
import type { WriteTx } from '../../store/store.ts';
import { deleteTerms, readIndex, secondOf, setIndex } from './index-table.ts';
import { termsOf } from './index-terms.ts';

export type IndexedEvent = {
  readonly seq: number;
  readonly workspace: string;
  readonly at: number;
  readonly record: string;
  readonly format: string;
};

/** To be called in the transaction that deletes them. Those that are not in the index yet can't be in it afterwards either. */
export function forgetEvents(tx: WriteTx, events: readonly IndexedEvent[]): void {
  const state = readIndex(tx);
  let cut = 0;
  for (const { seq, workspace, at, record, format } of events) {
    if (seq < state.low || seq >= state.high) continue;
    // The index has no content: what an event stands under is made again from its record.
    const { text, isCut } = termsOf({ ...(JSON.parse(record) as Record<string, unknown>), format }, workspace);
    deleteTerms(tx, { second: secondOf(at), seq }, text);
    if (isCut) cut += 1;
  }
  if (cut > 0) setIndex(tx, { ...state, cut: Math.max(0, state.cut - cut) });
}

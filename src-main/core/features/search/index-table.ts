// All SQL of the index. An event's row there is its place: the second it happened in, and its number.
import type { ReadTx, WriteTx } from '../../store/store.ts';
import { expressionFor, type IndexQuestion } from './index-terms.ts';

export type IndexState = {
  /** Events from `low` up to, not including, `high` are in the index. */
  readonly low: number;
  readonly high: number;
  /** Events that have more terms than the index holds of one. */
  readonly cut: number;
};

/** A second, and a number within it. */
export type Place = { readonly second: number; readonly seq: number };

const firstSecond = 0;
/** One less than fits, so that the begin of the next one can be written too. */
const lastSecond = 0xffff_fffe;
/** Half of them, so that a place fits SQLite's signed 64 bits. */
const middle = 0x8000_0000;

/** The second that an event is filed under. Before 1970 and after 2106 all share one: order within is made by whoever reads. */
export function secondOf(at: number): number {
  return Math.min(Math.max(Math.floor(at / 1000), firstSecond), lastSecond);
}

export function readIndex(tx: ReadTx): IndexState {
  const row = tx.everywhere.get<IndexState>('SELECT low, high, cut FROM event_index WHERE one = 1');
  if (row === undefined) throw new Error('the index has lost its state');
  return row;
}

export function setIndex(tx: WriteTx, { low, high, cut }: IndexState): void {
  tx.run('UPDATE event_index SET low = :low, high = :high, cut = :cut WHERE one = 1', { low, high, cut });
}

export function insertTerms(tx: WriteTx, place: Place, terms: string): void {
  tx.run(
    'INSERT INTO event_terms (rowid, terms) VALUES ((CAST(:second AS INTEGER) << 32) | CAST(:seq AS INTEGER), :terms)',
    { second: place.second - middle, seq: place.seq, terms },
  );
}

/** Takes an event out of the index: `terms` must be those that it was put in with. */
export function deleteTerms(tx: WriteTx, place: Place, terms: string): void {
  // At once and wholly. Without this FTS5 notes that they are gone, and they stay in the file until a merge comes by.
  tx.run("INSERT INTO event_terms (event_terms, rank) VALUES ('secure-delete', 1)");
  tx.run(
    `INSERT INTO event_terms (event_terms, rowid, terms)
     VALUES ('delete', (CAST(:second AS INTEGER) << 32) | CAST(:seq AS INTEGER), :terms)`,
    { second: place.second - middle, seq: place.seq, terms },
  );
}

/**
 * Merges segments of the index, about so many pages of them.
 * @returns false when there is nothing to merge.
 */
export function mergeTerms(tx: WriteTx, pages: number): boolean {
  // What FTS5 says of it: fewer than two changed rows is nothing done (sqlite.org/fts5.html, the merge command).
  const before = changedRows(tx);
  tx.run("INSERT INTO event_terms (event_terms, rank) VALUES ('merge', :pages)", { pages });
  return changedRows(tx) - before >= 2;
}

function changedRows(tx: ReadTx): number {
  return tx.everywhere.get<{ rows: number }>('SELECT total_changes() AS rows')?.rows ?? 0;
}

type Range = {
  /** From the begin of this second. */
  readonly from: number;
  /** Up to, not including, this place. */
  readonly to: Place;
};

const inRange = `event_terms MATCH :expression
  AND rowid >= CAST(:from AS INTEGER) << 32 AND rowid < (CAST(:to_second AS INTEGER) << 32) + CAST(:to_seq AS INTEGER)`;

function bind(tx: ReadTx, question: IndexQuestion, { from, to }: Range) {
  return {
    expression: expressionFor(tx.workspace, question),
    from: from - middle,
    to_second: to.second - middle,
    to_seq: to.seq,
  };
}

/** The last places of the range, latest first. */
export function findPlaces(tx: ReadTx, question: IndexQuestion, range: Range, limit: number): Place[] {
  return tx
    .all<Place>(
      `SELECT rowid >> 32 AS second, rowid & 4294967295 AS seq FROM event_terms WHERE ${inRange} ORDER BY rowid DESC LIMIT :limit`,
      { ...bind(tx, question, range), limit },
    )
    .map(({ second, seq }) => ({ second: second + middle, seq }));
}

/** The second of the first or the last place. */
export function findEdge(
  tx: ReadTx,
  question: IndexQuestion,
  range: Range,
  edge: 'first' | 'last',
): number | undefined {
  const order = edge === 'first' ? 'ASC' : 'DESC';
  const row = tx.get<{ second: number }>(
    `SELECT rowid >> 32 AS second FROM event_terms WHERE ${inRange} ORDER BY rowid ${order} LIMIT 1`,
    bind(tx, question, range),
  );
  return row === undefined ? undefined : row.second + middle;
}

export function countPlaces(tx: ReadTx, question: IndexQuestion, range: Range): number {
  const row = tx.get<{ count: number }>(
    `SELECT count(*) AS count FROM event_terms WHERE ${inRange}`,
    bind(tx, question, range),
  );
  return row?.count ?? 0;
}

// The cursor of lists that are ordered newest first: the instant and the id of the last item shown.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { fromBase64Url, toBase64Url, utf8 } from '../../../base/bytes.ts';

export type Position = { readonly at: number; readonly id: string };

/** Before the first item: later than any instant. */
const start: Position = { at: Number.MAX_SAFE_INTEGER, id: '' };

function writeCursor({ at, id }: Position): string {
  return toBase64Url(utf8(`${at}/${id}`));
}

/** @throws ProblemError request/invalid when it is no cursor that this console gave. */
export function readCursor(cursor: string | undefined): Position {
  if (cursor === undefined) return start;
  const text = /^[A-Za-z0-9_-]+$/.test(cursor) ? new TextDecoder().decode(fromBase64Url(cursor)) : '';
  const [, at, id] = text.match(/^([0-9]{1,16})\/([0-9A-Za-z-]{1,40})$/) ?? [];
  if (at === undefined || id === undefined) {
    const message = 'expected the next_cursor of the page before';
    throw new ProblemError('request/invalid', `cursor: ${message}`, { fields: [{ path: 'cursor', message }] });
  }
  return { at: Number(at), id };
}

/** One page of rows that were fetched with one row too many. */
export function pageOf<Row>(rows: readonly Row[], limit: number, position: (row: Row) => Position) {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? writeCursor(position(last)) : null };
}

// Cursors of lists in the order of a number that rises: the number of the last item of the page before.
import { ProblemError } from '../../../src-shared/contract/problems.ts';

/** @throws ProblemError request/invalid for what no answer gave. */
export function parseNumberCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  if (!/^[1-9][0-9]{0,15}$/.test(cursor))
    throw new ProblemError('request/invalid', 'cursor: give back next_cursor as it was answered');
  return Number(cursor);
}

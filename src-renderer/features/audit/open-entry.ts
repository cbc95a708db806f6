// The entry that the address names: one of the list where it is there, else asked for by its number. A link to an old entry opens it.

import { useEffect, useState } from 'react';
import type { AuditEntry } from '../../../src-shared/contract/audit.ts';
import { call } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { formatCount } from '../../lib/numbers.ts';

export interface OpenEntry {
  readonly entry: AuditEntry | undefined;
  /** Why there is none to show. */
  readonly missing: string | undefined;
}

type Fetched = OpenEntry & { readonly seq: number };

const longestSeq = 15;

/** @param isListed the list stands: what is not in it is further down, or not of its conditions */
export function useOpenEntry(written: string | undefined, rows: readonly AuditEntry[], isListed: boolean): OpenEntry {
  const [fetched, setFetched] = useState<Fetched>();
  const seq = written !== undefined && /^[1-9]\d*$/.test(written) && written.length <= longestSeq ? Number(written) : 0;
  const listed = rows.find((row) => row.seq === seq);
  const isAsked = isListed && seq > 0 && listed === undefined;
  useEffect(() => {
    if (!isAsked) return;
    const stop = new AbortController();
    const tell = (entry: AuditEntry | undefined, missing?: string) => setFetched({ seq, entry, missing });
    call('audit.entries', { from_seq: seq, to_seq: seq, limit: 1 }, { signal: stop.signal }).then(
      ({ items: [entry] }) =>
        tell(entry, entry === undefined ? `The log that you may see holds no entry #${formatCount(seq)}.` : undefined),
      (error: unknown) => {
        if (!isAborted(error)) tell(undefined, failureWords(error));
      },
    );
    return () => stop.abort();
  }, [isAsked, seq]);
  if (written === undefined) return { entry: undefined, missing: undefined };
  if (seq === 0) return { entry: undefined, missing: 'An entry is named by its number, such as #/audit/45009.' };
  if (listed !== undefined) return { entry: listed, missing: undefined };
  return fetched?.seq === seq ? fetched : { entry: undefined, missing: undefined };
}

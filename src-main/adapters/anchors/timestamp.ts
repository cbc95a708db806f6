// A time-stamp authority (RFC 3161 over HTTP, section 3.4): a third party's word for when a checkpoint existed at the latest. It keeps
// nothing; the receipt is ours to keep, and goes into bundles.
import { parseNote } from '../../../src-shared/evidence/signed-note.ts';
import type { Certificate } from '../../../src-shared/evidence/stamps/certificate.ts';
import { TimeStampError, timeStampRequest, verifyTimeStamp } from '../../../src-shared/evidence/stamps/time-stamp.ts';
import { utf8 } from '../../base/bytes.ts';
import { sha256 } from '../../base/hashes.ts';
import { nodeStamps } from '../../base/stamp-primitives.ts';
import { type Anchor, AnchorFault } from '../../core/features/audit/index.ts';
import type { Randomness } from '../../core/ports.ts';
import { type AnchorLine, statusFault } from './anchor-request.ts';

export type TimestampParts = {
  readonly address: string;
  /** CAs that its certificate must lead to. */
  readonly authorities: readonly Certificate[];
  readonly everyMs: number;
  readonly random: Randomness;
  readonly line: AnchorLine;
};

const nonceBytes = 8;

export function createTimestampAnchor({ address, authorities, everyMs, random, line }: TimestampParts): Anchor {
  const url = new URL(address);
  return {
    name: `time stamp ${url.host}`,
    kind: 'timestamp',
    newestOnly: true,
    everyMs,
    async publish({ note }, _memo, signal) {
      // The text alone: signature lines of witnesses may be added to the note later, and the root in the text fixes the whole log.
      const digest = sha256(utf8(parseNote(note).text));
      const nonce = random.bytes(nonceBytes);
      const answer = await line({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
        body: timeStampRequest(digest, nonce),
        signal,
      });
      if (answer.status !== 200) throw statusFault(url, answer);
      try {
        verifyTimeStamp(nodeStamps, answer.body, digest, authorities, nonce);
      } catch (cause) {
        if (!(cause instanceof TimeStampError)) throw cause;
        throw new AnchorFault(`the time stamp of ${url.host} is not accepted: ${cause.message}`, { cause });
      }
      return { timeStamp: new Uint8Array(answer.body) };
    },
  };
}

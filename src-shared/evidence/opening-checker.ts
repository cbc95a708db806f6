// The commitments of one entry and the fields that it opens, compared over the file's own bytes. It serves one entry after the other
// with the same buffers: see entry-reader.ts, whose time is mostly spent here.

import { encodeUtf8 } from './bytes.ts';
import { type CanonicalReader, KeyOrder, textOfString } from './canonical-reader.ts';
import { COMMITMENT_LABEL, SALT_BYTES } from './entry.ts';
import { isFieldPathAt } from './field-path.ts';
import { copyBytes, HashInput } from './hash-input.ts';
import { HASH_BYTES } from './merkle.ts';
import type { Primitives } from './primitives.ts';
import { printable } from './verdict.ts';

const LABEL = encodeUtf8(COMMITMENT_LABEL);

export type OpeningFault = 'field-unknown' | 'field-altered';

export class OpeningChecker {
  /** How many commitments the entry has. */
  commitments = 0;
  private readonly primitives: Primitives;
  private readonly reader: CanonicalReader;
  // Values of the commitments one after the other, and where their paths stand in the file.
  private stated = new Uint8Array(16 * HASH_BYTES);
  private readonly pathStarts: number[] = [];
  private readonly pathEnds: number[] = [];
  private readonly salt = new Uint8Array(SALT_BYTES);
  private readonly digest = new Uint8Array(HASH_BYTES);
  private readonly input = new HashInput();

  constructor(primitives: Primitives, reader: CanonicalReader) {
    this.primitives = primitives;
    this.reader = reader;
    this.input.bytes.set(LABEL);
  }

  /** Consumes the object of commitments; throws FormatError. */
  readCommitments(): void {
    const { reader } = this;
    this.commitments = 0;
    reader.literal('{');
    if (reader.take('}')) return;
    const order = new KeyOrder(reader);
    do {
      reader.string();
      order.next();
      this.refuseOther(reader.stringStart, reader.stringEnd);
      const at = this.commitments++;
      this.pathStarts[at] = reader.stringStart;
      this.pathEnds[at] = reader.stringEnd;
      reader.literal(':');
      if (this.commitments * HASH_BYTES > this.stated.length) this.stated = enlarged(this.stated);
      reader.base64Url(HASH_BYTES, this.stated, at * HASH_BYTES);
    } while (reader.take(','));
    reader.literal('}');
  }

  /**
   * Consumes the object of openings and answers how many there are; `report` hears of each that is not what the entry commits to,
   * with its path. Throws FormatError.
   */
  readOpenings(report: (fault: OpeningFault, path: string) => void): number {
    const { reader } = this;
    let opened = 0;
    let commitment = 0;
    reader.literal('{');
    if (reader.take('}')) return 0;
    const order = new KeyOrder(reader);
    do {
      reader.string();
      order.next();
      const { stringStart: pathStart, stringEnd: pathEnd, stringIsPlain: plain } = reader;
      reader.literal(':{"salt":');
      reader.base64Url(SALT_BYTES, this.salt, 0);
      reader.literal(',"value":');
      const valueStart = reader.at;
      reader.value();
      const valueEnd = reader.at;
      reader.literal('}');
      opened++;
      // Both lists are in the same order, so one walk through the commitments serves all openings.
      while (commitment < this.commitments && !this.isPath(commitment, pathStart, pathEnd)) commitment++;
      if (commitment === this.commitments) {
        report('field-unknown', textOfString(reader.bytes, pathStart, pathEnd));
      } else if (!this.isCommitted(commitment, pathStart, pathEnd, plain, valueStart, valueEnd)) {
        report('field-altered', textOfString(reader.bytes, pathStart, pathEnd));
      }
    } while (reader.take(','));
    reader.literal('}');
    return opened;
  }

  private refuseOther(start: number, end: number): void {
    const { reader } = this;
    // A path that holds a zero byte could be read as a shorter path and another salt.
    const isField = isFieldPathAt(reader.bytes, start, end) && (reader.stringIsPlain || !reader.text().includes('\0'));
    if (!isField)
      throw reader.refusal(`a commitment to ${printable(reader.text())}, a field that entries do not have`, start);
  }

  private isPath(commitment: number, start: number, end: number): boolean {
    const { bytes } = this.reader;
    const from = this.pathStarts[commitment] ?? 0;
    if ((this.pathEnds[commitment] ?? 0) - from !== end - start) return false;
    for (let i = 0; i < end - start; i++) if (bytes[from + i] !== bytes[start + i]) return false;
    return true;
  }

  // See commit() in entry.ts: the same bytes, put together without building strings.
  private isCommitted(
    commitment: number,
    pathStart: number,
    pathEnd: number,
    plain: boolean,
    valueStart: number,
    valueEnd: number,
  ): boolean {
    const { bytes } = this.reader;
    this.input.reserve(LABEL.length + (pathEnd - pathStart) + 1 + SALT_BYTES + valueEnd - valueStart);
    const { digest, stated } = this;
    const input = this.input.bytes;
    let end: number;
    if (plain) end = copyBytes(bytes, pathStart, pathEnd, input, LABEL.length);
    else {
      const path = encodeUtf8(textOfString(bytes, pathStart, pathEnd));
      // A path with a zero byte could be read as a shorter path and another salt.
      if (path.includes(0)) return false;
      end = copyBytes(path, 0, path.length, input, LABEL.length);
    }
    input[end++] = 0;
    end = copyBytes(this.salt, 0, SALT_BYTES, input, end);
    end = copyBytes(bytes, valueStart, valueEnd, input, end);
    this.primitives.sha256Into(this.input.upTo(end), digest, 0);
    const from = commitment * HASH_BYTES;
    for (let i = 0; i < HASH_BYTES; i++) if (digest[i] !== stated[from + i]) return false;
    return true;
  }
}

/** A copy with room for twice as much. */
export function enlarged(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(2 * bytes.length);
  larger.set(bytes);
  return larger;
}

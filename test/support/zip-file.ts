// Builds zip archives for tests, in each of the ways in which an entry can be written.
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Not deflated. */
  readonly stored?: boolean;
  /** Sizes and checksum come after the data, as streaming writers do. */
  readonly descriptor?: boolean;
}

export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, stored = false, descriptor = false } of entries) {
    const data = stored ? Buffer.from(bytes) : deflateRawSync(bytes);
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(descriptor ? 8 : 0, 2);
    head.writeUInt16LE(stored ? 0 : 8, 4);
    const sums = Buffer.alloc(12);
    sums.writeUInt32LE(crc32(bytes), 0);
    sums.writeUInt32LE(data.length, 4);
    sums.writeUInt32LE(bytes.length, 8);
    if (!descriptor) sums.copy(head, 10);
    head.writeUInt16LE(Buffer.byteLength(name), 22);
    const whole = [Buffer.from('PK\x03\x04'), head, Buffer.from(name), data];
    if (descriptor) whole.push(Buffer.from('PK\x07\x08'), sums);
    sums.copy(head, 10);
    const listed = Buffer.alloc(46);
    listed.write('PK\x01\x02', 0, 'latin1');
    head.copy(listed, 6, 0, 24);
    listed.writeUInt32LE(offset, 42);
    directory.push(Buffer.concat([listed, Buffer.from(name)]));
    if (!descriptor) parts.push(...whole);
    else {
      // The header in the file keeps its zeros.
      const written = Buffer.from(head);
      written.fill(0, 10, 22);
      parts.push(Buffer.from('PK\x03\x04'), written, ...whole.slice(2));
    }
    offset += whole.reduce((sum, part) => sum + part.length, 0);
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, listing, end]);
}

// Builds small Windows event logs (EVTX) for tests: one template a chunk, as Windows writes them, and any damage on top.
import { crc32 } from 'node:zlib';

const ticks1601 = 116_444_736_000_000_000n;

export interface EvtxRecord {
  readonly id: number;
  readonly timeMs: number;
  readonly eventId: number;
  readonly computer: string;
  readonly channel: string;
  readonly data: Readonly<Record<string, string>>;
}

class Bytes {
  readonly buffer = Buffer.alloc(65_536);
  at = 512;

  u8(...values: number[]): void {
    for (const value of values) this.at = this.buffer.writeUInt8(value, this.at);
  }
  u16(...values: number[]): void {
    for (const value of values) this.at = this.buffer.writeUInt16LE(value, this.at);
  }
  u32(value: number): number {
    const place = this.at;
    this.at = this.buffer.writeUInt32LE(value, this.at);
    return place;
  }
  u64(value: bigint): void {
    this.at = this.buffer.writeBigUInt64LE(value, this.at);
  }
  text(text: string): void {
    this.at += this.buffer.write(text, this.at, 'utf16le');
  }
}

/** Writes names inline where they are used first, by their offset afterwards. */
function namer(out: Bytes): (name: string) => void {
  const known = new Map<string, number>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) {
      out.u32(before);
      return;
    }
    const offset = out.at + 4;
    known.set(name, offset);
    out.u32(offset);
    out.u32(0);
    out.u16(0, name.length);
    out.text(name);
    out.u16(0);
  };
}

function element(
  out: Bytes,
  name: (text: string) => void,
  tag: string,
  attributes: readonly (() => void)[],
  inner?: () => void,
): void {
  out.u8(attributes.length > 0 ? 0x41 : 0x01);
  out.u16(0xffff);
  out.u32(0);
  name(tag);
  if (attributes.length > 0) {
    out.u32(0);
    for (const attribute of attributes) attribute();
  }
  if (inner === undefined) {
    out.u8(0x03);
    return;
  }
  out.u8(0x02);
  inner();
  out.u8(0x04);
}

/** A chunk whose records share one template with the fields of the first. */
export function evtxChunk(records: readonly EvtxRecord[]): Buffer {
  const out = new Bytes();
  const name = namer(out);
  const fields = Object.keys(records[0]?.data ?? {});
  const value = (index: number, type: number) => (): void => {
    out.u8(0x0e);
    out.u16(index);
    out.u8(type);
  };
  const attribute = (tag: string, content: () => void) => (): void => {
    out.u8(0x46);
    name(tag);
    content();
  };
  const literal = (text: string) => (): void => {
    out.u8(0x05, 0x01);
    out.u16(text.length);
    out.text(text);
  };
  let template: number | undefined;
  for (const record of records) {
    const start = out.at;
    out.u32(0x00002a2a);
    const size = out.u32(0);
    out.u64(BigInt(record.id));
    out.u64(BigInt(record.timeMs) * 10_000n + ticks1601);
    out.u8(0x0f, 1, 1, 0, 0x0c, 1);
    out.u32(7);
    out.u32(template ?? out.at + 4);
    if (template === undefined) {
      template = out.at;
      out.u32(0);
      for (let part = 0; part < 4; part++) out.u32(7);
      const length = out.u32(0);
      const from = out.at;
      out.u8(0x0f, 1, 1, 0);
      element(out, name, 'Event', [], () => {
        element(out, name, 'System', [], () => {
          element(out, name, 'EventID', [], value(0, 6));
          element(out, name, 'TimeCreated', [attribute('SystemTime', value(1, 17))]);
          element(out, name, 'Channel', [], value(2, 1));
          element(out, name, 'Computer', [], value(3, 1));
        });
        element(out, name, 'EventData', [], () => {
          fields.forEach((field, at) => {
            element(out, name, 'Data', [attribute('Name', literal(field))], value(4 + at, 1));
          });
        });
      });
      out.u8(0x00);
      out.buffer.writeUInt32LE(out.at - from, length);
    }
    const texts = [record.channel, record.computer, ...fields.map((field) => record.data[field] ?? '')];
    out.u32(2 + texts.length);
    out.u16(2, 6, 8, 17);
    for (const text of texts) out.u16(text.length * 2, 1);
    out.u16(record.eventId);
    out.u64(BigInt(record.timeMs) * 10_000n + ticks1601);
    for (const text of texts) out.text(text);
    out.u32(out.at + 4 - start);
    out.buffer.writeUInt32LE(out.at - start, size);
  }
  out.buffer.write('ElfChnk\0', 0, 'latin1');
  out.buffer.writeUInt32LE(128, 40);
  out.buffer.writeUInt32LE(out.at, 48);
  sealChunk(out.buffer);
  return out.buffer;
}

/** Makes the checksums fit what is there. */
export function sealChunk(chunk: Buffer): void {
  chunk.writeUInt32LE(crc32(chunk.subarray(512, chunk.readUInt32LE(48))), 52);
  chunk.writeUInt32LE(crc32(chunk.subarray(128, 512), crc32(chunk.subarray(0, 120))), 124);
}

export function evtxFile(chunks: readonly Uint8Array[], { dirty = false }: { dirty?: boolean } = {}): Buffer {
  const header = Buffer.alloc(4096);
  header.write('ElfFile\0', 0, 'latin1');
  header.writeUInt32LE(128, 32);
  header.writeUInt16LE(1, 36);
  header.writeUInt16LE(3, 38);
  header.writeUInt16LE(4096, 40);
  header.writeUInt16LE(chunks.length, 42);
  header.writeUInt32LE(dirty ? 1 : 0, 120);
  header.writeUInt32LE(crc32(header.subarray(0, 120)), 124);
  return Buffer.concat([header, ...chunks]);
}

/** `count` failed logons, a second apart. */
export function failedLogons(count: number, firstId = 1, user = 'alice'): EvtxRecord[] {
  return Array.from({ length: count }, (_, at) => ({
    id: firstId + at,
    timeMs: Date.UTC(2026, 10, 21, 8) + (firstId + at) * 1000,
    eventId: 4625,
    computer: 'dc01.example.org',
    channel: 'Security',
    data: { TargetUserName: user, IpAddress: '203.0.113.7', Status: '0xc000006d' },
  }));
}

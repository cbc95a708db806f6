// What passes through unpacking: zstd and UTF-16, alone and inside one another, however the bytes are cut; damage and bombs are refused.
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnpackError } from '../../../src-main/core/features/events/inflater.ts';
import { createUnpacker, isPacked } from '../../../src-main/core/features/events/unpack.ts';
import { zipOf } from '../../support/zip-file.ts';

async function unpacked(bytes: Uint8Array, step = 65_536): Promise<string> {
  const unpacker = createUnpacker();
  const parts: Uint8Array[] = [];
  try {
    for (let from = 0; from < bytes.length; from += step)
      for await (const piece of unpacker.push(bytes.subarray(from, from + step)))
        if (piece.kind === 'bytes') parts.push(piece.bytes.slice());
    for await (const piece of unpacker.end()) if (piece.kind === 'bytes') parts.push(piece.bytes.slice());
  } finally {
    unpacker.destroy();
  }
  return Buffer.concat(parts).toString('utf8');
}

const log = 'Nov 21 10:00:00 web-1 sshd[1]: Failed password for größe 😀\n'.repeat(2_000);
const little = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
const big = (text: string) => little(text).swap16();

describe('zstd', () => {
  it('is unpacked, in one frame or several, inside gzip and zip, and with skippable frames', async () => {
    const packed = zstdCompressSync(log);
    expect(isPacked(packed)).toBe(true);
    expect(await unpacked(packed)).toBe(log);
    expect(await unpacked(packed, 7)).toBe(log);
    expect(await unpacked(Buffer.concat([packed, packed]))).toBe(log + log);
    expect(await unpacked(gzipSync(packed))).toBe(log);
    expect(await unpacked(zipOf([{ name: 'a.zst', bytes: packed }]))).toBe(log);
    const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    expect(await unpacked(Buffer.concat([skipped, packed]))).toBe(log);
  });

  it('that is cut off or damaged is refused', async () => {
    const packed = zstdCompressSync(log, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
    for (const length of [5, 20, packed.length - 1])
      await expect(unpacked(packed.subarray(0, length))).rejects.toThrow('the zstd data is damaged or cut off');
    const changed = Buffer.from(packed);
    changed[changed.length - 2] = (changed[changed.length - 2] ?? 0) ^ 1;
    await expect(unpacked(changed)).rejects.toThrow(UnpackError);
  });

  it('that asks for much memory, and a bomb, are refused before they take it', async () => {
    // A frame header (RFC 8878 3.1.1.1) with a window of 2 GiB, and a raw block of one byte.
    const window = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x09, 0x00, 0x00, 0x41]);
    await expect(unpacked(window)).rejects.toThrow('needs more than 32 MiB of memory');
    const bomb = zstdCompressSync(Buffer.alloc(512 * 1_048_576));
    expect(bomb.length).toBeLessThan(100_000);
    const before = process.memoryUsage().rss;
    await expect(unpacked(bomb)).rejects.toThrow('the file unpacks to more than 200 times its size');
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1_048_576);
  });

  it('packed more than three times is refused', async () => {
    let packed: Uint8Array = Buffer.from(log);
    for (let times = 0; times < 4; times++) packed = zstdCompressSync(packed);
    await expect(unpacked(packed)).rejects.toThrow('packed more than 3 times');
  });

  it('any change of its bytes ends with text or a refusal, however it is cut', { timeout: 60_000 }, async () => {
    const packed = zstdCompressSync('a line\n'.repeat(50));
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: packed.length - 1 }),
        fc.nat({ max: 255 }),
        fc.integer({ min: 1, max: 40 }),
        async (at, byte, step) => {
          const changed = Buffer.from(packed);
          changed[at] = byte;
          const outcome = (cut: number) =>
            unpacked(changed, cut).catch((error: unknown) => {
              if (!(error instanceof UnpackError)) throw error;
              return error.message;
            });
          expect(await outcome(step)).toBe(await outcome(packed.length));
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('UTF-16', () => {
  it('with a byte order mark becomes UTF-8, also packed', async () => {
    expect(isPacked(little(log))).toBe(true);
    expect(await unpacked(little(log))).toBe(log);
    expect(await unpacked(big(log))).toBe(log);
    expect(await unpacked(gzipSync(big(log)))).toBe(log);
    expect(await unpacked(zipOf([{ name: 'a.log', bytes: little(log) }]))).toBe(log);
    expect(await unpacked(little(''))).toBe('');
  });

  it('of any text, cut anywhere, is what it was; halves and odd bytes become U+FFFD', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        async (text, step) => {
          for (const bytes of [little(text), big(text)]) expect(await unpacked(bytes, step)).toBe(text.toWellFormed());
          expect(await unpacked(Buffer.concat([little(text), Buffer.from([0x62])]), step)).toBe(
            `${text.toWellFormed()}\ufffd`,
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});

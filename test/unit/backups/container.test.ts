// Backup files: what is written comes back; whatever is done to the bytes is found and named, with the key and without it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBackupFile, readContainer } from '../../../src-main/adapters/backups/container-reader.ts';
import { sha256Hex } from '../../../src-main/base/hashes.ts';
import { layoutOf } from '../../../src-main/core/features/backups/chunks.ts';
import { BackupCancelled, BackupDamaged } from '../../../src-main/core/features/backups/damage.ts';
import { createSample, type Sample } from './sample-backup.ts';

/** Reads `bytes` as a backup. @returns the code of what is wrong, or undefined. */
async function faultOf(
  sample: Sample,
  bytes: Uint8Array,
  { key = sample.dataKey, signer = sample.signer }: { key?: Uint8Array | null; signer?: Uint8Array } = {},
): Promise<string | undefined> {
  const path = join(sample.folder, 'changed.ghbackup');
  writeFileSync(path, bytes);
  try {
    using file = openBackupFile(path);
    await readContainer(file, {
      dataKey: key ?? undefined,
      signers: [signer],
      progress: () => undefined,
      cancelled: () => false,
    });
    return undefined;
  } catch (error) {
    if (error instanceof BackupDamaged) return error.code;
    throw error;
  }
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

describe.each([{ encrypted: true }, { encrypted: false }])('encrypted: $encrypted', ({ encrypted }) => {
  let sample: Sample;
  beforeAll(async () => {
    sample = await createSample({ encrypted });
  });
  afterAll(() => sample[Symbol.dispose]());

  const records = (): { start: number; end: number; record: (index: number) => Uint8Array } => {
    const length = sample.bytes.byteLength;
    const headerLength = 12 + new DataView(sample.bytes.buffer).getUint32(8);
    const layout = layoutOf(sample.header, headerLength);
    expect(length).toBeGreaterThan(layout.end);
    const size = layout.chunkBytes + layout.trailer;
    return {
      start: layout.start,
      end: layout.end,
      record: (index) =>
        sample.bytes.slice(layout.start + index * size, Math.min(layout.start + (index + 1) * size, layout.end)),
    };
  };

  test('what was written comes back, with the digest of the file', async () => {
    using file = openBackupFile(sample.path);
    const target = join(sample.folder, 'back.db');
    const seen: number[] = [];
    const read = await readContainer(file, {
      dataKey: sample.dataKey,
      signers: [sample.signer],
      target,
      progress: (done) => void seen.push(done),
      cancelled: () => false,
    });
    expect(new Uint8Array(readFileSync(target))).toEqual(sample.content);
    expect(read.sha256).toBe(sha256Hex(sample.bytes));
    expect(file.parsed.header).toEqual(sample.header);
    expect(seen).toEqual([512, 1_024, 1_300]);
  });

  test('the content does not stand in the file unless it was asked for', async () => {
    expect(Buffer.from(sample.bytes).includes(Buffer.from(sample.content.subarray(0, 64)))).toBe(!encrypted);
  });

  test('every single flipped bit is found', async () => {
    const seen = new Set<string | undefined>();
    for (let at = 0; at < sample.bytes.byteLength; at++) {
      const fault = await faultOf(sample, flipped(sample.bytes, at));
      if (fault === undefined) expect.fail(`byte ${at} was changed and nobody noticed`);
      seen.add(fault);
    }
    for (const code of ['not_a_backup', 'header', 'chunk', 'manifest', 'signature']) expect(seen).toContain(code);
  });

  test('without the key every single flipped bit is found too: by digest and signature', async () => {
    for (let at = 0; at < sample.bytes.byteLength; at += 13) {
      expect(await faultOf(sample, flipped(sample.bytes, at), { key: null }), `byte ${at}`).toBeDefined();
    }
  });

  test('cut off anywhere: the end is missing', async () => {
    for (let length = 0; length < sample.bytes.byteLength; length++) {
      expect(await faultOf(sample, sample.bytes.slice(0, length)), `${length} bytes`).toBe('truncated');
    }
  });

  test('bytes after the end are found', async () => {
    expect(await faultOf(sample, joined(sample.bytes, new Uint8Array(1)))).toBe('appended');
    expect(await faultOf(sample, joined(sample.bytes, sample.bytes))).toBe('appended');
  });

  test('chunks exchanged, doubled or left out are named as such', async () => {
    const { start, end, record } = records();
    const head = sample.bytes.slice(0, start);
    const tail = sample.bytes.slice(end);
    expect(await faultOf(sample, joined(head, record(1), record(0), record(2), tail))).toBe('order');
    expect(await faultOf(sample, joined(head, record(0), record(0), record(2), tail))).toBe('order');
    expect(await faultOf(sample, joined(head, record(1), record(1), record(2), tail))).toBe('order');
    expect(await faultOf(sample, joined(head, record(0), record(2), tail))).toMatch(/^(truncated|order|chunk)$/);
    expect(await faultOf(sample, joined(head, record(1), record(2), tail))).toBe('order');
    // Left out at the end, and the gap filled with something of the right length.
    expect(
      await faultOf(sample, joined(head, record(0), record(1), record(0).slice(0, record(2).byteLength), tail)),
    ).toBe('chunk');
    // All there, and one more between.
    expect(await faultOf(sample, joined(head, record(0), record(1), record(1), record(2), tail))).toBe('chunk');
  });

  test('a chunk of another backup does not fit, even under the same key', async () => {
    const other = await sample.rewrite('other.ghbackup', (header) => ({
      ...header,
      created_at: '2026-11-21T15:00:00.000Z',
    }));
    const { start, end } = records();
    expect(
      await faultOf(sample, joined(sample.bytes.slice(0, start), other.slice(start, end), sample.bytes.slice(end))),
    ).toBe('chunk');
  });

  test('a header that shortens the content does not hide the rest', async () => {
    const shorter = await sample.rewrite('shorter.ghbackup', (header) => ({
      ...header,
      files: [{ name: 'store.db', size_bytes: 512 }],
    }));
    // As written it is a backup of its own; its header in front of our chunks is not.
    expect(await faultOf(sample, shorter)).toBeUndefined();
    const { start } = records();
    const length = 12 + new DataView(shorter.buffer).getUint32(8);
    expect(await faultOf(sample, joined(shorter.slice(0, length), sample.bytes.slice(start)))).toMatch(
      /^(chunk|order)$/,
    );
  });

  test('signed by another key, it is not from this console', async () => {
    expect(await faultOf(sample, sample.bytes, { signer: new Uint8Array(32).fill(9) })).toBe('signature');
  });

  test('cancelled between two chunks', async () => {
    using file = openBackupFile(sample.path);
    let chunks = 0;
    const request = {
      dataKey: sample.dataKey,
      signers: [],
      progress: () => {
        chunks += 1;
      },
      cancelled: () => chunks === 1,
    };
    await expect(readContainer(file, request)).rejects.toThrow(BackupCancelled);
  });
});

test('content of whole chunks, of one chunk and of less', async () => {
  for (const size of [512, 1_024, 1_023, 1_025]) {
    using sample = await createSample({ size });
    expect(await faultOf(sample, sample.bytes), `${size} bytes`).toBeUndefined();
    expect(await faultOf(sample, sample.bytes.slice(0, -1)), `${size} bytes`).toBe('truncated');
  }
});

test('without the key a plain backup still tells which chunk was moved', async () => {
  using sample = await createSample({ encrypted: false });
  const start = 12 + new DataView(sample.bytes.buffer).getUint32(8);
  const record = (index: number): Uint8Array => sample.bytes.slice(start + index * 544, start + (index + 1) * 544);
  const swapped = joined(sample.bytes.slice(0, start), record(1), record(0), sample.bytes.slice(start + 2 * 544));
  expect(await faultOf(sample, swapped, { key: null })).toBe('order');
});

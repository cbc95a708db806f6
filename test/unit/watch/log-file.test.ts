// A packed log against its plain bytes: from any place, in any order of places, and after its path is gone.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLog, readPiece } from '../../../src-main/shells/watch/log-file.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plain = Buffer.from(Array.from({ length: 30_000 }, (_, n) => `line ${n} ${'x'.repeat(n % 40)}\n`).join(''));

function placed(bytes: Uint8Array): string {
  const path = join(folder, 'auth.log.1.gz');
  writeFileSync(path, bytes);
  return path;
}

test('any place of a packed log is read as of the plain one', async () => {
  const path = placed(gzipSync(plain));
  const place = fc.record({ offset: fc.nat(plain.length + 1_000), length: fc.integer({ min: 1, max: 400_000 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(place, { minLength: 1, maxLength: 6 }), async (places) => {
      await using log = await openLog(path);
      if (log === undefined) throw new Error('not opened');
      expect(log.head).toEqual(plain.subarray(0, 65_536));
      for (const { offset, length } of places) {
        const read = await log.read(offset, length);
        expect(plain.subarray(offset, offset + length).equals(read)).toBe(true);
      }
    }),
    { numRuns: 40 },
  );
});

test('from beginning to end in pieces, each unpacked once, though its path is gone and another file has its name', async () => {
  const path = placed(gzipSync(plain));
  await using log = await openLog(path);
  if (log === undefined) throw new Error('not opened');
  rmSync(path);
  placed(gzipSync('something else\n'));
  const parts: Uint8Array[] = [];
  for (let offset = 0; ; ) {
    const piece = await readPiece(log, offset, 10_000);
    if (piece === undefined || piece.bytes.length === 0) break;
    parts.push(Buffer.from(piece.bytes));
    offset += piece.bytes.length;
  }
  expect(Buffer.concat(parts).equals(plain)).toBe(true);
});

test('one that is still being written is told by the code of its error, wherever it ends', async () => {
  const packed = gzipSync(plain);
  for (const length of [12, 400, packed.length >> 1, packed.length - 1]) {
    const path = placed(packed.subarray(0, length));
    const reading = (async () => {
      await using log = await openLog(path);
      await log?.read(plain.length - 1, 2);
    })();
    await expect(reading, `${length} bytes`).rejects.toMatchObject({ code: 'Z_BUF_ERROR' });
  }
  await expect(openLog(placed(Buffer.concat([packed.subarray(0, 10), Buffer.alloc(500, 0xff)])))).rejects.toMatchObject(
    { code: 'Z_DATA_ERROR' },
  );
});

test.skipIf(process.platform === 'win32')('a named pipe is no log, and nobody is waited for', async () => {
  const pipe = join(folder, 'pipe.log');
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
  expect(await openLog(pipe)).toBeUndefined();
});

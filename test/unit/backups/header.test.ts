// The head of a backup comes from whoever gave us the file: hostile numbers and shapes are refused before they cost anything.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBackupFile, readContainer } from '../../../src-main/adapters/backups/container-reader.ts';
import { concatBytes, utf8 } from '../../../src-main/base/bytes.ts';
import { BackupDamaged, NewerBackup } from '../../../src-main/core/features/backups/damage.ts';
import {
  type BackupHeader,
  formatHeader,
  magic,
  parseHeader,
  parsePrelude,
} from '../../../src-main/core/features/backups/header.ts';
import { readManifest } from '../../../src-main/core/features/backups/manifest.ts';
import { canonicalize } from '../../../src-shared/evidence/canonical-json.ts';
import { createSample, type Sample } from './sample-backup.ts';

let sample: Sample;
beforeAll(async () => {
  sample = await createSample({ passphrase: 'correct horse battery' });
});
afterAll(() => sample[Symbol.dispose]());

function framed(json: Uint8Array, length = json.byteLength): Uint8Array {
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, length);
  return concatBytes(magic, size, json);
}

function refusal(bytes: Uint8Array): string | undefined {
  try {
    parsePrelude(bytes);
    parseHeader(bytes);
    return undefined;
  } catch (error) {
    if (error instanceof BackupDamaged) return error.code;
    if (error instanceof NewerBackup) return 'newer';
    throw error;
  }
}

function changed(change: (header: BackupHeader) => unknown): string | undefined {
  return refusal(framed(utf8(canonicalize(change(structuredClone(sample.header))))));
}

test('what was written is read again', () => {
  expect(parseHeader(formatHeader(sample.header)).header).toEqual(sample.header);
});

test('lengths beyond all sense are refused before anything is read', () => {
  for (const length of [0, 256 * 1024 + 1, 0xffff_ffff])
    expect(refusal(framed(new Uint8Array(8), length))).toBe('header');
});

test('a later format is told apart from damage', () => {
  expect(changed((header) => ({ ...header, version: 2, something: 'new' }))).toBe('newer');
  expect(changed((header) => ({ ...header, version: 0 }))).toBe('header');
});

test('another spelling of the same header is refused', () => {
  expect(refusal(framed(utf8(JSON.stringify(sample.header))))).toBe('header');
  expect(refusal(framed(utf8(` ${canonicalize(sample.header)}`)))).toBe('header');
  const doubled = canonicalize(sample.header).replace('{', '{"audit":null,');
  expect(refusal(framed(utf8(doubled)))).toBe('header');
});

test('numbers that would cost memory, disk or days are refused', () => {
  const passphrase = (change: object) => (header: BackupHeader) => ({
    ...header,
    keys: { ...header.keys, passphrase: { ...header.keys.passphrase, ...change } },
  });
  expect(changed(passphrase({ memory_kib: 1_048_576 }))).toBe('header');
  expect(changed(passphrase({ time: 1_000 }))).toBe('header');
  expect(changed(passphrase({ parallelism: 200 }))).toBe('header');
  expect(changed((header) => ({ ...header, chunk_bytes: 2 ** 31 }))).toBe('header');
  expect(changed((header) => ({ ...header, chunk_bytes: 1 }))).toBe('header');
  expect(changed((header) => ({ ...header, chunk_bytes: 0 }))).toBe('header');
  expect(changed((header) => ({ ...header, files: [{ name: 'store.db', size_bytes: 2 ** 52 }] }))).toBe('header');
  expect(changed((header) => ({ ...header, files: [{ name: 'store.db', size_bytes: -1 }] }))).toBe('header');
  const file = JSON.parse(sample.header.keys.file) as Record<string, unknown>;
  const dear = {
    ...file,
    passphrase: { salt: 'AAAA', memory_kib: 1_048_576, time: 64, parallelism: 16, master: 'AAAA' },
  };
  expect(changed((header) => ({ ...header, keys: { ...header.keys, file: JSON.stringify(dear) } }))).toBe('header');
});

test('a passphrase that Argon2 would not take is refused before it is asked for', () => {
  const file = JSON.parse(sample.header.keys.file) as Record<string, unknown>;
  const derived = { salt: 'AAAAAAAAAAAAAAAAAAAAAA==', memory_kib: 32, time: 1, parallelism: 4 };
  const ofBackup = (change: object) => (header: BackupHeader) => ({
    ...header,
    keys: { ...header.keys, passphrase: { ...derived, wrapped: 'AAAA', ...change } },
  });
  const ofConsole = (change: object) => (header: BackupHeader) => ({
    ...header,
    keys: { ...header.keys, file: JSON.stringify({ ...file, passphrase: { ...derived, master: 'AAAA', ...change } }) },
  });
  for (const change of [{ salt: '' }, { salt: 'AAAA' }, { memory_kib: 31 }]) {
    expect(changed(ofBackup(change))).toBe('header');
    expect(changed(ofConsole(change))).toBe('header');
  }
  expect(changed(ofBackup({}))).toBeUndefined();
  expect(changed(ofConsole({}))).toBeUndefined();
});

test('shapes that do not belong are refused', () => {
  expect(changed((header) => ({ ...header, files: [{ name: '../../etc/passwd', size_bytes: 512 }] }))).toBe('header');
  expect(changed((header) => ({ ...header, files: [] }))).toBe('header');
  expect(changed((header) => ({ ...header, files: [...header.files, ...header.files] }))).toBe('header');
  expect(changed((header) => ({ ...header, extra: true }))).toBe('header');
  expect(changed((header) => ({ ...header, signer: 'somebody' }))).toBe('header');
  expect(changed((header) => ({ ...header, audit: { size: 3, root: 'AA==', checkpoint: 'no note' } }))).toBe('header');
  expect(changed((header) => ({ ...header, audit: { ...header.audit, size: 4 } }))).toBe('header');
  expect(changed((header) => ({ ...header, encryption: { algorithm: 'AES-256-GCM', nonce_prefix: 'AAAA' } }))).toBe(
    'header',
  );
  expect(changed((header) => ({ ...header, instance_id: '0192f0c4-7d1e-7c3a-8f00-000000000002' }))).toBe('header');
  expect(refusal(framed(utf8(`${'['.repeat(2_000)}${']'.repeat(2_000)}`)))).toBe('header');
  expect(refusal(framed(new Uint8Array([0xff, 0xfe, 0x00])))).toBe('header');
});

test('a header that promises more than the file holds is refused at once', async () => {
  const huge = formatHeader({ ...sample.header, files: [{ name: 'store.db', size_bytes: 2 ** 40 }] });
  const path = join(sample.folder, 'huge.ghbackup');
  writeFileSync(path, huge);
  using file = openBackupFile(path);
  const request = { dataKey: sample.dataKey, signers: [], progress: () => undefined, cancelled: () => false };
  await expect(readContainer(file, request)).rejects.toThrow(/its end is missing/);
});

test('any bytes at all: an answer of ours, never a crash', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, withMagic) => {
      expect(refusal(withMagic ? framed(bytes) : bytes)).toMatch(/^(not_a_backup|header)$/);
    }),
    { numRuns: 500 },
  );
});

test('any JSON at all as header or manifest: an answer of ours', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (json) => {
      expect(refusal(framed(utf8(json)))).toMatch(/^(header|newer)$/);
      expect(() => readManifest(utf8(json), sample.header.signer, [])).toThrow(BackupDamaged);
    }),
    { numRuns: 300 },
  );
});

test('any one field set to anything: refused, or understood as exactly what it says', () => {
  const names = Object.keys(sample.header) as (keyof BackupHeader)[];
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.jsonValue(), (name, value) => {
      const header = { ...sample.header, [name]: value };
      let text: string;
      try {
        text = canonicalize(header);
      } catch {
        // Not every JSON value has a canonical form.
        return;
      }
      const outcome = refusal(framed(utf8(text)));
      if (outcome === undefined) expect(canonicalize(parseHeader(framed(utf8(text))).header)).toBe(text);
      else expect(outcome).toMatch(/^(header|newer)$/);
    }),
    { numRuns: 300 },
  );
});

// Rule files out of folders and archives: what real tools pack is read, and whatever else comes is refused in words.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readRuleFiles } from '../../../src-main/adapters/files/rule-archive.ts';
import { RuleArchiveError, untar, unzip } from '../../../src-main/core/features/rules/rule-archive.ts';
import { temporaryFolder } from '../../support/stores.ts';

/** More than the 100 bytes of the oldest format's name, and two parts that it can be cut into. */
const longName = `${'folder-'.repeat(10)}/${'rule-'.repeat(15)}`;

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder, 'repo-1a2b3c4/rules/linux'), { recursive: true });
  mkdirSync(join(folder, 'repo-1a2b3c4/.git'));
  mkdirSync(join(folder, 'repo-1a2b3c4/rules/linux', longName.split('/')[0] ?? ''));
  writeFileSync(join(folder, 'repo-1a2b3c4/rules/linux/a.yml'), 'title: a\n');
  writeFileSync(join(folder, `repo-1a2b3c4/rules/linux/${longName}.yml`), 'title: long\n');
  writeFileSync(join(folder, 'repo-1a2b3c4/rules/ünï.yaml'), 'title: ü\n');
  writeFileSync(join(folder, 'repo-1a2b3c4/rules/README.md'), 'no rule');
  writeFileSync(join(folder, 'repo-1a2b3c4/.git/x.yml'), 'no rule');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const expected = [
  { path: 'rules/linux/a.yml', text: 'title: a\n' },
  { path: `rules/linux/${longName}.yml`, text: 'title: long\n' },
  { path: 'rules/ünï.yaml', text: 'title: ü\n' },
];

it('reads a checkout, and what tar makes of it in each of its formats', () => {
  expect(readRuleFiles(join(folder, 'repo-1a2b3c4'))).toEqual(expected);
  for (const format of ['gnu', 'pax', 'ustar']) {
    const path = join(folder, `${format}.tar.gz`);
    execFileSync('tar', [`--format=${format}`, '-czf', path, '-C', folder, 'repo-1a2b3c4']);
    expect([format, readRuleFiles(path)]).toEqual([format, expected]);
  }
});

it('reads stored and deflated entries of a zip', () => {
  for (const method of [0, 8] as const) {
    const path = join(folder, 'x.zip');
    writeFileSync(
      path,
      zip(
        expected.map((file) => ({ ...file, path: `repo-main/${file.path}` })),
        method,
      ),
    );
    expect(readRuleFiles(path)).toEqual(expected);
  }
});

it('follows no links, and takes no name that leads out', () => {
  symlinkSync('/etc/passwd', join(folder, 'repo-1a2b3c4/rules/passwd.yml'));
  expect(readRuleFiles(join(folder, 'repo-1a2b3c4'))).toEqual(expected);
  const names = ['../x.yml', '/../../x.yml', 'a/../../x.yml', '.ssh/x.yml', 'a\\..\\x.yml'];
  expect(
    unzip(
      zip(
        names.map((path) => ({ path, text: 'x' })),
        0,
      ),
    ),
  ).toEqual([]);
  expect(unzip(zip([{ path: '/abs/x.yml', text: 'x' }], 8))).toEqual([{ path: 'abs/x.yml', text: 'x' }]);
});

it('refuses archives that unpack to too much, are cut off, or are none', () => {
  const bomb = join(folder, 'bomb.tar.gz');
  writeFileSync(bomb, gzipSync(Buffer.alloc(600 * 1_048_576), { level: 1 }));
  expect(() => readRuleFiles(bomb)).toThrow(RuleArchiveError);
  const large = zip([{ path: 'x.yml', text: 'x'.repeat(3_000_000) }], 8);
  expect(() => unzip(large)).toThrow('larger than 1 MiB');
  // The size that the directory states is a claim.
  const lying = Buffer.from(large);
  lying.writeUInt32LE(10, lying.length - 22 - 46 - 'x.yml'.length + 24);
  expect(() => unzip(lying)).toThrow('damaged, or larger than 1 MiB');
  expect(() => unzip(large.subarray(0, 1000))).toThrow(RuleArchiveError);
  const latin = join(folder, 'latin.yml');
  writeFileSync(latin, Buffer.from([0x74, 0xe9]));
  expect(() => readRuleFiles(latin)).toThrow('is not UTF-8');
  expect(() => readRuleFiles(join(folder, 'repo-1a2b3c4/rules/README.md'))).toThrow('is no rule file');
});

it('answers any bytes with files or with a refusal', () => {
  const good = zip(expected, 8);
  const tar = Buffer.alloc(1536);
  tar.write('a.yml');
  tar.write('00000000003', 124);
  tar.write('0', 156);
  tar.write('abc', 512);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
      fc.nat(1535),
      fc.uint8Array({ maxLength: 600 }),
      (changes, at, bytes) => {
        const changedZip = Buffer.from(good);
        for (const [place, value] of changes) changedZip[place] = value;
        const changedTar = Buffer.from(tar);
        changedTar.set(bytes.subarray(0, 1536 - at), at);
        for (const [read, input] of [
          [unzip, changedZip],
          [untar, changedTar],
          [unzip, Buffer.from(bytes)],
          [untar, Buffer.from(bytes)],
        ] as const) {
          try {
            for (const { path } of read(input)) expect(path.split('/')).not.toContain('..');
          } catch (error) {
            expect(error).toBeInstanceOf(RuleArchiveError);
          }
        }
      },
    ),
    { numRuns: 500 },
  );
});

function zip(files: readonly { path: string; text: string }[], method: 0 | 8): Buffer {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const { path, text } of files) {
    const name = Buffer.from(path);
    const plain = Buffer.from(text);
    const packed = method === 0 ? plain : deflateRawSync(plain);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50);
    local.writeUInt16LE(method, 8);
    local.writeUInt32LE(crc32(plain), 14);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt32LE(plain.length, 22);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(crc32(plain), 16);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(plain.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    locals.push(local, name, packed);
    entries.push(entry, name);
    offset += 30 + name.length + packed.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

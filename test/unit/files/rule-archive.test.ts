// Rule files out of folders and archives: what real tools pack is read, and whatever else comes is refused in words.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readRuleFiles } from '../../../src-main/adapters/files/rule-archive.ts';
import {
  largestRuleFile,
  RuleArchiveError,
  readRuleArchive,
  untar,
  unzip,
} from '../../../src-main/core/features/rules/rule-archive.ts';
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

const files = [
  { path: 'rules/linux/a.yml', text: 'title: a\n' },
  { path: `rules/linux/${longName}.yml`, text: 'title: long\n' },
  { path: 'rules/ünï.yaml', text: 'title: ü\n' },
];
const expected = { files, unreadable: [] };

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
        files.map((file) => ({ ...file, path: `repo-main/${file.path}` })),
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
  ).toEqual({
    files: [],
    unreadable: ['…/x.yml', '…/…/x.yml', 'a/…/…/x.yml', 'a/…/x.yml'].map((path) => ({
      path,
      reason: 'its path leads out of the archive',
    })),
  });
  expect(unzip(zip([{ path: '/abs/x.yml', text: 'x' }], 8)).files).toEqual([{ path: 'abs/x.yml', text: 'x' }]);
});

it('refuses archives that unpack to too much, are cut off, or are none', () => {
  const bomb = join(folder, 'bomb.tar.gz');
  writeFileSync(bomb, gzipSync(Buffer.alloc(600 * 1_048_576), { level: 1 }));
  expect(() => readRuleFiles(bomb)).toThrow(RuleArchiveError);
  const large = zip([{ path: 'x.yml', text: 'x'.repeat(3_000_000) }], 8);
  expect(() => unzip(large.subarray(0, 1000))).toThrow(RuleArchiveError);
  expect(() => readRuleFiles(join(folder, 'repo-1a2b3c4/rules/README.md'))).toThrow('is no rule file');
});

it('names each file that can be no rule with the reason, and takes the others, wherever they come from', () => {
  const rules = join(folder, 'repo-1a2b3c4/rules');
  writeFileSync(join(rules, 'latin.yml'), Buffer.from([0x74, 0xe9]));
  writeFileSync(join(rules, 'large.yml'), 'x'.repeat(largestRuleFile + 1));
  writeFileSync(join(rules, 'most.yml'), 'x'.repeat(largestRuleFile));
  const wanted = {
    files: [...files.slice(0, 2), { path: 'rules/most.yml', text: 'x'.repeat(largestRuleFile) }, ...files.slice(2)],
    unreadable: [
      { path: 'rules/large.yml', reason: 'larger than 1 MiB' },
      { path: 'rules/latin.yml', reason: 'not UTF-8 text' },
    ],
  };
  expect(readRuleFiles(join(folder, 'repo-1a2b3c4'))).toEqual(wanted);
  execFileSync('tar', ['-czf', join(folder, 'x.tar.gz'), '-C', folder, 'repo-1a2b3c4']);
  expect(readRuleFiles(join(folder, 'x.tar.gz'))).toEqual(wanted);
  const latin = { path: 'latin.yml', text: Buffer.from([0x74, 0xe9]) };
  for (const method of [0, 8] as const) {
    const large = { path: 'large.yml', text: 'x'.repeat(largestRuleFile + 1) };
    expect(unzip(zip([large, latin, { path: 'a.yml', text: 'title: a\n' }], method))).toEqual({
      files: [{ path: 'a.yml', text: 'title: a\n' }],
      unreadable: [
        { path: 'large.yml', reason: 'larger than 1 MiB' },
        { path: 'latin.yml', reason: 'not UTF-8 text' },
      ],
    });
  }
  expect(readRuleFiles(join(rules, 'latin.yml'))).toEqual({
    files: [],
    unreadable: [{ path: 'latin.yml', reason: 'not UTF-8 text' }],
  });
});

it('names what is wrong with one entry of a zip, whatever its directory claims', () => {
  const good = { path: 'good.yml', text: 'title: g\n' };
  const whole = zip([{ path: 'x.yml', text: 'x'.repeat(3_000_000) }, good], 8);
  const entry = whole.length - 22 - 46 - good.path.length - 46 - 'x.yml'.length;
  const reasonOf = (change: (archive: Buffer) => void): string | undefined => {
    const archive = Buffer.from(whole);
    change(archive);
    const { files: taken, unreadable } = unzip(archive);
    expect(taken).toEqual([good]);
    return unreadable[0]?.reason;
  };
  expect(reasonOf(() => undefined)).toBe('larger than 1 MiB');
  expect(reasonOf((archive) => archive.writeUInt32LE(10, entry + 24))).toBe('damaged, or larger than 1 MiB');
  const small = (archive: Buffer): void => void archive.writeUInt32LE(10, entry + 24);
  expect(
    reasonOf((archive) => {
      small(archive);
      archive.writeUInt16LE(1, entry + 8);
    }),
  ).toBe('encrypted');
  expect(
    reasonOf((archive) => {
      small(archive);
      archive.writeUInt16LE(9, entry + 10);
    }),
  ).toBe('packed in a way that is not known (9)');
  expect(
    reasonOf((archive) => {
      small(archive);
      archive.writeUInt32LE(0x7fffffff, entry + 20);
    }),
  ).toBe('cut off');
});

it('refuses an archive of entries that all unpack to too much, after what it may cost', async () => {
  const one = { path: 'x.yml', text: 'x'.repeat(largestRuleFile + 1) };
  const archive = zip(Array<typeof one>(20).fill(one), 8);
  // Each says that it is small.
  const entry = 46 + one.path.length;
  for (let at = archive.length - 22 - 20 * entry; at < archive.length - 22; at += entry)
    archive.writeUInt32LE(10, at + 24);
  const read = (most: number) => readRuleArchive('x.zip', archive, most, async () => undefined);
  await expect(read(16 * 1_048_576)).rejects.toThrow('the archive unpacks to too much');
  expect((await read(32 * 1_048_576)).unreadable).toHaveLength(20);
});

it('answers any bytes with files or with a refusal', () => {
  const good = zip(files, 8);
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
            const { files: taken, unreadable } = read(input);
            for (const { path } of [...taken, ...unreadable]) expect(path.split('/')).not.toContain('..');
          } catch (error) {
            expect(error).toBeInstanceOf(RuleArchiveError);
          }
        }
      },
    ),
    { numRuns: 500 },
  );
});

function zip(entriesOf: readonly { path: string; text: string | Buffer }[], method: 0 | 8): Buffer {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const { path, text } of entriesOf) {
    const name = Buffer.from(path);
    const plain = typeof text === 'string' ? Buffer.from(text) : text;
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
  end.writeUInt16LE(entriesOf.length, 8);
  end.writeUInt16LE(entriesOf.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

// Rule files out of the bytes of a zip or a gzipped tar, such as the archive that a forge makes of a rule repository. Archives come from
// outside: bounded in size and number, no path is used for anything but a name. One file that can't be read is named and the others are
// taken; what is too much as a whole is refused as a whole. Reading paths is the files' adapter's part.
import { gunzip, inflateRawSync } from 'node:zlib';
import { inWords } from '../../../../src-shared/contract/issue-words.ts';
import { rulePath } from '../../../../src-shared/contract/rule-packs.ts';
import type { PackContent, PackFile, UnreadableFile } from '../../../../src-shared/rule-pack-file.ts';

/** Nothing of what stands there can be read as rules; the message says why. */
export class RuleArchiveError extends Error {
  override readonly name = 'RuleArchiveError';
}

export const largestRuleFile = 1_048_576;
const mostRuleFiles = 100_000;
const largestUnpacked = 512 * 1_048_576;
/** Deflate makes at most this many bytes of one. */
const deflateFold = 1032;
const filesAtOnce = 50;
const longestPathShown = 400;

/**
 * The rule files of an archive, or the one rule that it is, with pauses in between.
 * @param name what messages call it, and by its ending what a single rule is told by.
 * @param most bytes that it may unpack to. @throws RuleArchiveError
 */
export async function readRuleArchive(
  name: string,
  bytes: Buffer,
  most: number,
  breathe: () => Promise<void>,
): Promise<PackContent> {
  const steps = isGzip(bytes)
    ? untarSteps(await unpackGzip(name, bytes, most))
    : isZip(bytes)
      ? unzipSteps(bytes, most)
      : undefined;
  if (steps === undefined) return withUsablePaths(singleRule(name, bytes));
  let step = steps.next();
  for (let count = 1; step.done !== true; count++) {
    if (count % filesAtOnce === 0) await breathe();
    step = steps.next();
  }
  return withUsablePaths(arrange(step.value));
}

/** Those that no pack may have are listed with what can not be read. */
function withUsablePaths({ files, unreadable }: PackContent): PackContent {
  const problemOf = (path: string): string | undefined =>
    rulePath.safeParse(path, { error: inWords }).error?.issues[0]?.message;
  const wrong = files.flatMap(({ path }) => {
    const reason = problemOf(path);
    return reason === undefined ? [] : [{ path: path.slice(0, longestPathShown), reason }];
  });
  if (wrong.length === 0) return { files, unreadable };
  return { files: files.filter(({ path }) => problemOf(path) === undefined), unreadable: [...unreadable, ...wrong] };
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

/** @throws RuleArchiveError when it isn't one by its name. */
export function singleRule(name: string, bytes: Uint8Array): PackContent {
  const path = name.split(/[\\/]/).at(-1) ?? name;
  if (!isRulePath(path)) throw new RuleArchiveError(`${name} is no rule file (.yml), folder, zip or .tar.gz`);
  const content = createContent(name);
  content.add(path, () => bytes);
  return content.found;
}

/** In the order of their paths, without the folder that a forge puts around them. */
export function arrange({ files, unreadable }: PackContent): PackContent {
  const top = topOf([...files, ...unreadable]);
  const place = <File extends { readonly path: string }>(list: readonly File[]): File[] =>
    list
      .map((file) => ({ ...file, path: file.path.slice(top) }))
      .sort((left, right) => (left.path < right.path ? -1 : 1));
  return { files: place(files), unreadable: place(unreadable) };
}

/** Why one file can't be read; the others can. */
export class RuleFileError extends Error {
  override readonly name = 'RuleFileError';
}

export function tooLarge(): RuleFileError {
  return new RuleFileError('larger than 1 MiB');
}

/** Nothing is ever written by such a name; but whoever packed it meant to, and the rule in it is not used. */
export function strayedFile(): RuleFileError {
  return new RuleFileError('its path leads out of the archive');
}

export type RuleContent = {
  readonly found: PackContent;
  /** @param read may throw RuleFileError. @throws RuleArchiveError for too many files; whatever else `read` throws */
  add(path: string, read: () => Uint8Array): void;
};

/** Takes in one file after the other; one that is no rule's text is kept with the reason. @param name what messages call the whole. */
export function createContent(name: string): RuleContent {
  const files: PackFile[] = [];
  const unreadable: UnreadableFile[] = [];
  return {
    found: { files, unreadable },
    add(path, read) {
      if (files.length + unreadable.length >= mostRuleFiles)
        throw new RuleArchiveError(`${name} holds more than ${mostRuleFiles} rule files`);
      try {
        const bytes = read();
        if (bytes.byteLength > largestRuleFile) throw tooLarge();
        files.push({ path, text: decodeRule(bytes) });
      } catch (error) {
        if (!(error instanceof RuleFileError)) throw error;
        unreadable.push({ path: path.slice(0, longestPathShown), reason: error.message });
      }
    },
  };
}

function unpackGzip(name: string, bytes: Buffer, most: number): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    gunzip(bytes, { maxOutputLength: most }, (cause, unpacked) =>
      cause === null ? resolve(unpacked) : reject(damagedGzip(name, most, cause)),
    ),
  );
}

export function damagedGzip(name: string, most: number, cause: unknown): RuleArchiveError {
  return new RuleArchiveError(`${name} is damaged, or unpacks to more than ${most / 1_048_576} MiB`, { cause });
}

export function untar(archive: Buffer): PackContent {
  return finish(untarSteps(archive));
}

export function unzip(archive: Buffer): PackContent {
  return finish(unzipSteps(archive, largestUnpacked));
}

function finish<T>(steps: Generator<void, T>): T {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** POSIX ustar with the extensions for long names of GNU tar and pax (what `git archive` writes). */
function* untarSteps(archive: Buffer): Generator<void, PackContent> {
  const content = createContent('the archive');
  let longName: string | undefined;
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const size = Number.parseInt(field(archive, at + 124, 12), 8);
    const type = field(archive, at + 156, 1);
    if (!(size >= 0) || at + 512 + size > archive.length) throw new RuleArchiveError('the tar archive is damaged');
    const data = archive.subarray(at + 512, at + 512 + size);
    const prefix = field(archive, at + 345, 155);
    const own = field(archive, at, 100);
    const name = longName ?? (prefix === '' ? own : `${prefix}/${own}`);
    longName = undefined;
    if (type === 'L') longName = data.toString('utf8').split('\0')[0];
    else if (type === 'x') longName = /(?:^|\n)\d{1,6} path=([^\n]*)\n/.exec(data.toString('utf8'))?.[1];
    else if (type === '0' || type === '') add(content, name, () => data);
    yield;
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return content.found;
}

function field(archive: Buffer, from: number, length: number): string {
  return (
    archive
      .toString('utf8', from, from + length)
      .split('\0')[0]
      ?.trim() ?? ''
  );
}

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;
const localHeader = 0x04034b50;

/** Stored and deflated entries; no zip64, no encryption. */
function* unzipSteps(archive: Buffer, most: number): Generator<void, PackContent> {
  const end = findEnd(archive);
  let at = archive.readUInt32LE(end + 16);
  const count = archive.readUInt16LE(end + 10);
  const content = createContent('the archive');
  let unpacked = 0;
  function spend(bytes: number): void {
    unpacked += bytes;
    if (unpacked > most) throw new RuleArchiveError('the archive unpacks to too much');
  }
  for (let n = 0; n < count; n++) {
    need(archive, at, 46, directoryEntry);
    const flags = archive.readUInt16LE(at + 8);
    const method = archive.readUInt16LE(at + 10);
    const packedSize = archive.readUInt32LE(at + 20);
    const size = archive.readUInt32LE(at + 24);
    const nameLength = archive.readUInt16LE(at + 28);
    const offset = archive.readUInt32LE(at + 42);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    add(content, name, () => {
      if (size > largestRuleFile) throw tooLarge();
      if ((flags & 1) !== 0) throw new RuleFileError('encrypted');
      need(archive, offset, 30, localHeader);
      const start = offset + 30 + archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28);
      if (start + packedSize > archive.length) throw new RuleFileError('cut off');
      const packed = archive.subarray(start, start + packedSize);
      if (method === 0) {
        spend(packed.length);
        return packed;
      }
      if (method !== 8) throw new RuleFileError(`packed in a way that is not known (${method})`);
      // SECURITY: what fails is paid for too, by what it can have cost: otherwise an archive of failures had no limit.
      let cost = Math.min(largestRuleFile, packed.length * deflateFold);
      try {
        const plain = inflate(packed);
        cost = plain.length;
        return plain;
      } finally {
        spend(cost);
      }
    });
    yield;
  }
  return content.found;
}

function findEnd(archive: Buffer): number {
  for (let at = archive.length - 22; at >= 0 && at >= archive.length - 65_557; at--)
    if (archive.readUInt32LE(at) === endOfDirectory) return at;
  throw new RuleArchiveError('the zip archive is damaged or cut off');
}

function need(archive: Buffer, at: number, length: number, signature: number): void {
  if (at + length > archive.length || archive.readUInt32LE(at) !== signature)
    throw new RuleArchiveError('the zip archive is damaged');
}

function inflate(packed: Buffer): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: largestRuleFile });
  } catch (cause) {
    throw new RuleFileError('damaged, or larger than 1 MiB', { cause });
  }
}

function add(content: RuleContent, name: string, read: () => Uint8Array): void {
  const path = name.replaceAll('\\', '/').replace(/^(?:\.?\/)+/, '');
  const parts = path.split('/');
  if (!isRulePath(path)) return;
  if (parts.includes('..')) {
    // SECURITY: what is listed is no path that leads anywhere either.
    content.add(path.replaceAll('..', '…'), () => {
      throw strayedFile();
    });
  } else if (!parts.some((part) => part.startsWith('.'))) content.add(path, read);
}

export function isRulePath(path: string): boolean {
  return /\.ya?ml$/i.test(path);
}

function decodeRule(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new RuleFileError('not UTF-8 text', { cause });
  }
}

/**
 * Forges put everything in one folder named after the revision: the same file shall have the same path in the next one.
 * @returns how many characters of each path that folder is.
 */
function topOf(files: readonly { readonly path: string }[]): number {
  const top = files[0]?.path.split('/')[0];
  const isOne = files.length > 1 && files.every(({ path }) => path.includes('/') && path.split('/')[0] === top);
  return isOne && top !== undefined && /-[0-9a-f]{7,40}$|-(?:master|main|r?\d[\w.-]*)$/.test(top) ? top.length + 1 : 0;
}

// Rule files out of a folder, a zip or a gzipped tar, such as a checkout of a rule repository or the archive that a forge makes of it.
// Archives come from outside: bounded in size and number, no path is used for anything but a name.
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { gunzipSync, inflateRawSync } from 'node:zlib';

export type RuleFile = { readonly path: string; readonly text: string };

/** What stands there can't be read as rules; the message says why. */
export class RuleArchiveError extends Error {
  override readonly name = 'RuleArchiveError';
}

const largestArchive = 256 * 1_048_576;
const largestUnpacked = 512 * 1_048_576;
const largestFile = 1_048_576;
const mostFiles = 20_000;

/** @throws RuleArchiveError for an archive that is damaged or too large; errors of the file system as they are. */
export function readRuleFiles(path: string): RuleFile[] {
  const files = statSync(path).isDirectory() ? readFolder(path) : readSingle(path);
  const sorted = files.toSorted((left, right) => (left.path < right.path ? -1 : 1));
  if (sorted.length > mostFiles) throw new RuleArchiveError(`${path} holds more than ${mostFiles} rule files`);
  return withoutTop(sorted);
}

function readSingle(path: string): RuleFile[] {
  const bytes = readBounded(path);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return untar(unpack(path, bytes));
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return unzip(bytes);
  if (isRule(path)) return [{ path: path.split(sep).at(-1) ?? path, text: decode(path, bytes) }];
  throw new RuleArchiveError(`${path} is no rule file (.yml), folder, zip or .tar.gz`);
}

/** Of what was opened, so that the file that is measured is the file that is read. */
function readBounded(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size > largestArchive) throw new RuleArchiveError(`${path} is larger than ${largestArchive / 1_048_576} MiB`);
    const bytes = Buffer.alloc(size);
    let at = 0;
    while (at < size) {
      const read = readSync(file, bytes, at, size - at, at);
      if (read === 0) break;
      at += read;
    }
    return bytes.subarray(0, at);
  } finally {
    closeSync(file);
  }
}

function readFolder(folder: string): RuleFile[] {
  const files: RuleFile[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    // Links could lead anywhere; `.git` and its like hold no rules.
    if (!entry.isFile() || !isRule(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).join('/');
    if (name.split('/').some((part) => part.startsWith('.'))) continue;
    if (statSync(path).size > largestFile) throw new RuleArchiveError(`${path} is larger than 1 MiB`);
    files.push({ path: name, text: decode(path, readFileSync(path)) });
    if (files.length > mostFiles) break;
  }
  return files;
}

function unpack(path: string, bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: largestUnpacked });
  } catch (cause) {
    throw new RuleArchiveError(`${path} is damaged, or unpacks to more than ${largestUnpacked / 1_048_576} MiB`, {
      cause,
    });
  }
}

/** POSIX ustar with the extensions for long names of GNU tar and pax (what `git archive` writes). */
export function untar(archive: Buffer): RuleFile[] {
  const files: RuleFile[] = [];
  let longName: string | undefined;
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const size = Number.parseInt(field(archive, at + 124, 12), 8);
    const type = field(archive, at + 156, 1);
    if (!(size >= 0) || at + 512 + size > archive.length) throw new RuleArchiveError('the tar archive is damaged');
    const content = archive.subarray(at + 512, at + 512 + size);
    const prefix = field(archive, at + 345, 155);
    const own = field(archive, at, 100);
    const name = longName ?? (prefix === '' ? own : `${prefix}/${own}`);
    longName = undefined;
    if (type === 'L') longName = content.toString('utf8').split('\0')[0];
    else if (type === 'x') longName = /(?:^|\n)\d{1,6} path=([^\n]*)\n/.exec(content.toString('utf8'))?.[1];
    else if (type === '0' || type === '') add(files, name, size, () => content);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
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
export function unzip(archive: Buffer): RuleFile[] {
  const end = findEnd(archive);
  let at = archive.readUInt32LE(end + 16);
  const count = archive.readUInt16LE(end + 10);
  const files: RuleFile[] = [];
  let unpacked = 0;
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
    add(files, name, size, () => {
      if ((flags & 1) !== 0) throw new RuleArchiveError(`${name} is encrypted`);
      need(archive, offset, 30, localHeader);
      const start = offset + 30 + archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28);
      if (start + packedSize > archive.length) throw new RuleArchiveError(`${name} is cut off`);
      const packed = archive.subarray(start, start + packedSize);
      const plain = method === 0 ? packed : method === 8 ? inflate(name, packed) : undefined;
      if (plain === undefined) throw new RuleArchiveError(`${name} is packed in a way that is not known (${method})`);
      unpacked += plain.length;
      if (unpacked > largestUnpacked) throw new RuleArchiveError('the archive unpacks to too much');
      return plain;
    });
  }
  return files;
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

function inflate(name: string, packed: Buffer): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: largestFile });
  } catch (cause) {
    throw new RuleArchiveError(`${name} is damaged, or larger than 1 MiB`, { cause });
  }
}

function add(files: RuleFile[], name: string, size: number, content: () => Uint8Array): void {
  const path = name.replaceAll('\\', '/').replace(/^(?:\.?\/)+/, '');
  const parts = path.split('/');
  if (!isRule(path) || parts.some((part) => part === '..' || part.startsWith('.'))) return;
  if (size > largestFile) throw new RuleArchiveError(`${path} is larger than 1 MiB`);
  if (files.length > mostFiles) throw new RuleArchiveError(`the archive holds more than ${mostFiles} rule files`);
  files.push({ path, text: decode(path, content()) });
}

function isRule(path: string): boolean {
  return /\.ya?ml$/i.test(path);
}

function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new RuleArchiveError(`${path} is not UTF-8 text`, { cause });
  }
}

/** Forges put everything in one folder named after the revision: the same file shall have the same path in the next one. */
function withoutTop(files: readonly RuleFile[]): RuleFile[] {
  const top = files[0]?.path.split('/')[0];
  const isOne = files.length > 1 && files.every(({ path }) => path.includes('/') && path.split('/')[0] === top);
  if (!isOne || top === undefined || !/-[0-9a-f]{7,40}$|-(?:master|main|r?\d[\w.-]*)$/.test(top)) return [...files];
  return files.map(({ path, text }) => ({ path: path.slice(top.length + 1), text }));
}

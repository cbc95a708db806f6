// Rule files out of the bytes of a zip or a gzipped tar, such as the archive that a forge makes of a rule repository. Archives come from
// outside: bounded in size and number, no path is used for anything but a name. Reading paths is the files' adapter's part.
import { gunzip, inflateRawSync } from 'node:zlib';

export type RuleFile = { readonly path: string; readonly text: string };

/** What stands there can't be read as rules; the message says why. */
export class RuleArchiveError extends Error {
  override readonly name = 'RuleArchiveError';
}

export const largestRuleFile = 1_048_576;
export const mostRuleFiles = 20_000;
const largestUnpacked = 512 * 1_048_576;
const filesAtOnce = 50;

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
): Promise<RuleFile[]> {
  const steps = isGzip(bytes)
    ? untarSteps(await unpackGzip(name, bytes, most))
    : isZip(bytes)
      ? unzipSteps(bytes, most)
      : undefined;
  if (steps === undefined) return [singleRule(name, bytes)];
  let step = steps.next();
  for (let count = 1; step.done !== true; count++) {
    if (count % filesAtOnce === 0) await breathe();
    step = steps.next();
  }
  return arrange(name, step.value);
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

/** @throws RuleArchiveError when it isn't one by its name. */
export function singleRule(name: string, bytes: Uint8Array): RuleFile {
  const path = name.split(/[\\/]/).at(-1) ?? name;
  if (!isRulePath(path)) throw new RuleArchiveError(`${name} is no rule file (.yml), folder, zip or .tar.gz`);
  if (bytes.byteLength > largestRuleFile) throw new RuleArchiveError(`${name} is larger than 1 MiB`);
  return { path, text: decodeRule(name, bytes) };
}

/** In the order of their paths, without the folder that a forge puts around them. @throws RuleArchiveError for too many. */
export function arrange(name: string, files: readonly RuleFile[]): RuleFile[] {
  if (files.length > mostRuleFiles) throw new RuleArchiveError(`${name} holds more than ${mostRuleFiles} rule files`);
  return withoutTop(files.toSorted((left, right) => (left.path < right.path ? -1 : 1)));
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

export function untar(archive: Buffer): RuleFile[] {
  return finish(untarSteps(archive));
}

export function unzip(archive: Buffer): RuleFile[] {
  return finish(unzipSteps(archive, largestUnpacked));
}

function finish<T>(steps: Generator<void, T>): T {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** POSIX ustar with the extensions for long names of GNU tar and pax (what `git archive` writes). */
function* untarSteps(archive: Buffer): Generator<void, RuleFile[]> {
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
    yield;
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
function* unzipSteps(archive: Buffer, most: number): Generator<void, RuleFile[]> {
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
      if (unpacked > most) throw new RuleArchiveError('the archive unpacks to too much');
      return plain;
    });
    yield;
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
    return inflateRawSync(packed, { maxOutputLength: largestRuleFile });
  } catch (cause) {
    throw new RuleArchiveError(`${name} is damaged, or larger than 1 MiB`, { cause });
  }
}

function add(files: RuleFile[], name: string, size: number, content: () => Uint8Array): void {
  const path = name.replaceAll('\\', '/').replace(/^(?:\.?\/)+/, '');
  const parts = path.split('/');
  if (!isRulePath(path) || parts.some((part) => part === '..' || part.startsWith('.'))) return;
  if (size > largestRuleFile) throw new RuleArchiveError(`${path} is larger than 1 MiB`);
  if (files.length > mostRuleFiles)
    throw new RuleArchiveError(`the archive holds more than ${mostRuleFiles} rule files`);
  files.push({ path, text: decodeRule(path, content()) });
}

export function isRulePath(path: string): boolean {
  return /\.ya?ml$/i.test(path);
}

export function decodeRule(path: string, bytes: Uint8Array): string {
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

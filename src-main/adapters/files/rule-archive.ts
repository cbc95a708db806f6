// Rule files out of a path: a folder, such as a checkout of a rule repository, a zip, a gzipped tar, or one rule. What archives hold is read
// by the rules' feature, the same way as for the window.
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { PackContent } from '../../../src-shared/rule-pack-file.ts';
import {
  arrange,
  createContent,
  damagedGzip,
  isGzip,
  isRulePath,
  isZip,
  largestRuleFile,
  RuleArchiveError,
  RuleFileError,
  singleRule,
  tooLarge,
  untar,
  unzip,
} from '../../core/features/rules/rule-archive.ts';

const largestArchive = 256 * 1_048_576;
const largestUnpacked = 512 * 1_048_576;

/** @throws RuleArchiveError for an archive that is damaged or too large; errors of the file system as they are. */
export function readRuleFiles(path: string): PackContent {
  return arrange(statSync(path).isDirectory() ? readFolder(path) : readSingle(path));
}

function readSingle(path: string): PackContent {
  const bytes = readBounded(path, largestArchive);
  if (bytes === undefined) throw new RuleArchiveError(`${path} is larger than ${largestArchive / 1_048_576} MiB`);
  if (isGzip(bytes)) return untar(unpack(path, bytes));
  return isZip(bytes) ? unzip(bytes) : singleRule(path, bytes);
}

/** Of what was opened, so that the file that is measured is the file that is read. @returns undefined when that is more than `most` */
function readBounded(path: string, most: number): Buffer | undefined {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size > most) return undefined;
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

function readFolder(folder: string): PackContent {
  const content = createContent(folder);
  let total = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    // Links could lead anywhere; `.git` and its like hold no rules.
    if (!entry.isFile() || !isRulePath(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).join('/');
    if (name.split('/').some((part) => part.startsWith('.'))) continue;
    content.add(name, () => {
      const bytes = readRule(path);
      total += bytes.length;
      if (total > largestUnpacked)
        throw new RuleArchiveError(`${folder} holds more than ${largestUnpacked / 1_048_576} MiB of rules`);
      return bytes;
    });
  }
  return content.found;
}

/** @throws RuleFileError with what the file system says, or that it is too large */
export function readRule(path: string): Buffer {
  let bytes: Buffer | undefined;
  try {
    bytes = readBounded(path, largestRuleFile);
  } catch (cause) {
    throw new RuleFileError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
  if (bytes === undefined) throw tooLarge();
  return bytes;
}

function unpack(path: string, bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: largestUnpacked });
  } catch (cause) {
    throw damagedGzip(path, largestUnpacked, cause);
  }
}

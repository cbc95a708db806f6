// Rule files out of a path: a folder, such as a checkout of a rule repository, a zip, a gzipped tar, or one rule. What archives hold is read
// by the rules' feature, the same way as for the window.
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  arrange,
  damagedGzip,
  decodeRule,
  isGzip,
  isRulePath,
  isZip,
  largestRuleFile,
  mostRuleFiles,
  RuleArchiveError,
  type RuleFile,
  singleRule,
  untar,
  unzip,
} from '../../core/features/rules/rule-archive.ts';

const largestArchive = 256 * 1_048_576;
const largestUnpacked = 512 * 1_048_576;

/** @throws RuleArchiveError for an archive that is damaged or too large; errors of the file system as they are. */
export function readRuleFiles(path: string): RuleFile[] {
  const files = statSync(path).isDirectory() ? readFolder(path) : readSingle(path);
  return arrange(path, files);
}

function readSingle(path: string): RuleFile[] {
  const bytes = readBounded(path);
  if (isGzip(bytes)) return untar(unpack(path, bytes));
  return isZip(bytes) ? unzip(bytes) : [singleRule(path, bytes)];
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
    if (!entry.isFile() || !isRulePath(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).join('/');
    if (name.split('/').some((part) => part.startsWith('.'))) continue;
    if (statSync(path).size > largestRuleFile) throw new RuleArchiveError(`${path} is larger than 1 MiB`);
    files.push({ path: name, text: decodeRule(path, readFileSync(path)) });
    if (files.length > mostRuleFiles) break;
  }
  return files;
}

function unpack(path: string, bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: largestUnpacked });
  } catch (cause) {
    throw damagedGzip(path, largestUnpacked, cause);
  }
}

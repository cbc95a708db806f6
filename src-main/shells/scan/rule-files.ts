// Rule files from a folder, a zip or a tar archive of a repository, or single files; whatever in there is no rule is left alone, and a
// file that can't be read is named while the others are used.
import { createReadStream, statSync } from 'node:fs';
import { basename, relative, sep } from 'node:path';
import type { PackContent } from '../../../src-shared/rule-pack-file.ts';
import { readRule } from '../../adapters/files/rule-archive.ts';
import { createUnpacker } from '../../core/features/events/unpack.ts';
import { createContent, largestRuleFile, strayedFile, tooLarge } from '../../core/features/rules/rule-archive.ts';
import type { RuleSource } from '../../engine/rules/rule-info.ts';
import type { RefusedRule } from '../../engine/rules/rule-set.ts';
import { folderFiles } from './folder-files.ts';
import { createUntar, isTar } from './untar.ts';

const mostBytes = 268_435_456;

export type RuleFiles = {
  readonly sources: readonly RuleSource[];
  /** What ends like a rule file and is none that can be read. */
  readonly unreadable: readonly RefusedRule[];
  /** YAML files that are no rules. */
  readonly others: readonly string[];
  /** Folders of a rule repository that hold what is no longer, or not yet, meant to run. */
  readonly leftOut: readonly string[];
};

/** @throws Error that says what can't be read. */
export async function readRuleFiles(path: string): Promise<RuleFiles> {
  const { files, unreadable } = statSync(path).isDirectory() ? filesBelow(path) : await archiveFiles(path);
  const others = arrange(files.filter(({ text }) => !isRule(text)));
  // Whether it were a rule can't be told of what can't be read.
  return withoutRetired(arrange(files.filter(({ text }) => isRule(text))), arrange(unreadable), others);
}

function arrange<File extends { readonly path: string }>(files: readonly File[]): File[] {
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Among YAML files of a repository there are also mappings, test data and workflows. What was meant to be a rule has to be refused with
 * the reason, so a title and a log source are enough, and what is written like JSON may have its keys anywhere.
 */
function isRule(text: string): boolean {
  if (/^["']?(?:detection|correlation|filter)["']?\s*:/m.test(text) || /^action\s*:\s*global/m.test(text)) return true;
  if (/^["']?title["']?\s*:/m.test(text) && /^["']?logsource["']?\s*:/m.test(text)) return true;
  return /^\s*(?:---\s*)?\{/.test(text) && /[{,\s]["']?(?:detection|correlation|filter)["']?\s*:/.test(text);
}

const retired = new Set(['deprecated', 'unsupported', 'rules-placeholder', 'tests']);

/** A repository with `rules` beside `deprecated` says itself which of them are for use. Asked for by name, they are used. */
function withoutRetired(
  rules: PackContent['files'],
  unreadable: PackContent['unreadable'],
  others: PackContent['files'],
): RuleFiles {
  const root = rules.map(({ path }) => /^((?:[^/]+\/)?)rules\//.exec(path)?.[1]).find((prefix) => prefix !== undefined);
  const folderOf = (path: string): string | undefined =>
    root !== undefined && path.startsWith(root) ? path.slice(root.length).split('/')[0] : undefined;
  const isRetired = ({ path }: { readonly path: string }): boolean => retired.has(folderOf(path) ?? '');
  const leftOut = new Set(rules.filter(isRetired).map(({ path }) => folderOf(path) ?? ''));
  return {
    sources: rules.flatMap((file) => (isRetired(file) ? [] : [{ name: file.path, text: file.text }])),
    unreadable: unreadable.flatMap((file) => (isRetired(file) ? [] : [{ name: file.path, reason: file.reason }])),
    others: others.flatMap((file) => (isRetired(file) ? [] : [file.path])),
    leftOut: [...leftOut],
  };
}

function isYaml(name: string): boolean {
  return /\.ya?ml$/i.test(name) && !name.split('/').some((part) => part.startsWith('.') && part !== '.');
}

function filesBelow(folder: string): PackContent {
  const content = createContent(folder);
  let total = 0;
  for (const path of folderFiles(folder, (_, error) => raise(error))) {
    const name = relative(folder, path).split(sep).join('/');
    if (!isYaml(name)) continue;
    content.add(name, () => {
      const bytes = readRule(path);
      total += bytes.length;
      checkAmount(total);
      return bytes;
    });
  }
  return content.found;
}

function leadsOut(name: string): boolean {
  return name.split(/[\\/]/).includes('..');
}

function raise(error: unknown): never {
  throw error;
}

function checkAmount(bytes: number): void {
  if (bytes > mostBytes) throw new Error('there is more than 256 MiB of rules');
}

async function archiveFiles(path: string): Promise<PackContent> {
  const unpacker = createUnpacker();
  const content = createContent(path);
  /** The file whose parts are coming. */
  let current: { readonly name: string; readonly parts: Buffer[]; length: number } | undefined;
  let bytes = 0;
  let name = basename(path).replace(/\.gz$/i, '');
  let untar: ReturnType<typeof createUntar> | undefined;
  let first = true;
  /** Names that no archive of rules has, unless somebody made it for an attack. */
  const strayed = new Set<string>();

  function keep(file: string, part: Uint8Array): void {
    if (leadsOut(file)) {
      if (/\.ya?ml$/i.test(file)) strayed.add(file);
      return;
    }
    if (!isYaml(file)) return;
    bytes += part.length;
    checkAmount(bytes);
    if (current?.name !== file) {
      finish();
      current = { name: file, parts: [], length: 0 };
    }
    current.length += part.length;
    if (current.length <= largestRuleFile) current.parts.push(Buffer.from(part));
  }
  /** Each as soon as it is whole: the bytes of all of them would be as much memory again. */
  function finish(): void {
    if (current === undefined) return;
    const { name: file, parts, length } = current;
    current = undefined;
    content.add(file, () => {
      if (length > largestRuleFile) throw tooLarge();
      return Buffer.concat(parts);
    });
  }
  async function passOn(pieces: ReturnType<typeof unpacker.push>): Promise<void> {
    for await (const piece of pieces) {
      if (piece.kind === 'file') {
        finish();
        name = piece.name;
        first = true;
        continue;
      }
      if (first) untar = isTar(piece.bytes) ? createUntar(keep) : undefined;
      first = false;
      if (untar === undefined) keep(name, piece.bytes);
      else untar(piece.bytes);
    }
  }
  try {
    for await (const chunk of createReadStream(path)) await passOn(unpacker.push(chunk as Uint8Array));
    await passOn(unpacker.end());
    finish();
  } finally {
    unpacker.destroy();
  }
  for (const stray of strayed) content.add(stray, () => raise(strayedFile()));
  return content.found;
}

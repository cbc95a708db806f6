// Rule files from a folder, a zip or a tar archive of a repository, or single files; whatever in there is no rule is left alone.
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { basename, relative, sep } from 'node:path';
import { createUnpacker } from '../../core/features/events/unpack.ts';
import type { RuleSource } from '../../engine/rules/rule-info.ts';
import { folderFiles } from './folder-files.ts';
import { createUntar, isTar } from './untar.ts';

const mostBytes = 268_435_456;
const mostFiles = 100_000;
const mostRuleBytes = 1_048_576;

export type RuleFiles = {
  readonly sources: readonly RuleSource[];
  /** Folders of a rule repository that hold what is no longer, or not yet, meant to run. */
  readonly leftOut: readonly string[];
};

type Found = { readonly name: string; readonly text: string };

/** @throws Error that says what can't be read. */
export async function readRuleFiles(path: string): Promise<RuleFiles> {
  const found = statSync(path);
  const files = found.isDirectory() ? filesBelow(path) : await archiveFiles(path);
  const rules = files.filter(({ text }) => isRule(text)).sort((a, b) => (a.name < b.name ? -1 : 1));
  return withoutRetired(rules);
}

/** Among YAML files of a repository there are also mappings, test data and workflows. */
function isRule(text: string): boolean {
  return /^(?:detection|correlation|filter)\s*:/m.test(text) || /^action\s*:\s*global/m.test(text);
}

const retired = new Set(['deprecated', 'unsupported', 'rules-placeholder', 'tests']);

/** A repository with `rules` beside `deprecated` says itself which of them are for use. Asked for by name, they are used. */
function withoutRetired(rules: readonly Found[]): RuleFiles {
  const root = rules.map(({ name }) => /^((?:[^/]+\/)?)rules\//.exec(name)?.[1]).find((prefix) => prefix !== undefined);
  const folderOf = ({ name }: Found): string | undefined =>
    root !== undefined && name.startsWith(root) ? name.slice(root.length).split('/')[0] : undefined;
  const isRetired = (file: Found): boolean => retired.has(folderOf(file) ?? '');
  const leftOut = new Set(rules.filter(isRetired).map((file) => folderOf(file) ?? ''));
  return { sources: rules.filter((file) => !isRetired(file)), leftOut: [...leftOut] };
}

function isYaml(name: string): boolean {
  return /\.ya?ml$/i.test(name) && !name.split('/').some((part) => part.startsWith('.') && part !== '.');
}

function filesBelow(folder: string): Found[] {
  const files: Found[] = [];
  let bytes = 0;
  for (const path of folderFiles(folder, (_, error) => raise(error))) {
    const name = relative(folder, path).split(sep).join('/');
    if (!isYaml(name)) continue;
    bytes += statSync(path).size;
    checkAmount(files.length, bytes);
    files.push({ name, text: readFileSync(path, 'utf8') });
  }
  return files;
}

function raise(error: unknown): never {
  throw error;
}

function checkAmount(files: number, bytes: number): void {
  if (bytes > mostBytes) throw new Error('there is more than 256 MiB of rules');
  if (files > mostFiles) throw new Error(`there are more than ${mostFiles} rule files`);
}

async function archiveFiles(path: string): Promise<Found[]> {
  const unpacker = createUnpacker();
  const files: Found[] = [];
  const parts = new Map<string, Buffer[]>();
  let bytes = 0;
  let name = basename(path).replace(/\.gz$/i, '');
  let untar: ReturnType<typeof createUntar> | undefined;
  let first = true;

  function keep(file: string, part: Uint8Array): void {
    if (!isYaml(file)) return;
    bytes += part.length;
    const known = parts.get(file) ?? [];
    parts.set(file, known);
    checkAmount(parts.size, bytes);
    if (known.reduce((sum, one) => sum + one.length, 0) <= mostRuleBytes) known.push(Buffer.from(part));
  }
  async function passOn(pieces: ReturnType<typeof unpacker.push>): Promise<void> {
    for await (const piece of pieces) {
      if (piece.kind === 'file') {
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
  } finally {
    unpacker.destroy();
  }
  for (const [file, texts] of parts) files.push({ name: file, text: Buffer.concat(texts).toString('utf8') });
  return files;
}

// The source tree as the architecture tests see it: every file with its text and its imports.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

export type SourceFile = {
  /** From the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Own files as paths from the root, packages by name. */
  readonly imports: readonly string[];
};

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s*['"]([^'"]+)['"]/g;

export function sourceFiles(...folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) => walk(join(root, folder))).map(read);
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return walk(path);
    return /\.(ts|tsx|mjs)$/.test(entry.name) ? [path] : [];
  });
}

function read(path: string): SourceFile {
  const text = readFileSync(path, 'utf8');
  const imports = [...text.matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
  return {
    path: slashed(relative(root, path)),
    text,
    imports: imports.map((name) =>
      name.startsWith('.') ? slashed(relative(root, resolve(dirname(path), name))) : name,
    ),
  };
}

function slashed(path: string): string {
  return path.split(sep).join('/');
}

/** Code without comments and without the content of strings: what rules about words in code look at. */
export function bareCode(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:'"`\\])\/\/.*$/gm, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''");
}

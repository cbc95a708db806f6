// What ships beside the code: rule files, and the catalogue of frameworks.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CatalogueSource } from '../../core/features/frameworks/index.ts';
import type { RuleSource } from '../../engine/rules/compile.ts';

export function readRules(folder: string): RuleSource[] {
  return yamlFiles(folder);
}

export function readFrameworks(folder: string): CatalogueSource[] {
  return yamlFiles(folder);
}

function yamlFiles(folder: string): { name: string; text: string }[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yml'))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

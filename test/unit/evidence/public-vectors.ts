// Finds the public test vectors that lie beside the checkout. They are not ours to ship, so suites that need them say when they
// could not run; each has a neighbour with small vectors of our own that always runs.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../shared/data/vectors/', import.meta.url));

export function havePublicVectors(name: string): boolean {
  if (existsSync(root + name)) return true;
  console.warn(`public vectors ${name} not found beside the checkout: their suite does not run`);
  return false;
}

export function vectorBytes(path: string): Buffer {
  return readFileSync(root + path);
}

export function vectorJson<T>(path: string): T {
  return JSON.parse(readFileSync(root + path, 'utf8')) as T;
}

export function vectorFiles(folder: string, suffix: string): string[] {
  return readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(suffix))
    .sort();
}

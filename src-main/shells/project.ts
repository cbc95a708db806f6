// Where the program's own files are, and which version it is.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder that holds package.json, resources and out: from source and from a build alike. */
export const projectFolder: string = findProject(import.meta.dirname);

export const version: string = (
  JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as { version: string }
).version;

function findProject(from: string): string {
  if (existsSync(join(from, 'package.json')) && existsSync(join(from, 'resources'))) return from;
  const above = dirname(from);
  if (above === from) throw new Error("Gatehouse's own files are missing: package.json and resources");
  return findProject(above);
}

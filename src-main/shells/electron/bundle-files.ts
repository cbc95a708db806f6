// Evidence bundles handed over by the system: by a double click, on the command line, or by the menu. The file is read here and offered
// to the verifier's page; it is judged there, by code that trusts nothing in it.

import { open } from 'node:fs/promises';
import { extname, resolve } from 'node:path';

/** What the verifier can take in one go; the CLI verifies larger ones. */
export const largestBundle = 256 * 1024 * 1024;

/** A message for the user about a file that can't be opened. */
export class BundleFileError extends Error {
  override readonly name = 'BundleFileError';
}

/** The last argument that names a bundle; options are never taken for files. */
export function bundleAmong(argv: readonly string[], folder: string): string | undefined {
  const named = argv.slice(1).filter((text) => !text.startsWith('-') && extname(text).toLowerCase() === '.ghbundle');
  const last = named.at(-1);
  return last === undefined ? undefined : resolve(folder, last);
}

/** @throws BundleFileError when it is no regular file, too large or can't be read. */
export async function readBundleFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    await using file = await open(path, 'r');
    const { size } = await requireFile(file.stat(), path);
    const bytes = new Uint8Array(size);
    const { bytesRead } = await file.read(bytes, 0, size, 0);
    return bytes.slice(0, bytesRead);
  } catch (cause) {
    if (cause instanceof BundleFileError) throw cause;
    throw new BundleFileError(`cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

async function requireFile(
  stats: Promise<{ size: number; isFile(): boolean }>,
  path: string,
): Promise<{ readonly size: number }> {
  const found = await stats;
  if (!found.isFile()) throw new BundleFileError(`${path} is not a file`);
  if (found.size > largestBundle) {
    throw new BundleFileError(`${path} is larger than 256 MiB; verify it with: gatehouse audit verify`);
  }
  return found;
}

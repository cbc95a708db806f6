// A bundle file on disk as a source for the verifier: read a part at a time, so that its size is no question of memory.
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { type BundleSource, sourceOf } from '../../../src-shared/evidence/bundle-source.ts';

/** Opens the file for reading. @throws what the system says: gone, no right to it, a folder. */
export function openBundleFile(path: string): BundleSource & Disposable {
  const file = openSync(path, 'r');
  try {
    const { size, isFile } = describe(file);
    if (!isFile) {
      // A pipe can't be read twice and has no length before its end.
      const whole = sourceOf(readFileSync(file));
      closeSync(file);
      return { ...whole, [Symbol.dispose]() {} };
    }
    return {
      size,
      read(offset, target) {
        let read = 0;
        while (read < target.length) {
          const part = readSync(file, target, read, target.length - read, offset + read);
          if (part === 0) break;
          read += part;
        }
        return read;
      },
      [Symbol.dispose]: () => closeSync(file),
    };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function describe(file: number): { size: number; isFile: boolean } {
  const found = fstatSync(file);
  return { size: found.size, isFile: found.isFile() };
}

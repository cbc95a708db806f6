// A bundle file on disk as a source for the verifier: read a part at a time, so that its size is no question of memory.
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { type BundleSource, readSpan, sourceOf } from '../../../src-shared/evidence/bundle-source.ts';
import { FormatError } from '../../../src-shared/evidence/format-error.ts';
import { bundleInPdf, isPdf, largestPdf } from '../../../src-shared/evidence/pdf-bundle.ts';

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

/** What a PDF may unpack to. */
const largestUnpacked = 512 * 1024 * 1024;

/** `pdf`: the whole of the PDF that carried the bundle. */
export type FoundBundle = BundleSource & { readonly pdf: Uint8Array | undefined };

/** The file itself, or the bundle that it carries as a PDF. @throws FormatError for a PDF with none or several. */
export async function bundleIn(file: BundleSource): Promise<FoundBundle> {
  if (!isPdf(readSpan(file, 0, 5))) return { size: file.size, read: file.read, pdf: undefined };
  if (file.size > largestPdf) throw new FormatError('this PDF is too large to be looked through', 0);
  const pdf = readSpan(file, 0, file.size);
  const bundle = await bundleInPdf(pdf, (deflated) => inflateSync(deflated, { maxOutputLength: largestUnpacked }));
  return { ...sourceOf(bundle), pdf };
}

function describe(file: number): { size: number; isFile: boolean } {
  const found = fstatSync(file);
  return { size: found.size, isFile: found.isFile() };
}

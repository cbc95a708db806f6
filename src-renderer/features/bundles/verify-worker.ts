// The worker that verifies: a bundle of a million entries takes seconds, and the window stays usable meanwhile. No network here.

import { type BundleSource, readSpan, sourceOf } from '../../../src-shared/evidence/bundle-source.ts';
import { concatBytes } from '../../../src-shared/evidence/bytes.ts';
import { FormatError } from '../../../src-shared/evidence/format-error.ts';
import { bundleInPdf, isPdf, largestPdf } from '../../../src-shared/evidence/pdf-bundle.ts';
import { noblePrimitives } from '../../lib/evidence-primitives.ts';
import { nobleStamps } from '../../lib/stamp-primitives.ts';
import { createVerifyDesk, type OpenedFile } from './verify-desk.ts';
import type { VerifyRequest } from './verify-messages.ts';

// Workers have it, the page's own types do not.
declare const FileReaderSync: new () => { readAsArrayBuffer(part: Blob): ArrayBuffer };

const answer = createVerifyDesk({
  primitives: noblePrimitives,
  stamps: nobleStamps,
  now: () => performance.now(),
  tell: (reply) => self.postMessage(reply),
  open: openFile,
});
/** What a PDF may unpack to. */
const largestUnpacked = 256 * 1024 * 1024;

/** @throws FormatError for a PDF with no bundle, or several; and where the file can't be read. */
async function openFile(file: Blob): Promise<OpenedFile> {
  const source = openPlain(file);
  if (!isPdf(readSpan(source, 0, 5))) return source;
  if (file.size > largestPdf) throw new FormatError('this PDF is too large to be looked through', 0);
  const pdf = readSpan(source, 0, file.size);
  return { ...sourceOf(await bundleInPdf(pdf, inflate)), pdf };
}

async function inflate(deflated: Uint8Array): Promise<Uint8Array> {
  const unpacked = new Blob([Uint8Array.from(deflated)]).stream().pipeThrough(new DecompressionStream('deflate'));
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = unpacked.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return concatBytes(...parts);
    length += value.length;
    if (length > largestUnpacked) throw new Error('too large');
    parts.push(value);
  }
}

/** Reading synchronously is a worker's privilege; the file stays on the disk. @throws where the file can't be read. */
function openPlain(file: Blob): BundleSource {
  const reader = new FileReaderSync();
  const source: BundleSource = {
    size: file.size,
    read(offset, target) {
      const part = new Uint8Array(reader.readAsArrayBuffer(file.slice(offset, offset + target.length)));
      target.set(part);
      return part.length;
    },
  };
  source.read(0, new Uint8Array(1));
  return source;
}

let last: Promise<void> = Promise.resolve();

self.addEventListener('message', (event: MessageEvent<VerifyRequest>) => {
  // In order: rows asked for after a new file are that file's rows.
  last = last.then(async () => self.postMessage(await answer(event.data)));
});

// The worker that verifies: a bundle of a million entries takes seconds, and the window stays usable meanwhile. No network here.

import type { BundleSource } from '../../../src-shared/evidence/bundle-source.ts';
import { noblePrimitives } from '../../lib/evidence-primitives.ts';
import { createVerifyDesk } from './verify-desk.ts';
import type { VerifyRequest } from './verify-messages.ts';

// Workers have it, the page's own types do not.
declare const FileReaderSync: new () => { readAsArrayBuffer(part: Blob): ArrayBuffer };

const answer = createVerifyDesk(noblePrimitives, () => performance.now(), openFile);
/** Reading synchronously is a worker's privilege; the file stays on the disk. @throws where the file can't be read. */
function openFile(file: Blob): BundleSource {
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

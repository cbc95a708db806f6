// The Verifier's store with its desk in place of the worker, and the bundle that the tests open in it.

import { readFileSync } from 'node:fs';
import type { Given } from '../../../src-renderer/features/bundles/trust.ts';
import { createVerifyDesk } from '../../../src-renderer/features/bundles/verify-desk.ts';
import type { VerifyRequest } from '../../../src-renderer/features/bundles/verify-messages.ts';
import { createVerifyStore } from '../../../src-renderer/features/bundles/verify-store.ts';
import { noblePrimitives } from '../../../src-renderer/lib/evidence-primitives.ts';
import { nobleStamps } from '../../../src-renderer/lib/stamp-primitives.ts';
import { sourceOf } from '../../../src-shared/evidence/bundle-source.ts';

export const fixture = (name: string) => readFileSync(new URL(`../../fixtures/evidence/${name}`, import.meta.url));
export const genuine = fixture('sample.ghbundle');
export const key = fixture('sample.vkey').toString('utf8').trim();
export const keyGiven: Given = { kind: 'trustedKeys', text: key, name: 'sample.vkey' };

/** The store with a desk in place of the worker, answering in order. */
export function createVerifier() {
  const answer = createVerifyDesk({
    primitives: noblePrimitives,
    stamps: nobleStamps,
    now: () => 0,
    open: async (file) => sourceOf(new Uint8Array(await file.arrayBuffer())),
  });
  let last: Promise<void> = Promise.resolve();
  const verifier = createVerifyStore((onReply) => ({
    postMessage(request: VerifyRequest) {
      last = last.then(async () => onReply(await answer(request)));
    },
    terminate() {},
  }));
  return { verifier, settle: async () => await last };
}

export function fileOf(bytes: Uint8Array, name = 'sample.ghbundle'): File {
  return new File([Uint8Array.from(bytes)], name);
}

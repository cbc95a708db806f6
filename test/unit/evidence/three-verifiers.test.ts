// The command line's verifier, the page's and the Python script of the format description held against each other: over every change at
// every place of bundles of every kind, as somebody makes it who has no key, and as a forger who signs whatever he wrote.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { noblePrimitives } from '../../../src-renderer/lib/evidence-primitives.ts';
import { encodeUtf8 } from '../../../src-shared/evidence/bytes.ts';
import { erasedName, formatErased } from '../../../src-shared/evidence/erased-fields.ts';
import { rotationNote } from '../../../src-shared/evidence/key-history.ts';
import { exitCode } from '../../../src-shared/evidence/verdict.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { resealed, resigned, takenApart, written } from '../../support/forger.ts';
import { mutations } from '../../support/mutations.ts';
import { havePython, inPython, remembering } from '../../support/python-verifier.ts';
import { ORIGIN, SampleLog, sampleBody, testSigner } from './sample-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-differential-'));
afterAll(() => rmSync(folder, { recursive: true }));

const log = new SampleLog(5, { body: (seq) => ({ ...sampleBody(seq), session_id: `s-${seq % 2}` }) });
const older = testSigner(ORIGIN, 11);
const key = log.signer.key.text;
const text = (name: string, data: string | Uint8Array) => ({
  name,
  media_type: 'text/plain',
  data: typeof data === 'string' ? encodeUtf8(data) : Uint8Array.from(data),
});

type Kind = {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly word: string;
  /** Members of the manifest that are changed; all where not given. What is the same in all kinds is changed in the first. */
  readonly manifest?: readonly string[];
  /** Whether its entries are changed. */
  readonly entries?: boolean;
};
const limited = 'VERIFIED WITH LIMITS';
const kinds: { readonly [name: string]: Kind } = {
  whole: {
    key,
    bytes: log.bundle(2, 3, {
      attachments: [text('note.txt', 'Seen by two.')],
      consistency: [log.consistency(1)],
      disclose: (path) => path !== 'user_agent',
      hmac: { keyId: 'env-1', secret: encodeUtf8('sample secret') },
    }),
    word: 'VERIFIED',
    entries: true,
  },
  'one that needs no hashes': { key, bytes: log.bundle(1, 5), word: 'VERIFIED', manifest: ['range', 'consistency'] },
  filtered: {
    key,
    bytes: log.bundle(1, 5, {
      filter: { event_type: 'api_call', since: '2026-11-21T15:00:00+01:00', actor: 'jonas.weber', success: true },
      chosen: ({ seq }) => seq % 2 === 0,
    }),
    word: limited,
    manifest: ['filter', 'range', 'counts', 'tree_size'],
    entries: true,
  },
  'for a control': {
    key,
    bytes: log.bundle(1, 5, {
      filter: {
        catalogue_version: 1,
        control: 'CC6.1',
        event_types: ['api_call', 'credential_access', 'login'],
        framework: 'soc2',
        workspace: 'prod',
      },
      chosen: ({ workspace }) => workspace === 'prod',
    }),
    word: limited,
    manifest: ['filter'],
  },
  'of a workspace': {
    key,
    bytes: log.bundle(1, 5, { filter: { workspace: 'prod' }, chosen: ({ workspace }) => workspace === 'prod' }),
    word: limited,
    manifest: ['filter', 'range'],
  },
  'by a rotated key': {
    key: older.key.text,
    bytes: log.bundle(4, 5, { keyHistory: [rotationNote(older.key, log.signer.key, older.sign)] }),
    word: 'VERIFIED',
    manifest: ['key_history', 'origin'],
  },
  'with erased fields': {
    key,
    bytes: log.bundle(2, 3, {
      attachments: [text(erasedName, formatErased(new Map([[2, ['actor', 'session_id']]])))],
      disclose: (path) => path !== 'actor' && path !== 'session_id',
    }),
    word: 'VERIFIED',
    manifest: ['attachments'],
  },
  pruned: {
    key,
    bytes: log.bundle(1, 5, { filter: { pruned: [[2, 3]] }, chosen: ({ seq }) => seq < 2 || seq > 3 }),
    word: limited,
    manifest: ['filter', 'range'],
  },
};

type Case = { readonly name: string; readonly key: string; readonly bytes: Uint8Array };
const inNode = remembering(nodePrimitives);
const inPage = { ...noblePrimitives, verifyEd25519: inNode.primitives.verifyEd25519 };

type Answer = { readonly code: number; readonly word: string };

/** What all three say; fails where they don't say the same. */
function judged(cases: readonly Case[]): Answer[] {
  const answers = cases.map(({ bytes, key }): Answer => {
    const { verdict } = verifyBundle(inNode.primitives, bytes, { trustedKeys: [key] });
    return { code: exitCode(verdict, false), word: verdict };
  });
  const shown = cases.map(({ bytes, key }): Answer => {
    const { verdict } = verifyBundle(inPage, bytes, { trustedKeys: [key] });
    return { code: exitCode(verdict, false), word: verdict };
  });
  const python = inPython(join(folder, 'work'), cases, inNode.judged.values());
  const apart = cases.flatMap(({ name }, i) => {
    const said = { code: python[i]?.code, word: python[i]?.first.split(':')[0] };
    const agree = JSON.stringify([answers[i], answers[i]]) === JSON.stringify([shown[i], said]);
    return agree ? [] : [{ name, node: answers[i], page: shown[i], python: python[i] }];
  });
  expect(apart.slice(0, 40)).toEqual([]);
  return answers;
}

describe.runIf(havePython)('all verifiers say the same', () => {
  it('of the bundles that are changed below', () => {
    const genuine = Object.entries(kinds).map(([name, { key, bytes }]) => ({ name, key, bytes }));
    expect(judged(genuine).map(({ word }) => word)).toEqual(Object.values(kinds).map(({ word }) => word));
    const again = genuine.map((each) => ({ ...each, bytes: resealed(takenApart(each.bytes), log) }));
    expect(judged(again).map(({ word }) => word)).toEqual(Object.values(kinds).map(({ word }) => word));
  });

  it.each(Object.entries(kinds))(
    'of every change: %s',
    (name, { key, bytes, manifest: parts, entries }) => {
      const { bundle, manifest } = takenApart(bytes);
      const unsigned: Case[] = [];
      for (const part of Object.keys(bundle)) {
        // What is changed in an entry without the key is found by digest and tree, whatever it is: one kind shows that.
        if (part === 'entries' && parts !== undefined) continue;
        for (const { name, mutated } of mutations(bundle, part === 'entries' ? [part, '0'] : [part])) {
          unsigned.push({ name, key, bytes: written({ bundle: mutated, manifest }) });
        }
      }
      const signed: Case[] = [];
      for (const part of parts ?? Object.keys(manifest)) {
        for (const { name, mutated } of mutations(manifest, [part])) {
          signed.push({ name: `manifest.${name}`, key, bytes: resigned({ bundle, manifest: mutated }, log) });
        }
      }
      if (entries === true) {
        for (const { name, mutated } of mutations(bundle, ['entries', '0'])) {
          signed.push({ name, key, bytes: resealed({ bundle: mutated, manifest }, log) });
        }
      }
      const answers = judged([...unsigned, ...signed]);
      const passed = unsigned.filter((_, i) => answers[i]?.code === 0);
      expect(passed.map((each) => each.name)).toEqual([]);
      const words = Map.groupBy(answers.slice(unsigned.length), ({ word }) => word);
      const counts = [...words].map(([word, { length }]) => `${length} ${word}`).join(', ');
      console.info(
        `${name}: ${unsigned.length} changes without the key, ${signed.length} by the signer (${counts}), alike in all three`,
      );
      // Thousands of verifications, three times each, on a machine that may have other work.
    },
    300_000,
  );
});

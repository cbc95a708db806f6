// What witnesses and time-stamp authorities said, judged once somebody names them: genuine, for something else, or by strangers. Node and
// the page must say the same.
import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { nodeStamps } from '../../../src-main/base/stamp-primitives.ts';
import { noblePrimitives } from '../../../src-renderer/lib/evidence-primitives.ts';
import { nobleStamps } from '../../../src-renderer/lib/stamp-primitives.ts';
import { encodeUtf8 } from '../../../src-shared/evidence/bytes.ts';
import { timeStampRequest } from '../../../src-shared/evidence/stamps/time-stamp.ts';
import type { Verdict } from '../../../src-shared/evidence/verdict.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { temporaryFolder } from '../../support/stores.ts';
import { type AuthorityFiles, makeAuthority } from '../../support/time-stamp-authority.ts';
import { witnessSigner } from '../../support/witness-server.ts';
import { SampleLog, sampleBody, signer } from './sample-log.ts';

const folder = temporaryFolder();
const log = new SampleLog(12);
const other = new SampleLog(12, { body: (seq) => ({ ...sampleBody(seq), action: 'other' }) });
const w1 = witnessSigner('witness.example/w1', 1);
const w2 = witnessSigner('witness.example/w2', 2);
const seconds = Date.UTC(2026, 10, 21, 14, 30) / 1000;
const note = log.checkpoint(8);
const textOf = (whole: string): string => whole.slice(0, whole.indexOf('\n\n') + 1);
let authority: AuthorityFiles;
let stranger: AuthorityFiles;

beforeAll(() => {
  authority = makeAuthority(folder, 'clock');
  stranger = makeAuthority(folder, 'stranger', { key: 'rsa' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Files = { [name: string]: string | Uint8Array };

function bundle(files: Files, from = 2, to = 6, proven = true): Uint8Array {
  const attachments = Object.entries(files).map(([name, data]) => ({
    name,
    media_type: 'application/octet-stream',
    data: typeof data === 'string' ? encodeUtf8(data) : Uint8Array.from(data),
  }));
  return log.bundle(from, to, { attachments, consistency: proven ? [log.consistency(8)] : [] });
}

function stampOf(files: AuthorityFiles, text = textOf(note)): Uint8Array {
  return Uint8Array.from(files.reply(timeStampRequest(nodePrimitives.sha256(encodeUtf8(text)), Uint8Array.of(1, 2))));
}

type Named = { readonly witnesses?: readonly string[]; readonly authorities?: readonly string[] };

/** The verdict of Node, after seeing that the page's is the same in every word. */
function judge(bytes: Uint8Array, { witnesses = [], authorities = [] }: Named): Verdict {
  const common = { trustedKeys: [signer.key.text], witnesses };
  const inNode = verifyBundle(nodePrimitives, bytes, {
    ...common,
    timeStamps: { authorities, primitives: nodeStamps },
  });
  const inPage = verifyBundle(noblePrimitives, bytes, {
    ...common,
    timeStamps: { authorities, primitives: nobleStamps },
  });
  expect(inPage).toEqual(inNode);
  return inNode;
}

function rowOf(verdict: Verdict) {
  const row = verdict.checks.find(({ id }) => id === 'time_claims');
  return {
    verdict: verdict.verdict,
    state: row?.state,
    detail: row?.detail,
    codes: verdict.findings.map(({ code }) => code),
  };
}

const named = (): Named => ({ witnesses: [w1.key.text], authorities: [authority.ca] });
const noteName = 'anchored-checkpoint-8.note';
const stampName = 'anchored-checkpoint-8.tsr';

describe('time claims', () => {
  it('are named and not judged while nobody is named', () => {
    const files = { [noteName]: note + w1.line(textOf(note), seconds), [stampName]: stampOf(authority) };
    expect(rowOf(judge(bundle(files), {}))).toMatchObject({
      verdict: 'VERIFIED',
      state: 'not_checkable',
      detail: expect.stringContaining("not judged, since no witness's key and no authority's CA was given"),
    });
  });

  it('are proven by a witness and an authority that are named', () => {
    const files = { [noteName]: note + w1.line(textOf(note), seconds), [stampName]: stampOf(authority) };
    const judged = judge(bundle(files), named());
    expect(rowOf(judged)).toMatchObject({ verdict: 'VERIFIED', state: 'proven', codes: [] });
    const { detail } = rowOf(judged);
    expect(detail).toMatch(/^every entry existed by 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC: /);
    expect(detail).toContain('witness witness.example/w1 cosigned #8 on 2026-11-21 14:30:00 UTC');
    expect(detail).toContain('authority clock TSA stamped #8 on ');
    expect(judged.not_proven).toContain(
      "That the console's clock was right: others only say by when the entries existed.",
    );
    expect(rowOf(judge(bundle(files), { witnesses: [w1.key.text] }))).toMatchObject({
      state: 'proven',
      detail: expect.stringContaining('1 other is not judged'),
    });
  });

  it("of the bundle's own checkpoint count too", () => {
    const checkpoint = log.checkpoint();
    const bytes = log.bundle(2, 12, { checkpoint: checkpoint + w1.line(textOf(checkpoint), seconds) });
    expect(rowOf(judge(bytes, named()))).toMatchObject({ verdict: 'VERIFIED', state: 'proven' });
  });

  it('are a limit where nothing is by those who are named, or not all entries are covered', () => {
    const limited = { verdict: 'VERIFIED WITH LIMITS', state: 'limited', codes: [] };
    expect(rowOf(judge(bundle({}), named()))).toMatchObject(limited);
    const strange = { [noteName]: note + w2.line(textOf(note), seconds), [stampName]: stampOf(stranger) };
    expect(rowOf(judge(bundle(strange), named()))).toMatchObject({
      ...limited,
      detail: expect.stringContaining('2 others are not judged, by keys that you did not give'),
    });
    const good = { [noteName]: note + w1.line(textOf(note), seconds) };
    expect(rowOf(judge(bundle(good, 2, 10), named()))).toMatchObject({
      ...limited,
      detail: expect.stringContaining('only entries up to #8 are covered'),
    });
    // Without a proof of its own: the root of 8 follows from the entries themselves.
    expect(rowOf(judge(bundle(good, 2, 8, false), named())).state).toBe('proven');
    // Nothing in a bundle of later entries leads from there to here.
    expect(rowOf(judge(bundle(good, 11, 12, false), named()))).toMatchObject({
      ...limited,
      detail: expect.stringContaining('1 is about a checkpoint that this bundle has no proof from'),
    });
  });

  const wrong: [string, () => Files, string][] = [
    [
      'a cosignature of another checkpoint',
      () => ({ [noteName]: note + w1.line(textOf(log.checkpoint(9)), seconds) }),
      'witness-signature',
    ],
    [
      'a cosignature whose time was changed',
      () => {
        const line = w1.line(textOf(note), seconds).trimEnd();
        const at = line.lastIndexOf(' ') + 1;
        const data = Buffer.from(line.slice(at), 'base64');
        data[11] = (data[11] ?? 0) ^ 1;
        return { [noteName]: `${note}${line.slice(0, at)}${data.toString('base64')}\n` };
      },
      'witness-signature',
    ],
    [
      'a cosigned checkpoint of another tree',
      () => ({ [noteName]: other.checkpoint(8) + w1.line(textOf(other.checkpoint(8)), seconds) }),
      'anchored-checkpoint',
    ],
    [
      'a checkpoint of another size',
      () => ({ [noteName]: log.checkpoint(7) + w1.line(textOf(log.checkpoint(7)), seconds) }),
      'anchored-checkpoint',
    ],
    ['a checkpoint that is none', () => ({ [noteName]: 'hello' }), 'anchored-checkpoint'],
    [
      'a stamp of another checkpoint',
      () => ({ [noteName]: note, [stampName]: stampOf(authority, textOf(log.checkpoint(9))) }),
      'time-stamp',
    ],
    [
      'a stamp that was changed',
      () => {
        const stamp = stampOf(authority);
        const last = stamp.length - 1;
        stamp[last] = (stamp[last] ?? 0) ^ 1;
        return { [noteName]: note, [stampName]: stamp };
      },
      'time-stamp',
    ],
    ['a stamp that is none', () => ({ [noteName]: note, [stampName]: 'hello' }), 'time-stamp'],
    ['a stamp that is empty', () => ({ [noteName]: note, [stampName]: '' }), 'time-stamp'],
  ];
  it.each(wrong)('make the bundle not verified: %s', (_what, files, code) => {
    const judged = judge(bundle(files()), named());
    expect(rowOf(judged)).toMatchObject({ verdict: 'NOT VERIFIED', state: 'failed', codes: [code] });
  });

  it('without a way to read them: a key or a CA that can not be used is said, not passed over', () => {
    expect(judge(bundle({}), { witnesses: [signer.key.text] }).headline).toContain(
      "a witness's key you gave cannot be used",
    );
    expect(judge(bundle({}), { authorities: ['hello'] }).headline).toContain(
      "an authority's CA you gave cannot be used",
    );
  });

  it('any bytes in place of note and stamp get a verdict', () => {
    const good = stampOf(authority);
    const stamps = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 })).map(([at, byte]) => good.with(at, byte)),
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constant(note)), stamps, (text, stamp) => {
        const judged = judge(bundle({ [noteName]: text.toWellFormed(), [stampName]: Uint8Array.from(stamp) }), named());
        expect(['VERIFIED', 'VERIFIED WITH LIMITS', 'NOT VERIFIED']).toContain(judged.verdict);
      }),
      { numRuns: 60 },
    );
  });
});

// A bundle held against a whole file of checkpoints, as a console's anchor keeps it: the newest one decides, none may contradict.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import type { Verdict } from '../../../src-shared/evidence/verdict.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { runCommand } from '../../support/node.ts';
import { temporaryFolder } from '../../support/stores.ts';
import { SampleLog, sampleBody, signer, testSigner } from './sample-log.ts';

const log = new SampleLog(23);
const fork = new SampleLog(30, { body: (seq) => ({ ...sampleBody(seq), phi: seq === 8 }) });
const stranger = new SampleLog(9, { signer: testSigner('gatehouse/elsewhere', 5) });
const bytes = log.bundle(6, 20, { consistency: [log.consistency(3)] });

function held(file: string, bundle = bytes): Verdict {
  return verifyBundle(nodePrimitives, bundle, { trustedKeys: [signer.key.text], checkpoints: [file] });
}

function row({ checks }: Verdict): { state: string | undefined; detail: string | undefined } {
  const found = checks.find(({ id }) => id === 'held_checkpoint');
  return { state: found?.state, detail: found?.detail };
}

const notes = (from: SampleLog, sizes: readonly number[]): string =>
  sizes.map((size) => from.checkpoint(size)).join('');

describe('a file of several checkpoints', () => {
  it('is held by its newest, and says that the others agree', () => {
    const verdict = held(notes(log, [1, 3, 6, 7, 13, 20, 23]));
    expect(verdict.headline).toBe('VERIFIED');
    expect(row(verdict)).toEqual({
      state: 'proven',
      detail: 'continues your checkpoint of size 23; 6 earlier ones in the file do not contradict it',
    });
  });

  it('may be shared with other logs, begin in the middle of a note, and break off in another', () => {
    const file = notes(stranger, [9]).slice(5) + notes(log, [7]) + notes(stranger, [4]) + notes(log, [20]);
    expect(row(held(file + log.checkpoint(23).slice(0, 40)))).toMatchObject({ state: 'proven' });
  });

  it.each([3, 8, 13, 20, 23])('finds the one of size %i that is of another history', (size) => {
    const others = [3, 5, 8, 13, 20, 23].filter((each) => each < 23 && each !== size);
    const file =
      notes(
        log,
        others.filter((each) => each < size),
      ) +
      fork.checkpoint(size) +
      notes(log, [23]);
    // Up to the seventh entry both histories are one.
    if (size < 8) expect(held(file).verdict).toBe('VERIFIED');
    else expect(held(file)).toMatchObject({ verdict: 'NOT VERIFIED', findings: [{ code: 'held-checkpoint-fork' }] });
  });

  it('tells a bundle of then from a rollback', () => {
    const then = log.bundle(6, 20, { size: 20 });
    const verdict = held(notes(log, [13, 20, 23]), then);
    expect(verdict.verdict).toBe('VERIFIED WITH LIMITS');
    expect(row(verdict)).toEqual({
      state: 'limited',
      detail:
        "your file holds the bundle's own checkpoint, of 20 entries, and a later one of 23: what came in between is not in this bundle",
    });
    // The file never saw the log at this size, or saw it shrink.
    for (const file of [notes(log, [13, 19, 23]), notes(log, [13, 23, 20])]) {
      expect(held(file, then)).toMatchObject({
        verdict: 'NOT VERIFIED',
        findings: [{ code: 'held-checkpoint-rollback' }],
      });
    }
  });

  it('of other logs only can not be used, and says so', () => {
    expect(held(notes(stranger, [3, 9]))).toMatchObject({
      verdict: 'CANNOT CHECK',
      findings: [{ detail: expect.stringContaining('none of the 2 checkpoints in the file is of this log') }],
    });
  });

  it('must end with a note by a key that is trusted', () => {
    const forged = log.checkpoint(23).replace(/^(— \S+ ).*$/m, '$1AAAAAAAA');
    expect(held(notes(log, [13, 20]) + forged).verdict).not.toBe('VERIFIED');
  });

  it('never makes the verifier throw, whatever stands in it', () => {
    const piece = fc.oneof(
      fc.integer({ min: 0, max: 23 }).map((size) => log.checkpoint(size)),
      fc.integer({ min: 0, max: 30 }).map((size) => fork.checkpoint(size)),
      fc.integer({ min: 0, max: 200 }).map((end) => log.checkpoint(23).slice(0, end)),
      fc.string(),
      fc.constantFrom('\n', '\n\n', '\n\n— ', '— gatehouse AAAA\n', '\r\n'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        expect(held(pieces.join('')).checks.length).toBeGreaterThan(0);
      }),
    );
  });
});

it('the command line takes the file of an anchor as it is, and its end where it is long', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.ghbundle'), bytes);
  writeFileSync(join(folder, 'short.log'), notes(log, [3, 13, 20, 23]));
  const many = Math.ceil((5 * 1024 * 1024) / log.checkpoint(13).length);
  writeFileSync(join(folder, 'long.log'), fork.checkpoint(8) + log.checkpoint(13).repeat(many) + log.checkpoint(23));
  for (const name of ['short.log', 'long.log']) {
    const { code, stdout } = await runCommand(
      ['audit', 'verify', join(folder, 'a.ghbundle'), '--key', signer.key.text, '--checkpoint', join(folder, name)],
      process.env,
    );
    expect([name, code, stdout.split('\n', 1)[0]]).toEqual([name, 0, 'VERIFIED']);
  }
});

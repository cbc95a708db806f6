import { describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { noblePrimitives } from '../../../src-renderer/lib/evidence-primitives.ts';
import { readEntry } from '../../../src-shared/evidence/bundle-reader.ts';
import { sourceOf } from '../../../src-shared/evidence/bundle-source.ts';
import { encodeUtf8 } from '../../../src-shared/evidence/bytes.ts';
import { verifyOpenings } from '../../../src-shared/evidence/entry.ts';
import { rotationNote } from '../../../src-shared/evidence/key-history.ts';
import { exitCode, type Verdict } from '../../../src-shared/evidence/verdict.ts';
import { type VerifyOptions, verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { ORIGIN, SampleLog, sampleBody, signer, testSigner } from './sample-log.ts';

const log = new SampleLog(23);
const pinned = { trustedKeys: [signer.key.text] };

function verify(bytes: Uint8Array, options: VerifyOptions = pinned): Verdict {
  return verifyBundle(nodePrimitives, bytes, options);
}

function states(verdict: Verdict): { [id: string]: string } {
  return Object.fromEntries(verdict.checks.map(({ id, state }) => [id, state]));
}

describe('a genuine bundle', () => {
  const whole = log.bundle(5, 20, {
    attachments: [{ name: 'note.txt', media_type: 'text/plain', data: encodeUtf8('hi') }],
  });

  it('over a whole range is verified, with every row told', () => {
    const verdict = verify(whole);
    expect(verdict).toMatchObject({
      verdict: 'VERIFIED',
      headline: 'VERIFIED',
      summary:
        'This bundle is what Nordkai Console signed on 2026-11-21 14:05:00 UTC. 16 entries, none missing between #5 and #20. Not proven: that the clock was right, and that nothing was left out before recording.',
      findings: [],
      findings_left_out: 0,
      signer: signer.key.text,
      root: log.root(),
    });
    expect(verdict.checks.map(({ state, title, detail }) => `${state} | ${title} | ${detail}`)).toEqual([
      'proven | File set complete | 1 of 1 file named in the manifest, none besides',
      'proven | Manifest signature | Ed25519 over the canonical manifest, valid',
      `proven | Signer known | pinned, key ${signer.key.id}`,
      'proven | Entries unaltered | 16 entries as signed, 96 fields match what was recorded, none redacted',
      'proven | Chain continuous | #5 to #20, 16 entries, 0 missing',
      `proven | Tail covered by checkpoint | tree size 23, signed by key ${signer.key.id}; 3 later entries are outside the range`,
      'not_checkable | HMAC of the manifest | this bundle carries none',
      'proven | Evidence hashes | 1 of 1 file matches its SHA-256',
      'not_checkable | PDF matches data | no report of these entries is attached or was given',
      "not_checkable | Time claims | self-asserted by the console's own clock (exported 2026-11-21 14:05:00 UTC); no time-stamp authority or witness",
    ]);
    expect(verdict.not_proven).toEqual([
      "That the console's clock was right.",
      'That nothing was left out before it was recorded.',
      'That what a person wrote in a note is true.',
    ]);
  });

  it('gives the same verdict with the primitives of the renderer', () => {
    expect(verifyBundle(noblePrimitives, whole, pinned)).toEqual(verify(whole));
  });

  it('gives back its entries as values that match their commitments', () => {
    const { entries } = verify(whole);
    const entry = readEntry(sourceOf(whole), entries!, 3);
    expect(entry.leaf.seq).toBe(8);
    expect(entry.open['details.request']?.value).toEqual(sampleBody(8).details?.request);
    expect(verifyOpenings(nodePrimitives, entry)).toEqual([]);
    entry.open.actor!.value = { kind: 'user', id: 'u-1', name: 'mallory' };
    expect(verifyOpenings(nodePrimitives, entry)).toEqual(['actor']);
  });

  it('without a pinned key has limits, and never claims who signed', () => {
    const verdict = verify(whole, { trustedKeys: [] });
    expect(verdict).toMatchObject({
      verdict: 'VERIFIED WITH LIMITS',
      headline: 'VERIFIED WITH LIMITS: signer not known',
      findings: [],
    });
    expect(verdict.summary).toContain(`unaltered since key ${signer.key.id} signed it, as Nordkai Console,`);
    expect(verdict.not_proven[0]).toBe('That the key belongs to Nordkai Console. You have not pinned it.');
    expect([exitCode(verdict.verdict, false), exitCode(verdict.verdict, true)]).toEqual([0, 3]);
  });

  it('of every range in trees of all small sizes is verified', () => {
    for (let size = 1; size <= 9; size++) {
      for (let from = 1; from <= size; from++) {
        for (let to = from; to <= size; to++) {
          expect([size, from, to, verify(log.bundle(from, to, { size })).headline]).toEqual([
            size,
            from,
            to,
            'VERIFIED',
          ]);
        }
      }
    }
  });

  it('with redacted fields is verified and says how many', () => {
    const verdict = verify(log.bundle(1, 4, { disclose: (path) => path !== 'actor' && path !== 'details.request' }));
    expect(verdict.headline).toBe('VERIFIED');
    expect(verdict.checks.find(({ id }) => id === 'entries_unaltered')?.detail).toBe(
      '4 entries as signed, 16 fields match what was recorded, 8 redacted',
    );
  });

  it('with fields of every kind of text and value is verified', () => {
    const odd = new SampleLog(3, {
      body: (seq) => ({
        ...sampleBody(seq),
        workspace: 'Prüf „quotes" \\ \u0007',
        workspace_seq: seq,
        details: {
          '': null,
          'a.b': [],
          'quote"d': {},
          '\u{1f602}': -0.5,
          ﬀ: 1e-7,
          'line\nbreak': 'x'.repeat(9000),
          constructor: true,
          toString: ['\u2028', '</script>'],
        },
      }),
    });
    expect(verify(odd.bundle(1, 3)).headline).toBe('VERIFIED');
  });
});

describe('a filtered bundle', () => {
  it('is verified with limits: no filter can prove that nothing else matches', () => {
    const verdict = verify(
      log.bundle(1, 23, { filter: { event_type: 'api_call' }, chosen: ({ seq }) => seq % 2 === 0 }),
    );
    expect(verdict.headline).toBe('VERIFIED WITH LIMITS: a filtered selection');
    expect(states(verdict)).toMatchObject({ chain_continuous: 'limited', entries_unaltered: 'proven' });
    expect(verdict.summary).toContain('11 entries out of #1 to #23, chosen by a filter; each is in the log.');
  });

  it('may be empty', () => {
    expect(verify(log.bundle(1, 23, { filter: { actor: 'x' }, chosen: () => false })).verdict).toBe(
      'VERIFIED WITH LIMITS',
    );
  });

  it('by workspace alone shows the gaps in that workspace', () => {
    const lab = ({ workspace }: { workspace: string }): boolean => workspace === 'lab';
    const complete = verify(log.bundle(1, 23, { filter: { workspace: 'lab' }, chosen: lab }));
    expect(complete.checks.find(({ id }) => id === 'chain_continuous')?.detail).toContain(
      "the workspace's entries 1 to 7 without a gap",
    );
    const gap = verify(
      log.bundle(1, 23, { filter: { workspace: 'lab' }, chosen: (body) => lab(body) && body.seq !== 9 }),
    );
    expect(gap).toMatchObject({ verdict: 'NOT VERIFIED', findings: [{ code: 'entries-missing', seq: 12 }] });
    const foreign = verify(log.bundle(1, 3, { filter: { workspace: 'lab' } }));
    expect(foreign.findings[0]).toMatchObject({ code: 'filter-contradicted', seq: 1 });
  });
});

describe('the HMAC', () => {
  const secret = encodeUtf8('audit signing secret');
  const bytes = log.bundle(1, 3, { hmac: { keyId: 'env-1', secret } });

  it('is not checkable without the secret, whatever it says', () => {
    const verdict = verify(bytes);
    expect([verdict.verdict, states(verdict).manifest_hmac]).toEqual(['VERIFIED', 'not_checkable']);
  });

  it('is proven with the secret and fails with another', () => {
    expect(states(verify(bytes, { ...pinned, hmacSecret: secret })).manifest_hmac).toBe('proven');
    expect(verify(bytes, { ...pinned, hmacSecret: encodeUtf8('other') })).toMatchObject({
      verdict: 'NOT VERIFIED',
      findings: [{ code: 'hmac-mismatch' }],
    });
  });
});

describe('a rotated key', () => {
  const next = testSigner(ORIGIN, 8);
  const third = testSigner(ORIGIN, 9);
  const rotated = new SampleLog(4, { signer: third });
  const history = [rotationNote(signer.key, next.key, signer.sign), rotationNote(next.key, third.key, next.sign)];

  it('is reached from a pinned older key by its chain of rotations', () => {
    expect(verify(rotated.bundle(1, 4, { keyHistory: history })).headline).toBe('VERIFIED');
    const fromSecond = verify(rotated.bundle(1, 4, { keyHistory: history }), { trustedKeys: [next.key.text] });
    expect(fromSecond.headline).toBe('VERIFIED');
  });

  it('is not known where a link is missing, forged or backwards', () => {
    const forged = rotationNote(signer.key, third.key, third.sign);
    const backwards = rotationNote(third.key, signer.key, third.sign);
    for (const keyHistory of [[], history.slice(1), [forged], [backwards], [...history].reverse()]) {
      const verdict = verify(rotated.bundle(1, 4, { keyHistory }));
      expect(verdict).toMatchObject({ verdict: 'NOT VERIFIED', findings: [{ code: 'signer-unknown' }] });
    }
  });

  it('fails with its name where a rotation is malformed', () => {
    const verdict = verify(rotated.bundle(1, 4, { keyHistory: ['no note'] }));
    expect(verdict.findings.map(({ code }) => code)).toContain('key-history');
  });
});

describe('a checkpoint that the verifier holds', () => {
  const bytes = log.bundle(6, 20, { consistency: [log.consistency(3)] });
  const held = (checkpoint: string, file = bytes): Verdict => verify(file, { ...pinned, checkpoints: [checkpoint] });

  it.each([5, 6, 13, 20, 23, 3])('of size %i is found to be continued', (size) => {
    const verdict = held(log.checkpoint(size));
    expect([verdict.headline, states(verdict).held_checkpoint]).toEqual(['VERIFIED', 'proven']);
  });

  it('of a size to which the bundle has no proof is a limit', () => {
    for (const size of [2, 4, 21]) {
      expect(held(log.checkpoint(size)).headline).toBe(
        'VERIFIED WITH LIMITS: not connected to the checkpoint you hold',
      );
    }
  });

  const other = new SampleLog(30, { body: (seq) => ({ ...sampleBody(seq), phi: seq === 2 }) });

  it.each([3, 5, 6, 13, 20, 23])('of size %i with another root is a fork', (size) => {
    expect(held(other.checkpoint(size))).toMatchObject({
      verdict: 'NOT VERIFIED',
      findings: [{ code: 'held-checkpoint-fork' }],
    });
  });

  it('that is newer than the bundle is a rollback', () => {
    expect(held(other.checkpoint(24))).toMatchObject({ findings: [{ code: 'held-checkpoint-rollback' }] });
    const replayed = log.bundle(6, 20, { size: 20 });
    expect(held(log.checkpoint(23), replayed)).toMatchObject({ findings: [{ code: 'held-checkpoint-rollback' }] });
  });

  it('of another log is named as such', () => {
    const elsewhere = testSigner('gatehouse/elsewhere', 5);
    const note = new SampleLog(3, { signer: elsewhere }).checkpoint();
    const verdict = verify(bytes, { trustedKeys: [signer.key.text, elsewhere.key.text], checkpoints: [note] });
    expect(verdict).toMatchObject({ verdict: 'NOT VERIFIED', findings: [{ code: 'held-checkpoint-origin' }] });
  });

  it('reveals a fork even where no key is pinned', () => {
    const verdict = verify(bytes, { trustedKeys: [], checkpoints: [other.checkpoint(13)] });
    expect(verdict.findings).toMatchObject([{ code: 'held-checkpoint-fork' }]);
  });
});

describe('arguments that cannot be used', () => {
  const bytes = log.bundle(1, 3);

  it.each([
    ['a malformed key', { trustedKeys: ['nonsense'] }],
    ['a malformed checkpoint', { ...pinned, checkpoints: ['nonsense'] }],
    [
      'a checkpoint by somebody else',
      { ...pinned, checkpoints: [new SampleLog(2, { signer: testSigner('x', 4) }).checkpoint()] },
    ],
    ['a checkpoint with a wrong signature', { ...pinned, checkpoints: [log.checkpoint(3).replace('\n3\n', '\n2\n')] }],
  ])('%s: cannot check', (_, options) => {
    const verdict = verify(bytes, options);
    expect(verdict).toMatchObject({ verdict: 'CANNOT CHECK', findings: [{ code: 'bad-argument' }] });
    expect(exitCode(verdict.verdict, false)).toBe(2);
  });

  it('do not hide that the file is damaged', () => {
    expect(verify(bytes.subarray(0, 100), { trustedKeys: ['nonsense'] }).verdict).toBe('NOT VERIFIED');
  });
});

describe('exit codes', () => {
  it('are 0 genuine, 1 not genuine, 2 could not check, 3 limits under strict', () => {
    expect([exitCode('VERIFIED', false), exitCode('VERIFIED', true)]).toEqual([0, 0]);
    expect([exitCode('VERIFIED WITH LIMITS', false), exitCode('VERIFIED WITH LIMITS', true)]).toEqual([0, 3]);
    expect([exitCode('NOT VERIFIED', true), exitCode('CANNOT CHECK', true)]).toEqual([1, 2]);
  });
});

// What the Verifier holds bundles against: how it is told apart, given one by one or in files, and taken away again.

import { describe, expect, it } from 'vitest';
import { commandLine } from '../../../src-renderer/features/bundles/command-line.ts';
import { takeFiles } from '../../../src-renderer/features/bundles/take-files.ts';
import { type Given, largestTrustFile, readTrust, trustLine } from '../../../src-renderer/features/bundles/trust.ts';
import { witnessSigner } from '../../support/witness-server.ts';
import { ORIGIN, SampleLog, testSigner } from '../evidence/sample-log.ts';
import { createVerifier, fileOf, fixture, genuine, key, keyGiven } from './verifier-desk.ts';

describe('what a bundle is held against', () => {
  const checkpoint = fixture('sample.checkpoint').toString('utf8');

  it('says itself what it is when it is pasted', () => {
    expect(readTrust(` ${key}\n`)).toEqual([{ kind: 'trustedKeys', text: key }]);
    const witness = witnessSigner('witness.example/w1', 1).key.text;
    expect(readTrust(witness)).toEqual([{ kind: 'witnesses', text: witness }]);
    // Line breaks of another system, and the last one lost.
    expect(readTrust(checkpoint.replace(/\n/g, '\r\n').trimEnd())).toEqual([{ kind: 'checkpoints', text: checkpoint }]);
    // A file of keys, line by line.
    expect(readTrust(`# our witnesses\n${witness}\n\n`)).toEqual([{ kind: 'witnesses', text: witness }]);
    expect(readTrust(`# ours\n${key}\n${witness}\n`)).toEqual([
      { kind: 'trustedKeys', text: key },
      { kind: 'witnesses', text: witness },
    ]);
    for (const nothing of [
      '',
      'hello',
      `${key}x`,
      `${key}\nhello`,
      '{}',
      'a\n\n— b',
      `${key}\n\n${'— x y\n'.repeat(50)}`,
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
    ]) {
      expect(readTrust(nothing)).toEqual([]);
    }
  });

  it('takes a file of several checkpoints as an anchor keeps it, cut at either end too', async () => {
    const log = new SampleLog(9);
    const notes = [3, 6, 9].map((size) => log.checkpoint(size));
    const file = notes.join('');
    expect(readTrust(file)).toEqual([{ kind: 'checkpoints', text: file }]);
    expect(trustLine({ kind: 'checkpoints', text: file })).toBe(`3 checkpoints, the last #9 of ${ORIGIN}`);
    const cut = `${file.slice(25)}${ORIGIN}\n12\n`;
    expect(readTrust(cut)).toEqual([{ kind: 'checkpoints', text: cut }]);
    // Of one that is whole beside the rest of another, the whole one counts.
    expect(readTrust(`${notes[0]}${ORIGIN}\n12\n`)).toEqual([{ kind: 'checkpoints', text: notes[0] }]);
    const { verifier, settle } = createVerifier();
    verifier.verify(fileOf(log.bundle(1, 9)));
    verifier.hold([{ kind: 'checkpoints', text: cut, name: 'gatehouse.checkpoints' }]);
    await settle();
    const heldCheck = () => verifier.getState().verdict?.checks.find(({ id }) => id === 'held_checkpoint');
    expect(heldCheck()?.state).toBe('proven');
  });

  it('of a file as large as an anchor gets with the years, the newest checkpoints at its end are read', async () => {
    const log = new SampleLog(9);
    const notes = [log.checkpoint(3).repeat(25_000), log.checkpoint(6), log.checkpoint(9)].join('');
    expect(notes.length).toBeGreaterThan(largestTrustFile);
    const { given } = await takeFiles([fileOf(new TextEncoder().encode(notes), 'gatehouse.checkpoints')]);
    expect(given).toHaveLength(1);
    expect(given[0]?.text.length).toBeLessThanOrEqual(largestTrustFile);
    expect(given.map(trustLine)).toEqual([
      expect.stringMatching(/^\d\d,\d{3} checkpoints, the last #9 of gatehouse\//),
    ]);
    const { verifier, settle } = createVerifier();
    verifier.verify(fileOf(log.bundle(1, 9)));
    verifier.hold(given);
    await settle();
    const check = verifier.getState().verdict?.checks.find(({ id }) => id === 'held_checkpoint');
    expect(check?.state).toBe('proven');
  });

  it('several are given one by one or at once, each once, and taken away by itself', async () => {
    const { verifier, settle } = createVerifier();
    const witnesses = [1, 2].map((seed) => witnessSigner(`witness.example/w${seed}`, seed).key.text);
    const given = witnesses.map((text): Given => ({ kind: 'witnesses', text, name: 'witnesses.txt' }));
    verifier.verify(fileOf(genuine));
    verifier.hold([keyGiven]);
    verifier.hold([...given, { ...keyGiven, name: 'again' }]);
    await settle();
    expect(verifier.getState().given).toEqual([keyGiven, ...given]);
    expect(verifier.getState().trust).toMatchObject({ trustedKeys: [key], witnesses });
    verifier.distrust(keyGiven);
    await settle();
    expect(verifier.getState().trust).toMatchObject({ trustedKeys: [], witnesses });
    expect(verifier.getState().verdict?.verdict).toBe('VERIFIED WITH LIMITS');
  });

  it('what somebody gave at the locked page vouches for nothing that the next person opens', async () => {
    const { verifier, settle } = createVerifier();
    verifier.hold([keyGiven]);
    verifier.verify(fileOf(genuine));
    await settle();
    expect(verifier.getState().verdict?.verdict).toBe('VERIFIED');
    verifier.distrustAll();
    await settle();
    expect(verifier.getState().verdict?.verdict).toBe('VERIFIED WITH LIMITS');
    verifier.dispose();
    expect(verifier.getState()).toMatchObject({ phase: 'empty', fileName: '', given: [] });
  });

  it('files are told apart by what is in them, and what is none of it is named, not judged', async () => {
    const file = (name: string, text: string | Uint8Array) =>
      fileOf(typeof text === 'string' ? new TextEncoder().encode(text) : text, name);
    const taken = await takeFiles([
      file('a.ghbundle', genuine),
      file('b.ghbundle', genuine),
      file('report', '%PDF-1.7'),
      file('our.txt', key),
      file('held.note', checkpoint),
      file('anchored-checkpoint-9.tsr', Uint8Array.of(0x30, 0x82, 0, 1)),
      file('old.vkey', 'no key'),
    ]);
    expect([taken.bundle?.name, taken.pdf?.name]).toEqual(['a.ghbundle', 'report']);
    expect(taken.given.map(({ kind, name }) => [kind, name])).toEqual([
      ['trustedKeys', 'our.txt'],
      ['checkpoints', 'held.note'],
    ]);
    expect(taken.notice).toBe(
      'Held against now: signer, checkpoint from our.txt, held.note. ' +
        'anchored-checkpoint-9.tsr is a time stamp. Stamps are judged where the bundle carries them; give the certificate of their authority (.pem) instead. ' +
        'old.vkey holds no key, certificate of an authority or checkpoint that could be read. It is not used. ' +
        '1 more file was not opened: one bundle at a time.',
    );
    // Whatever else it is, a file that somebody calls a bundle is judged as one.
    expect((await takeFiles([file('junk.ghbundle', 'hello')])).bundle?.name).toBe('junk.ghbundle');
  });

  it('the command line for the same check names keys whole and other files by their names', () => {
    const given: Given[] = [keyGiven, { kind: 'checkpoints', text: checkpoint, name: "the auditor's.note" }];
    expect(commandLine('a b.ghbundle', given, ['gatehouse/x+1+2'])).toBe(
      `gatehouse audit verify 'a b.ghbundle' --key 'gatehouse/x+1+2' --key '${key}' --checkpoint 'the auditor'\\''s.note'`,
    );
  });

  it('counts as soon as it is given, also while another check is under way', async () => {
    const { verifier, settle } = createVerifier();
    verifier.verify(fileOf(genuine));
    verifier.hold([keyGiven]);
    verifier.hold([{ kind: 'checkpoints', text: checkpoint, name: 'sample.checkpoint' }]);
    await settle();
    const { verdict, phase } = verifier.getState();
    expect([phase, verdict?.verdict]).toEqual(['done', 'VERIFIED']);
    expect(verdict?.checks.find(({ id }) => id === 'held_checkpoint')?.state).toBe('proven');
  });

  it('pinned keys speak for their own logs alone', async () => {
    const other = new SampleLog(3, { signer: testSigner('gatehouse/other', 9) });
    const impostor = new SampleLog(3, { signer: testSigner(ORIGIN, 9) });
    const { verifier, settle } = createVerifier();
    verifier.setPinned([key]);
    for (const [bytes, word] of [
      [genuine, 'VERIFIED'],
      [other.bundle(1, 3), 'VERIFIED WITH LIMITS'],
      [impostor.bundle(1, 3), 'NOT VERIFIED'],
    ] as const) {
      verifier.verify(fileOf(bytes));
      await settle();
      expect(verifier.getState().verdict?.verdict).toBe(word);
    }
  });
});

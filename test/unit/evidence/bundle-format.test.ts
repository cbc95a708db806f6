// The written format description against the code: the committed sample, its printed values, and the Python verifier in the page.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { readEntry } from '../../../src-shared/evidence/bundle-reader.ts';
import { sourceOf } from '../../../src-shared/evidence/bundle-source.ts';
import { encodeBase64Url, encodeHex, encodeUtf8 } from '../../../src-shared/evidence/bytes.ts';
import { deriveSalt, sealEntry } from '../../../src-shared/evidence/entry.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { havePython } from '../../support/python-verifier.ts';
import { controlFixtures, ORIGIN, SampleLog, sampleFixture, signer, testSigner } from './sample-log.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const page = readFileSync(`${root}docs/bundle-format.md`, 'utf8');
const sample = new Uint8Array(readFileSync(`${root}test/fixtures/evidence/sample.ghbundle`));
const vkey = readFileSync(`${root}test/fixtures/evidence/sample.vkey`, 'utf8').trim();
const checkpoint = readFileSync(`${root}test/fixtures/evidence/sample.checkpoint`, 'utf8');

describe('the sample in the format description', () => {
  it('stays verifiable, with its key, an earlier checkpoint and its secret', () => {
    const verdict = verifyBundle(nodePrimitives, sample, {
      trustedKeys: [vkey],
      checkpoints: [checkpoint],
      hmacSecret: encodeUtf8('sample secret'),
    });
    expect(verdict.headline).toBe('VERIFIED');
    expect(verdict.checks.find(({ id }) => id === 'manifest_hmac')?.state).toBe('proven');
    expect(verdict.checks.find(({ id }) => id === 'entries_unaltered')?.detail).toContain('2 redacted');
  });

  it('is what the builder makes today, byte for byte', () => {
    expect(Buffer.from(sampleFixture().bytes).equals(sample)).toBe(true);
  });

  it('has the values that the page prints', () => {
    const { log } = sampleFixture();
    const seed = log.seed(3);
    const sealed = sealEntry(nodePrimitives, log.bodies[2]!, seed);
    const { entries } = verifyBundle(nodePrimitives, sample, { trustedKeys: [vkey] });
    for (const value of [
      encodeHex(seed),
      encodeBase64Url(deriveSalt(nodePrimitives, seed, 'ip_address')),
      readEntry(sourceOf(sample), entries!, 0).leaf.commitments.ip_address,
      encodeHex(sealed.leafHash),
      encodeHex(log.root()),
    ]) {
      expect(page).toContain(`\`${value}\``);
    }
  });
});

describe('the samples of a control', () => {
  const read = (name: string) => readFileSync(`${root}test/fixtures/evidence/${name}.ghbundle`);

  it('are what the builder makes today, byte for byte', () => {
    const { genuine, contradicted } = controlFixtures();
    expect(read('sample-control').equals(genuine)).toBe(true);
    expect(read('sample-control-contradicted').equals(contradicted)).toBe(true);
  });

  it('get the verdicts that the page prints', () => {
    const of = (name: string) => verifyBundle(nodePrimitives, read(name), { trustedKeys: [vkey] });
    expect(of('sample-control').headline).toBe('VERIFIED WITH LIMITS: a filtered selection');
    expect(of('sample-control-contradicted').verdict).toBe('NOT VERIFIED');
    expect(of('sample-control-contradicted').findings[0]).toMatchObject({ code: 'filter-contradicted', seq: 1 });
    for (const [name, verdict] of [
      ['sample-control', 'VERIFIED WITH LIMITS'],
      ['sample-control-contradicted', 'NOT VERIFIED'],
    ])
      expect(page).toContain(`| \`${name}.ghbundle\` | ${verdict} |`);
  });
});

describe.runIf(havePython)('the Python verifier in the format description', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-python-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const script = join(folder, 'verify.py');
  writeFileSync(script, /```python\n([\s\S]*?)```/.exec(page)?.[1] ?? '');

  function verify(bytes: Uint8Array, key = vkey): { status: number | null; said: string } {
    const file = join(folder, 'file.ghbundle');
    writeFileSync(file, bytes);
    const { status, stdout, stderr } = spawnSync('python3', [script, file, key], { encoding: 'utf8' });
    return { status, said: stdout + stderr };
  }

  const log = new SampleLog(11, {
    body: (seq) => ({
      ...sampleFixture().log.bodies[seq % 5]!,
      seq,
      workspace: 'lab',
      workspace_seq: seq,
      details: {
        number: 1e-7 * seq,
        more: [0.1, -0.000001, 1e22 / 3 / 1e10, 5e-324, 123456.789],
        text: '„ä\u{1f602}\u0007"',
        ﬀ: null,
      },
    }),
  });

  it('verifies genuine bundles, whole and filtered', () => {
    expect(execFileSync('python3', [script, `${root}test/fixtures/evidence/sample.ghbundle`, vkey]).toString()).toMatch(
      /^VERIFIED\n/,
    );
    const fixtures = controlFixtures();
    expect(verify(fixtures.genuine).said).toMatch(/^VERIFIED WITH LIMITS: Chain continuous\n/);
    expect(verify(fixtures.contradicted)).toEqual({
      status: 1,
      said: 'NOT VERIFIED: entry #1 is not what the filter asks for: event_types\n',
    });
    const consistency = [1, 2, 3, 4, 6, 7, 8, 10, 11].map((size) => log.consistency(size));
    expect(verify(log.bundle(3, 9, { consistency })).said).toMatch(/^VERIFIED\n/);
    const filtered = log.bundle(1, 11, { filter: { x: 1 }, chosen: ({ seq }) => seq % 4 !== 0 });
    expect(verify(filtered).said).toMatch(/^VERIFIED WITH LIMITS: Chain continuous\n/);
  });

  it('refuses changed bytes all over the file, and another key', () => {
    for (let at = 3; at < sample.length; at += 211) {
      const changed = Uint8Array.from(sample);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect([at, verify(changed).status]).toEqual([at, 1]);
    }
    expect(verify(sample, testSigner(ORIGIN, 8).key.text).status).toBe(1);
    // With a key that is none, nothing can be said.
    expect(verify(sample, signer.key.text.replace('8aab5b66', '8aab5b67')).status).toBe(2);
    expect(verify(new SampleLog(3).bundle(1, 3), 'gatehouse/x+00000000+AQ==').status).toBe(2);
    // Each is two programs started, on a machine that may have other work.
  }, 120_000);
});

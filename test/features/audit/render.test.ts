// A bundle as a PDF, made by the command line and read back with poppler: every page says the verdict and the digest, and what it is not.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { bundleInPdf, embeddedFiles } from '../../../src-shared/evidence/pdf-bundle.ts';
import { statedDigest } from '../../../src-shared/evidence/verify-report.ts';
import { projectRoot, runCommand } from '../../support/node.ts';
import { SampleLog, sampleBody, signer } from '../../unit/evidence/sample-log.ts';

const hasPoppler = spawnSync('pdftotext', ['-v']).error === undefined;
if (!hasPoppler) {
  if (process.env.GATEHOUSE_TEST_SERVICES === 'required')
    throw new Error('pdftotext is missing: apt-get install poppler-utils');
  console.warn('pdftotext not found: the suite of the PDF report does not run');
}

describe.runIf(hasPoppler)('gatehouse audit render', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-render-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const environment = { PATH: process.env.PATH, HOME: folder };

  async function render(bundle: Uint8Array, ...flags: string[]) {
    const file = join(folder, 'bundle.ghbundle');
    const out = join(folder, 'bundle.pdf');
    writeFileSync(file, bundle);
    rmSync(out, { force: true });
    const { code, stderr } = await runCommand(['audit', 'render', file, '--out', out, ...flags], environment);
    const read = spawnSync('pdftotext', ['-layout', out, '-'], { encoding: 'utf8' });
    const pages = read.status === 0 ? read.stdout.split('\f').slice(0, -1) : [];
    const facts = spawnSync('pdfinfo', [out], { encoding: 'utf8' }).stdout;
    return { code, stderr, pages, facts };
  }

  const log = new SampleLog(80, {
    body: (seq) => ({
      ...sampleBody(seq),
      actor: { kind: 'user', id: 'u', name: seq === 7 ? 'Жанна Ερμής' : 'jonas.weber' },
    }),
  });
  const bundle = log.bundle(1, 80);
  const digest = (bytes: Uint8Array): string => {
    const { dsse } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { dsse: { payload: string } };
    const manifest = JSON.parse(Buffer.from(dsse.payload, 'base64').toString('utf8')) as {
      content_digest: { value: string };
    };
    return manifest.content_digest.value;
  };

  it('prints verdict, digest and disclaimer on every page, and every entry', async () => {
    const { code, stderr, pages, facts } = await render(bundle, '--key', signer.key.text);
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'VERIFIED\n' });
    expect(pages.length).toBeGreaterThan(2);
    for (const [index, page] of pages.entries()) {
      expect(page).toContain('bundle.ghbundle · VERIFIED');
      expect(page).toContain(digest(bundle));
      expect(page).toContain('This PDF carries no integrity of its own');
      expect(page).toContain(`Page ${index + 1} of ${pages.length}`);
    }
    const text = pages.join('\n');
    for (let seq = 1; seq <= 80; seq++) expect(text).toMatch(new RegExp(`^ *#${seq} +2026-11-21`, 'm'));
    expect(text).toContain('Жанна Ερμής');
    expect(text).toContain("That the console's clock was right.");
    expect(pages.slice(2).every((page) => /Seq +Time UTC +Actor/.test(page))).toBe(true);
    expect(facts).toMatch(/Tagged: +yes/);
    // Who and what at a glance, before anything else.
    expect(pages[0]).toMatch(/Kind +Entries +Actor +Entries\s+(?:api_call|credential_access) +40 +jonas\.weber +79/);
    expect(statedDigest(readFileSync(join(folder, 'bundle.pdf')))).toBe(digest(bundle));
  });

  it('says for which control entries were chosen, and by which types', async () => {
    const filter = {
      catalogue_version: 1,
      control: 'CC6.1',
      event_types: ['api_call', ...Array.from({ length: 40 }, (_, i) => `other_type_${i}`), 'credential_access'],
      framework: 'soc2',
      workspace: 'prod',
    };
    const chosen = log.bundle(1, 80, { filter, chosen: ({ workspace }) => workspace === 'prod' });
    const { code, pages } = await render(chosen, '--key', signer.key.text);
    expect(code).toBe(0);
    const text = pages.join('\n');
    expect(text).toMatch(/Evidence for +soc2 CC6\.1, by version 1 of the console’s catalogue/);
    expect(text).toMatch(/Selection +\{"workspace":"prod"\}/);
    expect(text).toMatch(/Entry types +api_call, other_type_0, [\s\S]*other_type_39,\s+credential_access/);
  });

  it('carries the bundle, which verifies as it does alone; a changed page changes nothing, a changed bundle does', async () => {
    await render(bundle, '--key', signer.key.text);
    const out = join(folder, 'bundle.pdf');
    const verify = async (pdf: Uint8Array) => {
      const file = join(folder, 'changed.pdf');
      writeFileSync(file, pdf);
      const { code, stdout } = await runCommand(
        ['audit', 'verify', file, '--key', signer.key.text, '--json'],
        environment,
      );
      return { code, said: stdout === '' ? undefined : (JSON.parse(stdout) as Record<string, unknown>) };
    };
    const whole = readFileSync(out);
    const [{ start, end } = { start: 0, end: 0 }] = embeddedFiles(whole);
    expect(Buffer.from(await bundleInPdf(whole, inflateSync)).equals(bundle)).toBe(true);
    expect(await verify(whole)).toMatchObject({
      code: 0,
      said: {
        verdict: 'VERIFIED WITH LIMITS',
        in_pdf: true,
        summary: expect.stringContaining('printed pages not compared'),
      },
    });
    const page = Buffer.from(whole);
    page[end + 40] = (page[end + 40] ?? 0) ^ 1;
    expect((await verify(page)).code).toBe(0);
    const altered = deflateSync(
      Buffer.from(Buffer.from(bundle).toString('utf8').replace('jonas.weber', 'jonas.wever')),
    );
    const carrier = Buffer.concat([
      Buffer.from(`%PDF-1.7\n<< /Type /EmbeddedFile /Length ${altered.length} /Filter /FlateDecode >>\nstream\n`),
      altered,
      Buffer.from('\nendstream'),
    ]);
    expect(await verify(carrier)).toMatchObject({ code: 1, said: { verdict: 'NOT VERIFIED' } });
    const cut = await verify(whole.subarray(0, (start + end) >> 1));
    expect(cut).toMatchObject({
      code: 2,
      said: {
        verdict: 'CANNOT CHECK',
        findings: [{ code: 'bad-argument', detail: expect.stringContaining('changed.pdf') }],
      },
    });
    const missing = await runCommand(['audit', 'verify', join(folder, 'none.ghbundle'), '--json'], environment);
    expect(missing.code).toBe(2);
    expect(JSON.parse(missing.stdout)).toMatchObject({ verdict: 'CANNOT CHECK', checks: [] });
    const without = await render(bundle, '--key', signer.key.text, '--no-bundle');
    expect(without.code).toBe(0);
    expect((await verify(readFileSync(out))).code).toBe(2);
  });

  it('says of an altered bundle on every page that it is not genuine, and marks the entry', async () => {
    const altered = Buffer.from(Buffer.from(bundle).toString('utf8').replace('"size":90', '"size":91'));
    const { code, stderr, pages } = await render(altered, '--key', signer.key.text);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^NOT VERIFIED: entry #9, field details\.request/),
    });
    for (const page of pages) expect(page).toContain('bundle.ghbundle · NOT VERIFIED');
    expect(pages.join('\n')).toMatch(/#9 .*ALTERED/);
  });

  it('refuses what cannot be read, what is too long, and a file that is there', async () => {
    expect(await render(Buffer.from('no bundle'))).toMatchObject({ code: 1, pages: [] });
    const twice = await runCommand(
      ['audit', 'render', join(folder, 'bundle.ghbundle'), '--out', join(projectRoot, 'README.md')],
      environment,
    );
    expect(twice).toMatchObject({ code: 2, stderr: expect.stringContaining('--force') });
    expect(readFileSync(join(projectRoot, 'README.md'), 'utf8')).toMatch(/^# /);
  });
});

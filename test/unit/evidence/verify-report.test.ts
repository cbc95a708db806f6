// The row "PDF matches data": what can be said of a report that is attached, that was given beside the bundle, or that carries it.
import { describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { encodeUtf8 } from '../../../src-shared/evidence/bytes.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { digestText, type GivenPdf, statedDigest } from '../../../src-shared/evidence/verify-report.ts';
import { SampleLog, signer } from './sample-log.ts';

const log = new SampleLog(6);
const digest = verifyBundle(nodePrimitives, log.bundle(2, 5), { trustedKeys: [] }).manifest?.content_digest.value ?? '';
const pdf = (stated: string): Uint8Array<ArrayBuffer> =>
  encodeUtf8(`%PDF-1.7\n8 0 obj\n(${digestText(stated)})\nendobj\n`);
const report = pdf(digest);
const others = pdf('0'.repeat(64));

function rowOf(attached: { [name: string]: Uint8Array<ArrayBuffer> }, given?: GivenPdf) {
  const attachments = Object.entries(attached).map(([name, data]) => ({ name, media_type: 'application/pdf', data }));
  const verdict = verifyBundle(nodePrimitives, log.bundle(2, 5, { attachments }), {
    trustedKeys: [signer.key.text],
    ...(given && { pdf: given }),
  });
  const row = verdict.checks.find(({ id }) => id === 'pdf_matches');
  return { verdict: verdict.verdict, state: row?.state, detail: row?.detail };
}

const given = (bytes: Uint8Array, more: Partial<GivenPdf> = {}): GivenPdf => ({
  name: 'printed.pdf',
  bytes,
  carriesBundle: false,
  ...more,
});

describe('PDF matches data', () => {
  it('says so where there is no report', () => {
    expect(rowOf({})).toEqual({
      verdict: 'VERIFIED',
      state: 'not_checkable',
      detail: 'no report of these entries is attached or was given',
    });
    expect(rowOf({ 'scan.pdf': others }).detail).toContain('1 other PDF is evidence and not compared');
  });

  it('binds the attached report by its signed hash and the digest that it names', () => {
    expect(rowOf({ 'report.pdf': report })).toMatchObject({
      verdict: 'VERIFIED',
      state: 'proven',
      detail: expect.stringContaining('byte for byte what was signed with these entries'),
    });
    expect(rowOf({ 'report.pdf': encodeUtf8('%PDF-1.7') })).toMatchObject({
      verdict: 'VERIFIED',
      state: 'not_checkable',
    });
    expect(rowOf({ 'report.pdf': others })).toMatchObject({ verdict: 'NOT VERIFIED', state: 'failed' });
  });

  it('says nothing good of an attached report that was altered', () => {
    const bytes = log.bundle(2, 5, {
      attachments: [{ name: 'report.pdf', media_type: 'application/pdf', data: report }],
    });
    const [before, after] = [report, Uint8Array.from(report).fill(0x20, 3, 4)].map((data) =>
      Buffer.from(data).toString('base64'),
    );
    const altered = Buffer.from(
      Buffer.from(bytes)
        .toString('utf8')
        .replace(before ?? '', after ?? ''),
    );
    const verdict = verifyBundle(nodePrimitives, altered, { trustedKeys: [signer.key.text] });
    expect(verdict.verdict).toBe('NOT VERIFIED');
    expect(verdict.checks.find(({ id }) => id === 'pdf_matches')).toMatchObject({
      state: 'not_checkable',
      detail: 'report.pdf is not as it was signed',
    });
  });

  it('compares a PDF that was given with those that were signed', () => {
    expect(rowOf({ 'report.pdf': report }, given(report))).toMatchObject({ verdict: 'VERIFIED', state: 'proven' });
    const printed = Uint8Array.from([...report, 0x20]);
    expect(rowOf({ 'report.pdf': report }, given(printed))).toMatchObject({
      verdict: 'VERIFIED WITH LIMITS',
      state: 'limited',
      detail: expect.stringContaining('signed by nobody, and not compared'),
    });
    expect(rowOf({}, given(others))).toMatchObject({ verdict: 'NOT VERIFIED', state: 'failed' });
  });

  it('never calls pages that nobody signed proven, also around a bundle', () => {
    expect(rowOf({}, given(report, { carriesBundle: true }))).toEqual({
      verdict: 'VERIFIED WITH LIMITS',
      state: 'limited',
      detail:
        'the printed pages around the bundle are signed by nobody, and not compared with the entries: read those instead',
    });
    expect(rowOf({}, given(others, { carriesBundle: true })).verdict).toBe('NOT VERIFIED');
  });

  it('reads one digest, and none where two are said', () => {
    expect(statedDigest(report)).toBe(digest);
    expect(statedDigest(encodeUtf8(`(${digestText('12')})`))).toBeUndefined();
    expect(statedDigest(Uint8Array.from([...report, ...others]))).toBeUndefined();
    expect(statedDigest(new Uint8Array(0))).toBeUndefined();
  });
});

// The catalogue of tamperings: what an attacker does to a bundle, and the finding that each must give. The attacker may hold a key of
// his own and all of our code; the verifier has pinned the console's key.

import { describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { decodeUtf8Strict, encodeBase64, encodeUtf8 } from '../../../src-shared/evidence/bytes.ts';
import { canonicalize, type JsonObject } from '../../../src-shared/evidence/canonical-json.ts';
import { createEnvelope } from '../../../src-shared/evidence/dsse.ts';
import type { BundleEntry } from '../../../src-shared/evidence/entry.ts';
import { MANIFEST_TYPE, type Manifest } from '../../../src-shared/evidence/manifest.ts';
import type { Finding, Verdict } from '../../../src-shared/evidence/verdict.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { ORIGIN, SampleLog, sampleBody, signer, testSigner } from './sample-log.ts';

type Bundle = {
  attachments: { data: string; name: string }[];
  dsse: JsonObject & { payload: string; payloadType: string; signatures: { keyid: string; sig: string }[] };
  entries: BundleEntry[];
  format: string;
  range_proof: string[] | null;
  signer: string;
  version: number;
};

const log = new SampleLog(20);
const attachments = [
  { name: 'report.txt', media_type: 'text/plain', data: encodeUtf8('first file') },
  { name: 'screen.txt', media_type: 'text/plain', data: encodeUtf8('second file') },
];
const whole = log.bundle(5, 12, { attachments, consistency: [log.consistency(4)] });
const filtered = log.bundle(1, 20, { filter: { event_type: 'api_call' }, chosen: ({ seq }) => seq % 2 === 0 });

function verify(bytes: Uint8Array): Verdict {
  return verifyBundle(nodePrimitives, bytes, { trustedKeys: [signer.key.text] });
}

/** The bundle after `change`, written canonically again. */
function tamper(bytes: Uint8Array, change: (bundle: Bundle) => void): Verdict {
  const bundle = JSON.parse(decodeUtf8Strict(bytes)) as Bundle;
  change(bundle);
  return verify(encodeUtf8(canonicalize(bundle)));
}

/** As tamper, with a changed manifest signed again by `by`. */
function resign(bytes: Uint8Array, change: (manifest: Manifest, bundle: Bundle) => void, by = signer): Verdict {
  return tamper(bytes, (bundle) => {
    const manifest = JSON.parse(Buffer.from(bundle.dsse.payload, 'base64').toString()) as Manifest;
    change(manifest, bundle);
    const envelope = createEnvelope(MANIFEST_TYPE, encodeUtf8(canonicalize(manifest)), by.key.id, by.sign);
    bundle.dsse = envelope as Bundle['dsse'];
    bundle.signer = by.key.text;
  });
}

function expectFinding(verdict: Verdict, finding: Partial<Finding>): void {
  expect(verdict.verdict).toBe('NOT VERIFIED');
  expect(verdict.findings).toContainEqual(expect.objectContaining(finding));
}

describe('tampering with bytes', () => {
  const small = log.bundle(7, 8, {
    attachments: attachments.slice(0, 1),
    consistency: [log.consistency(4)],
    disclose: (path) => path !== 'user_agent',
    hmac: { keyId: 'k', secret: encodeUtf8('s') },
  });

  it('starts from a genuine bundle', () => {
    expect(verify(small).headline).toBe('VERIFIED');
    expect(verify(whole).headline).toBe('VERIFIED');
    expect(verify(filtered).headline).toBe('VERIFIED WITH LIMITS: a filtered selection');
  });

  it('is found at every single byte', () => {
    const bytes = Uint8Array.from(small);
    for (let at = 0; at < bytes.length; at++) {
      const original = bytes[at] ?? 0;
      bytes[at] = original ^ (1 << (at % 7));
      const { verdict, findings } = verify(bytes);
      const isVersion = decodeUtf8Strict(small.subarray(at - 10, at)) === '"version":';
      // A changed version digit may read as a later format; nothing else may leave the question open.
      const isFound = verdict === 'NOT VERIFIED' || (isVersion && verdict === 'CANNOT CHECK');
      if (!isFound || findings.length === 0) {
        throw new Error(`byte ${at} changed, and the verdict is ${verdict}`);
      }
      bytes[at] = original;
    }
    // Thousands of verifications, on a machine that may have other work.
  }, 120_000);

  it('is found at every byte of a filtered bundle', () => {
    const bytes = log.bundle(3, 6, { filter: { event_type: 'api_call' }, chosen: ({ seq }) => seq === 4 });
    for (let at = 0; at < bytes.length; at++) {
      const original = bytes[at] ?? 0;
      bytes[at] = original ^ 1;
      const { verdict } = verify(bytes);
      if (verdict !== 'NOT VERIFIED' && verdict !== 'CANNOT CHECK') throw new Error(`byte ${at}: ${verdict}`);
      bytes[at] = original;
    }
  });

  it('is said in plain words of a file with nothing in it', () => {
    expect(verify(small.subarray(0, 0)).summary).toBe(
      'This bundle is not genuine: the file is empty. Do not rely on any part of it; ask the sender for a new export.',
    );
  });

  it('is found when the file is cut anywhere, or continued', () => {
    for (let end = 0; end < small.length; end += 7) {
      expectFinding(verify(small.subarray(0, end)), { code: 'file-damaged' });
    }
    for (const tail of ['\n', ' ', '\0', '{}']) {
      expectFinding(verify(Buffer.concat([small, Buffer.from(tail)])), {
        code: 'file-damaged',
        where: `offset ${small.length}`,
      });
    }
  });

  it('names the offset where the file stops being a bundle', () => {
    const at = Buffer.from(whole).indexOf('"format"');
    const damaged = Uint8Array.from(whole);
    damaged[at + 3] = 0x20;
    expect(verify(damaged).findings).toMatchObject([{ code: 'file-damaged', where: `offset ${at + 3}` }]);
  });

  it('refuses the same content in another spelling', () => {
    const text = decodeUtf8Strict(whole);
    const spellings = [
      JSON.stringify(JSON.parse(text), null, 1),
      text.replace('"version":1', '"version":1.0'),
      text.replace('jonas', '\\u006aonas'),
      text.replace('{"attachments"', '{ "attachments"'),
      text.replace('"version":1}', '"version":1,"x":0}'),
      text.replace('"version":1}', '"version":1,"version":1}'),
      `\ufeff${text}`,
    ];
    for (const spelling of spellings) expectFinding(verify(encodeUtf8(spelling)), { code: 'file-damaged' });
  });

  it('cannot check a format that it does not know', () => {
    const later = decodeUtf8Strict(whole).replace('"version":1}', '"version":2}');
    expect(verify(encodeUtf8(later))).toMatchObject({
      verdict: 'CANNOT CHECK',
      findings: [{ code: 'unknown-version' }],
    });
    const foreign = encodeUtf8('{"format":"gatehouse-bundle","new":[{}],"version":7}');
    expect(verify(foreign)).toMatchObject({ verdict: 'CANNOT CHECK' });
    expect(verify(encodeUtf8('{"format":"other","version":7}')).verdict).toBe('NOT VERIFIED');
    expect(verify(new Uint8Array(0)).verdict).toBe('NOT VERIFIED');
  });

  it('survives hostile nesting', () => {
    expect(verify(encodeUtf8('['.repeat(1_000_000))).verdict).toBe('NOT VERIFIED');
    const deep = decodeUtf8Strict(whole).replace('"value":200', `"value":${'['.repeat(5000)}${']'.repeat(5000)}`);
    expect(verify(encodeUtf8(deep)).verdict).toBe('NOT VERIFIED');
  });
});

describe('tampering with entries', () => {
  it('a nested value changed: names entry and field', () => {
    const verdict = tamper(whole, ({ entries }) => {
      const value = entries[3]?.open['details.request']?.value as { headers: { host: string } };
      value.headers.host = 'evil.example';
    });
    expect(verdict.findings[0]).toMatchObject({
      code: 'field-altered',
      seq: 8,
      where: 'entries[3] field details.request',
      detail: 'entry #8, field details.request: value or salt are not what was recorded',
    });
    expectFinding(verdict, { code: 'content-digest' });
    expect(verdict.findings.map(({ code }) => code)).toEqual(['field-altered', 'content-digest']);
  });

  it('a salt changed: names entry and field', () => {
    const verdict = tamper(whole, ({ entries }) => {
      entries[0]!.open.actor!.salt = entries[1]!.open.actor!.salt;
    });
    expectFinding(verdict, { code: 'field-altered', seq: 5, where: 'entries[0] field actor' });
  });

  it('openings of two fields exchanged: names both', () => {
    const verdict = tamper(whole, ({ entries }) => {
      const { open } = entries[2]!;
      [open.ip_address, open.user_agent] = [open.user_agent!, open.ip_address!];
    });
    expectFinding(verdict, { code: 'field-altered', where: 'entries[2] field ip_address' });
    expectFinding(verdict, { code: 'field-altered', where: 'entries[2] field user_agent' });
  });

  it('an opening for a field that was never recorded', () => {
    const verdict = tamper(whole, ({ entries }) => {
      entries[2]!.open['details.extra'] = { salt: 'A'.repeat(22), value: 1 };
    });
    expectFinding(verdict, { code: 'field-unknown', seq: 7, where: 'entries[2] field details.extra' });
  });

  it('an opening taken out after signing', () => {
    const verdict = tamper(whole, ({ entries }) => {
      delete entries[2]!.open.actor;
    });
    expectFinding(verdict, { code: 'entry-altered', seq: 7 });
    expectFinding(verdict, { code: 'field-counts' });
  });

  it.each([
    ['action', (entry: BundleEntry) => (entry.leaf.action = 'nothing')],
    ['success', (entry: BundleEntry) => (entry.leaf.success = !entry.leaf.success)],
    ['time', (entry: BundleEntry) => (entry.leaf.time = '2026-11-20T00:00:00.000Z')],
    ['workspace', (entry: BundleEntry) => (entry.leaf.workspace = 'other')],
    ['workspace_seq', (entry: BundleEntry) => entry.leaf.workspace_seq++],
    ['a commitment', (entry: BundleEntry) => (entry.leaf.commitments.actor = entry.leaf.commitments.resource!)],
  ])("an entry's %s changed: names the entry, whole and filtered", (_, change) => {
    const verdict = tamper(whole, ({ entries }) => change(entries[3]!));
    expect(verdict.findings.filter(({ code }) => code === 'entry-altered' || code === 'field-altered')).toMatchObject([
      { seq: 8 },
    ]);
    expectFinding(verdict, { code: 'range-proof' });
    expectFinding(
      tamper(filtered, ({ entries }) => change(entries[3]!)),
      { code: 'inclusion-proof', seq: 8 },
    );
  });

  it('an entry in a foreign shape', () => {
    for (const change of [
      (entry: BundleEntry) => Object.assign(entry.leaf, { v: 2 }),
      (entry: BundleEntry) => Object.assign(entry.leaf, { seq: 0 }),
      (entry: BundleEntry) => Object.assign(entry.leaf, { note: 'x' }),
      (entry: BundleEntry) => Object.assign(entry, { extra: 1 }),
      (entry: BundleEntry) => Object.assign(entry.leaf.commitments, { actor: 'short' }),
      (entry: BundleEntry) => Object.assign(entry.open, { actor: { salt: '', value: 1 } }),
    ]) {
      const verdict = tamper(whole, ({ entries }) => change(entries[3]!));
      expectFinding(verdict, { code: 'entry-malformed', where: 'entries[3]' });
      expectFinding(verdict, { code: 'entries-missing', seq: 8 });
    }
  });

  it('entries taken out: names each gap', () => {
    const verdict = tamper(whole, ({ entries }) => {
      entries.splice(4, 2);
      entries.splice(1, 1);
    });
    expectFinding(verdict, { code: 'entries-missing', seq: 6, detail: 'entry #6 missing' });
    expectFinding(verdict, { code: 'entries-missing', seq: 9, detail: 'entries #9 to #10 missing' });
    expectFinding(verdict, { code: 'entry-count' });
  });

  it('the first, the last or all entries taken out', () => {
    expectFinding(
      tamper(whole, ({ entries }) => entries.shift()),
      { code: 'entries-missing', seq: 5 },
    );
    expectFinding(
      tamper(whole, ({ entries }) => entries.pop()),
      { code: 'entries-missing', seq: 12 },
    );
    expectFinding(
      tamper(whole, ({ entries }) => entries.splice(0)),
      {
        code: 'entries-missing',
        detail: 'entries #5 to #12 missing',
      },
    );
    expectFinding(
      tamper(filtered, ({ entries }) => entries.pop()),
      { code: 'entry-count' },
    );
  });

  it('an entry twice, two exchanged, one of another range', () => {
    expectFinding(
      tamper(whole, ({ entries }) => entries.splice(2, 0, entries[1]!)),
      { code: 'entry-duplicated', seq: 6 },
    );
    for (const bytes of [whole, filtered]) {
      const verdict = tamper(bytes, ({ entries }) => entries.splice(2, 2, entries[3]!, entries[2]!));
      expectFinding(verdict, { code: 'entry-out-of-order' });
      expectFinding(verdict, { code: 'content-digest' });
    }
    const other = JSON.parse(decodeUtf8Strict(log.bundle(13, 13))) as Bundle;
    expectFinding(
      tamper(whole, ({ entries }) => entries.push(other.entries[0]!)),
      { code: 'entry-out-of-range', seq: 13 },
    );
  });

  it('an entry out of a forged log with the same number', () => {
    const forged = new SampleLog(20, { body: (seq) => ({ ...sampleBody(seq), success: true }) });
    const other = JSON.parse(decodeUtf8Strict(forged.bundle(5, 12))) as Bundle;
    const verdict = tamper(whole, ({ entries }) => {
      entries[5] = other.entries[5]!;
    });
    expectFinding(verdict, { code: 'entry-altered', seq: 10 });
    expectFinding(verdict, { code: 'range-proof' });
  });
});

describe('tampering with proofs', () => {
  it('a hash of the range proof changed, exchanged, left out or added', () => {
    for (const change of [
      (proof: string[]) => proof.reverse(),
      (proof: string[]) => proof.pop(),
      (proof: string[]) => proof.push(proof[0]!),
      (proof: string[]) => (proof[0] = proof[1]!),
    ]) {
      expectFinding(
        tamper(whole, ({ range_proof }) => change(range_proof!)),
        { code: 'range-proof', where: 'range_proof' },
      );
    }
    const none = tamper(whole, (bundle) => (bundle.range_proof = null));
    expectFinding(none, { code: 'range-proof', detail: 'a whole range must carry a range proof' });
    expectFinding(
      tamper(filtered, (bundle) => (bundle.range_proof = [])),
      { code: 'range-proof' },
    );
  });

  it('inclusion proofs exchanged, changed or left out: names the entries', () => {
    const exchanged = tamper(filtered, ({ entries }) => {
      [entries[0]!.proof, entries[5]!.proof] = [entries[5]!.proof!, entries[0]!.proof!];
    });
    expectFinding(exchanged, { code: 'inclusion-proof', seq: 2 });
    expectFinding(exchanged, { code: 'inclusion-proof', seq: 12, where: 'entries[5] proof' });
    const missing = tamper(filtered, ({ entries }) => delete entries[1]!.proof);
    expectFinding(missing, { code: 'inclusion-proof', seq: 4 });
    const superfluous = tamper(whole, ({ entries }) => (entries[1]!.proof = []));
    expectFinding(superfluous, { code: 'inclusion-proof', seq: 6 });
  });

  it('a consistency proof in a signed manifest that does not lead to its checkpoint', () => {
    for (const change of [
      ({ consistency }: Manifest) => consistency[0]!.size--,
      ({ consistency }: Manifest) => (consistency[0]!.root = consistency[0]!.hashes[0]!),
      ({ consistency }: Manifest) => consistency[0]!.hashes.reverse(),
      ({ consistency }: Manifest) => (consistency[0]!.hashes[0] = 'no hash'),
      ({ consistency }: Manifest) => consistency.push({ hashes: [], root: consistency[0]!.root, size: 20 }),
    ]) {
      expectFinding(
        resign(whole, (manifest) => change(manifest)),
        { code: 'consistency-proof' },
      );
    }
  });
});

describe('tampering with manifest and signatures', () => {
  const attacker = testSigner(ORIGIN, 66);

  it('the manifest changed under its old signature', () => {
    const verdict = tamper(whole, ({ dsse }) => {
      const manifest = JSON.parse(Buffer.from(dsse.payload, 'base64').toString()) as Manifest;
      manifest.reason = 'INC-0148';
      dsse.payload = encodeBase64(encodeUtf8(canonicalize(manifest)));
    });
    expectFinding(verdict, { code: 'manifest-signature' });
  });

  it('the signature of another bundle of the same console', () => {
    const other = JSON.parse(decodeUtf8Strict(log.bundle(5, 11))) as Bundle;
    expectFinding(
      tamper(whole, ({ dsse }) => (dsse.signatures = other.dsse.signatures)),
      { code: 'manifest-signature' },
    );
    const envelope = tamper(whole, (bundle) => (bundle.dsse = other.dsse));
    expectFinding(envelope, { code: 'content-digest' });
  });

  it('the payload type changed', () => {
    const verdict = tamper(whole, ({ dsse }) => (dsse.payloadType = 'application/vnd.in-toto+json'));
    expectFinding(verdict, { code: 'manifest-type' });
    expectFinding(verdict, { code: 'manifest-signature' });
  });

  it('the key in the file replaced, or its id', () => {
    expectFinding(
      tamper(whole, (bundle) => (bundle.signer = attacker.key.text)),
      {
        code: 'signer-field',
        detail: 'a key that you trust has signed the manifest, but the file names another',
      },
    );
    expectFinding(
      tamper(whole, (bundle) => (bundle.signer = 'nonsense')),
      { code: 'signer-field' },
    );
    expectFinding(
      tamper(whole, ({ dsse }) => (dsse.signatures[0]!.keyid = attacker.key.id)),
      { code: 'signer-field' },
    );
    expectFinding(
      tamper(whole, ({ dsse }) => dsse.signatures.push(dsse.signatures[0]!)),
      { code: 'file-damaged' },
    );
  });

  it('everything signed again by another key, even of the same name', () => {
    const forged = new SampleLog(20, { signer: attacker });
    const verdict = verify(forged.bundle(5, 12));
    expect(verdict.findings).toMatchObject([{ code: 'signer-unknown' }]);
    expectFinding(verdict, { code: 'signer-unknown' });
    expectFinding(
      resign(whole, () => undefined, attacker),
      { code: 'checkpoint-signature' },
    );
  });

  it('a manifest that says more or less than format 1', () => {
    for (const change of [
      (manifest: Manifest) => Object.assign(manifest, { extra: 1 }),
      (manifest: Partial<Manifest>) => delete manifest.filter,
      (manifest: Manifest) => Object.assign(manifest, { format_version: 2.5 }),
      (manifest: Manifest) => Object.assign(manifest.counts, { entries: -1 }),
      (manifest: Manifest) => Object.assign(manifest.attachments[0]!, { name: '../../etc/passwd' }),
      (manifest: Manifest) => Object.assign(manifest.attachments[0]!, { name: manifest.attachments[1]!.name }),
    ]) {
      expectFinding(
        resign(whole, (manifest) => change(manifest)),
        { code: 'manifest-unreadable' },
      );
    }
  });

  it('numbers in a signed manifest that do not fit its entries', () => {
    expectFinding(
      resign(whole, ({ counts }) => counts.opened_fields--),
      { code: 'field-counts' },
    );
    for (const code of ['entry-count', 'entry-tags'] as const) {
      expectFinding(
        resign(whole, ({ counts }) => counts.entries++),
        { code },
      );
    }
    expectFinding(
      resign(whole, ({ range }) => range.to++),
      { code: 'entries-missing', seq: 13 },
    );
    expectFinding(
      resign(whole, (manifest) => manifest.tree_size++),
      { code: 'checkpoint-size' },
    );
    expectFinding(
      resign(whole, (manifest) => (manifest.origin = 'gatehouse/other')),
      { code: 'checkpoint-origin' },
    );
    expectFinding(
      resign(whole, ({ content_digest }) => (content_digest.method = 'md5')),
      { code: 'content-digest' },
    );
    expectFinding(
      resign(whole, (manifest) => (manifest.filter = {})),
      { code: 'inclusion-proof', seq: 5 },
    );
  });

  it('the checkpoint of another log, of another time, or by nobody', () => {
    const elsewhere = new SampleLog(20, { signer: testSigner('gatehouse/elsewhere', 5) });
    expectFinding(
      resign(whole, (manifest) => (manifest.checkpoint = elsewhere.checkpoint())),
      { code: 'checkpoint-origin' },
    );
    const old = resign(whole, (manifest) => (manifest.checkpoint = log.checkpoint(15)));
    expectFinding(old, { code: 'checkpoint-size' });
    expectFinding(old, { code: 'range-proof' });
    const forked = new SampleLog(20, { body: (seq) => ({ ...sampleBody(seq), phi: true }) });
    expectFinding(
      resign(whole, (manifest) => (manifest.checkpoint = forked.checkpoint())),
      { code: 'range-proof' },
    );
    expectFinding(
      resign(whole, (manifest) => (manifest.checkpoint = 'nothing')),
      { code: 'checkpoint-malformed' },
    );
    const unsigned = resign(
      whole,
      (manifest) => (manifest.checkpoint = manifest.checkpoint.replace('\n20\n', '\n21\n')),
    );
    expectFinding(unsigned, { code: 'checkpoint-signature' });
  });
});

describe('tampering with attachments', () => {
  it('changed, taken out, added, exchanged or renamed', () => {
    const changed = tamper(whole, (bundle) => (bundle.attachments[1]!.data = encodeBase64(encodeUtf8('Second file'))));
    expect(changed.findings).toEqual([
      {
        code: 'attachment-altered',
        where: 'attachments[1]',
        detail: 'screen.txt does not match its SHA-256 in the manifest',
      },
    ]);
    expectFinding(
      tamper(whole, (bundle) => (bundle.attachments[0]!.data = '!')),
      { code: 'attachment-altered' },
    );
    expectFinding(
      tamper(whole, (bundle) => (bundle.attachments[0]!.data += '====')),
      { code: 'attachment-altered' },
    );
    expectFinding(
      tamper(whole, (bundle) => bundle.attachments.pop()),
      { code: 'attachment-missing' },
    );
    expectFinding(
      tamper(whole, (bundle) => bundle.attachments.reverse()),
      { code: 'attachment-missing' },
    );
    const added = tamper(whole, (bundle) => bundle.attachments.push({ data: '', name: 'extra.txt' }));
    expectFinding(added, { code: 'attachment-unlisted', where: 'attachments[2]' });
    expectFinding(
      tamper(whole, (bundle) => (bundle.attachments[0]!.name = 'x.txt')),
      { code: 'attachment-missing' },
    );
  });
});

describe('what a bundle says about itself', () => {
  it('cannot steer a terminal', () => {
    const verdict = verify(log.bundle(1, 2, { console: 'Nord\u001b[2Jkai\u202e\r\nVERIFIED' }));
    const shown = [verdict.summary, verdict.headline, ...verdict.checks.map(({ detail }) => detail)].join('');
    expect(shown).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(shown).toContain('Nord\ufffd[2Jkai\ufffd\ufffd\ufffdVERIFIED');
  });

  it('is cut short in findings, but counted', () => {
    const many = new SampleLog(1200, { body: (seq) => ({ ...sampleBody(seq), details: {} }) });
    const verdict = tamper(many.bundle(1, 1200), ({ entries }) => {
      for (const entry of entries) entry.open.ip_address!.value = '192.0.2.1';
    });
    expect([verdict.findings.length, verdict.findings_left_out]).toEqual([1000, 201]);
  });
});

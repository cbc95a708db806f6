// The Verifier's desk and store: a genuine bundle, an altered one, the rows of both, and keys pinned afterwards.

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { savedName } from '../../../src-renderer/features/bundles/saved-name.ts';
import { createVerifyDesk } from '../../../src-renderer/features/bundles/verify-desk.ts';
import type { VerifyReply, VerifyRequest } from '../../../src-renderer/features/bundles/verify-messages.ts';
import { createVerifyStore } from '../../../src-renderer/features/bundles/verify-store.ts';
import { noblePrimitives } from '../../../src-renderer/lib/evidence-primitives.ts';
import { nobleStamps } from '../../../src-renderer/lib/stamp-primitives.ts';
import { keptBack, readRow } from '../../../src-shared/evidence/bundle-rows.ts';
import { sourceOf } from '../../../src-shared/evidence/bundle-source.ts';
import { formatReceipt } from '../../../src-shared/evidence/receipt.ts';
import { SampleLog } from '../evidence/sample-log.ts';
import { createVerifier, fileOf, genuine, key, keyGiven } from './verifier-desk.ts';

describe('verifier', () => {
  it('is limited by an unknown signer, and verified once the key is pinned', async () => {
    const { verifier, settle } = createVerifier();
    verifier.verify(fileOf(genuine));
    expect(verifier.getState().phase).toBe('checking');
    await settle();
    expect(verifier.getState()).toMatchObject({
      phase: 'done',
      verdict: { verdict: 'VERIFIED WITH LIMITS', signer: key },
    });
    verifier.hold([keyGiven]);
    await settle();
    expect(verifier.getState().verdict?.checks.find((check) => check.id === 'signer_known')?.state).toBe('proven');
    verifier.distrust(keyGiven);
    await settle();
    expect(verifier.getState().verdict?.verdict).toBe('VERIFIED WITH LIMITS');
  });

  it('shows the rows that are asked for, in the order of the file', async () => {
    const { verifier, settle } = createVerifier();
    verifier.verify(fileOf(genuine));
    await settle();
    const { entries } = verifier.getState();
    verifier.need(0, entries - 1);
    verifier.need(0, entries - 1);
    await settle();
    const rows = [...verifier.getState().rows.values()];
    expect(rows).toHaveLength(entries);
    expect(rows.map((row) => row.seq)).toEqual(rows.map((row) => row.seq).toSorted((left, right) => left - right));
    for (const row of rows) {
      expect(row.time).toMatch(/^\d{4}-\d\d-\d\dT/);
      expect(row.isSuspect).toBe(false);
    }
    verifier.openEntry(0);
    await settle();
    expect(JSON.parse(verifier.getState().opened?.json ?? '')).toHaveProperty('leaf.seq', rows[0]?.seq);
  });

  it('names the entry whose recorded value was changed', async () => {
    const text = genuine.toString('latin1');
    const at = text.indexOf('"value":"', text.indexOf('"entries":[')) + '"value":"'.length;
    const altered = Buffer.from(genuine);
    altered[at] = (altered[at] ?? 0) === 0x78 ? 0x79 : 0x78;
    const { verifier, settle } = createVerifier();
    verifier.verify(fileOf(altered));
    await settle();
    const { verdict } = verifier.getState();
    expect(verdict?.verdict).toBe('NOT VERIFIED');
    const wrong = verdict?.findings.find((finding) => finding.seq !== undefined)?.seq;
    verifier.need(0, verifier.getState().entries - 1);
    await settle();
    const suspects = [...verifier.getState().rows.values()].filter((row) => row.isSuspect);
    expect(suspects.map((row) => row.seq)).toEqual([wrong]);
  });

  it('keeps what was found in sight while the file is judged anew, and asks for its rows again', async () => {
    const { verifier, settle } = createVerifier();
    verifier.verify(fileOf(new SampleLog(5).bundle(1, 5)));
    await settle();
    verifier.need(0, 4);
    await settle();
    verifier.openEntry(2);
    await settle();
    const before = verifier.getState();
    const phases: string[] = [];
    const stop = verifier.subscribe(({ phase, verdict, rows, opened }) =>
      phases.push([phase, verdict !== undefined, rows.size, opened?.json !== undefined].join(' ')),
    );
    verifier.hold([keyGiven]);
    await settle();
    // And the rows, which are asked for once it was judged.
    await settle();
    stop();
    expect(new Set(phases)).toEqual(new Set(['done true 5 true', 'checking true 5 true']));
    const after = verifier.getState();
    expect(after.verdict).not.toBe(before.verdict);
    expect(after.rows).not.toBe(before.rows);
    expect([...after.rows.values()]).toEqual([...before.rows.values()]);
  });

  it('says of a file that is no bundle that it is damaged, and holds no rows', async () => {
    const { verifier, settle } = createVerifier();
    verifier.verify(fileOf(Buffer.from('%PDF-1.7'), 'report.pdf'));
    await settle();
    expect(verifier.getState()).toMatchObject({ phase: 'done', entries: 0, verdict: { verdict: 'NOT VERIFIED' } });
  });

  it('tells how far the check of a large file is and how fast, until the verdict is there', async () => {
    const large = new SampleLog(8_000).bundle(1, 8_000);
    let clock = 0;
    const told: { done: number; rate: number | undefined; phase: string }[] = [];
    const verifier = createVerifyStore((onReply) => {
      const answer = createVerifyDesk({
        primitives: noblePrimitives,
        stamps: nobleStamps,
        now: () => {
          clock += 2_000;
          return clock;
        },
        tell(reply) {
          onReply(reply);
          const { progress, phase } = verifier.getState();
          if (progress !== undefined) told.push({ done: progress.done, rate: progress.perSecond, phase });
        },
        open: async (file) => sourceOf(new Uint8Array(await file.arrayBuffer())),
      });
      return {
        postMessage: (request: VerifyRequest) => void answer(request).then(onReply),
        terminate() {},
      };
    });
    verifier.verify(fileOf(large));
    await expect.poll(() => verifier.getState().phase, { timeout: 20_000 }).toBe('done');
    expect(told.length).toBeGreaterThan(2);
    expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).toSorted((one, other) => one - other));
    expect(told.at(-1)).toMatchObject({ done: large.length, phase: 'checking' });
    expect(told.at(-1)?.rate).toBeGreaterThan(0);
    expect(verifier.getState().progress).toBeUndefined();
  });

  it('drops the answer about a file that is no longer the one shown', async () => {
    const replies: ((reply: VerifyReply) => void)[] = [];
    const verifier = createVerifyStore((onReply) => {
      replies.push(onReply);
      return { postMessage() {}, terminate() {} };
    });
    verifier.verify(fileOf(genuine, 'first'));
    verifier.verify(fileOf(genuine, 'second'));
    replies[0]?.({ kind: 'unreadable', turn: 1 });
    expect(verifier.getState()).toMatchObject({ phase: 'checking', fileName: 'second' });
  });
});

describe('rows from hostile bytes', () => {
  const row = (text: string) => readRow(new TextEncoder().encode(text), 0, 7, false);

  it.each([
    '',
    '[',
    'null',
    '7',
    '[]',
    '{"leaf":[],"open":3}',
    '{"leaf":{"time":{},"action":7},"open":{"actor":{"value":[]}}}',
  ])('shows %s as an empty line', (text) => {
    expect(row(text)).toMatchObject({ seq: 7, time: '', actor: '', action: '', success: undefined });
  });

  it('shows control and direction characters as what they are not, and what was kept back as kept back', () => {
    const shown = row('{"leaf":{"action":"a\\u202eb\\u0007","commitments":{"actor":"x"}},"open":{}}');
    expect(shown).toMatchObject({ action: 'a\ufffdb\ufffd', actor: keptBack, target: '' });
  });

  it('takes nothing from the prototype', () => {
    expect(row('{"leaf":{"commitments":{}},"open":{}}').actor).toBe('');
    expect(row('{"__proto__":{"leaf":{"action":"x"}}}').action).toBe('');
  });
});

describe('a receipt', () => {
  it('tells the digest of the file as it is and what it was held against, and opens again', async () => {
    const { verifier, settle } = createVerifier();
    verifier.hold([keyGiven]);
    verifier.verify(fileOf(genuine));
    await settle();
    const described = verifier.describe();
    await settle();
    const checked = await described;
    expect(checked).toMatchObject({
      file: {
        name: 'sample.ghbundle',
        size: genuine.length,
        sha256: createHash('sha256').update(genuine).digest('hex'),
      },
      verdict: 'VERIFIED',
      trusted: { keys: [key] },
    });
    if (checked === undefined) throw new Error('nothing was described');
    const by = { console: null, person: null, program: 'test' };
    const receipt = formatReceipt({
      ...checked,
      checked_at: '2026-11-21T14:05:00.000Z',
      checked_by: by,
      format_version: 1,
    });
    verifier.verify(fileOf(receipt, 'sample.receipt'));
    await settle();
    expect(verifier.getState()).toMatchObject({ phase: 'receipt', receipt: { verdict: 'CANNOT CHECK' } });
  });

  it('asked for a file that was replaced meanwhile is not given', async () => {
    const { verifier, settle } = createVerifier();
    verifier.verify(fileOf(genuine));
    await settle();
    const described = verifier.describe();
    verifier.verify(fileOf(genuine, 'other.ghbundle'));
    await settle();
    expect(await described).toBeUndefined();
  });
});

it('attached files are taken out as they are', async () => {
  const { verifier, settle } = createVerifier();
  verifier.verify(fileOf(genuine));
  await settle();
  const taken = verifier.attachment(0);
  await settle();
  expect(new TextDecoder().decode(await taken)).toBe('Seen by two people.\n');
});

it('a PDF that came with the bundle is compared', async () => {
  const pdf = new TextEncoder().encode('%PDF-1.7 printed');
  const log = new SampleLog(3);
  const bytes = log.bundle(1, 3, { attachments: [{ name: 'report.pdf', media_type: 'application/pdf', data: pdf }] });
  const { verifier, settle } = createVerifier();
  verifier.hold([{ kind: 'trustedKeys', text: log.signer.key.text, name: 'pasted' }]);
  verifier.verify(fileOf(bytes), fileOf(pdf, 'printed.pdf'));
  await settle();
  const row = () => verifier.getState().verdict?.checks.find(({ id }) => id === 'pdf_matches')?.state;
  expect(row()).toBe('proven');
  verifier.compare(fileOf(new TextEncoder().encode('%PDF-1.7 altered'), 'printed.pdf'));
  await settle();
  expect([row(), verifier.getState().verdict?.verdict]).toEqual(['limited', 'VERIFIED WITH LIMITS']);
});

it('files are saved under names that every system and the desktop window take', () => {
  expect(savedName('report.pdf')).toBe('report.pdf');
  expect(savedName('Prüfung/№ 3.pdf')).toBe('Pr_fung_ 3.pdf');
  expect(savedName(`${'a'.repeat(300)}.ghbundle.receipt.json`)).toBe(`${'a'.repeat(90)}.json`);
  for (const name of ['..', '.hidden', '\u202egpj.exe', 'a'.repeat(300)])
    expect(savedName(name)).toMatch(/^[\w. ()+-]{1,120}$/);
});

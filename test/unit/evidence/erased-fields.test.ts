// Erased fields in bundles: told apart from what was kept back by a signed list, and a list that says too much is found.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { readRow } from '../../../src-shared/evidence/bundle-rows.ts';
import { readSpan, sourceOf } from '../../../src-shared/evidence/bundle-source.ts';
import { encodeUtf8 } from '../../../src-shared/evidence/bytes.ts';
import { erasedName, formatErased } from '../../../src-shared/evidence/erased-fields.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { SampleLog, signer } from './sample-log.ts';

const log = new SampleLog(6);

/** Entries 2 to 5, of which none opens who acted and from where. */
function bundle(list: Uint8Array): Uint8Array {
  return log.bundle(2, 5, {
    attachments: [{ name: erasedName, media_type: 'application/json', data: Uint8Array.from(list) }],
    disclose: (path) => path !== 'actor' && path !== 'ip_address',
  });
}

function judge(bytes: Uint8Array) {
  const verdict = verifyBundle(nodePrimitives, bytes, { trustedKeys: [signer.key.text] });
  const codes = verdict.findings.map(({ code, seq }) => [code, seq]);
  const row = verdict.checks.find(({ id }) => id === 'entries_unaltered');
  return { word: verdict.verdict, codes, detail: row?.detail, verdict };
}

describe('the list of erased fields', () => {
  it('is believed where it names what an entry holds and does not open, and rows tell it from what was kept back', () => {
    const bytes = bundle(formatErased(new Map([[3, ['actor', 'ip_address']]])));
    const { word, codes, detail, verdict } = judge(bytes);
    expect({ word, codes }).toEqual({ word: 'VERIFIED', codes: [] });
    expect(detail).toContain('6 redacted, 2 erased: nobody can open them any more');
    const actors = verdict.entries?.seqs.map((seq, index) => {
      const span = readSpan(sourceOf(bytes), verdict.entries?.starts[index] ?? 0, verdict.entries?.ends[index] ?? 0);
      return readRow(span, index, seq, false, verdict.erased).actor;
    });
    expect(actors).toEqual(['kept back', 'erased', 'kept back', 'kept back']);
  });

  const wrong: [string, Uint8Array, number | undefined][] = [
    ['a field that is open', formatErased(new Map([[3, ['resource']]])), 3],
    ['a field that never was', formatErased(new Map([[3, ['details.never']]])), 3],
    ['a name that every object has', formatErased(new Map([[3, ['constructor']]])), 3],
    ['an entry that is not there', formatErased(new Map([[6, ['actor']]])), 6],
    ['nothing readable', encodeUtf8('{'), undefined],
    ['another format', encodeUtf8('{"entries":[],"format":"gatehouse-erased-fields/2"}'), undefined],
    ['more than its members', encodeUtf8('{"a":1,"entries":[],"format":"gatehouse-erased-fields/1"}'), undefined],
    [
      'an entry twice',
      encodeUtf8('{"entries":[[3,["actor"]],[3,["actor"]]],"format":"gatehouse-erased-fields/1"}'),
      undefined,
    ],
    ['no paths', encodeUtf8('{"entries":[[3,[]]],"format":"gatehouse-erased-fields/1"}'), undefined],
    ['paths that are no texts', encodeUtf8('{"entries":[[3,[1]]],"format":"gatehouse-erased-fields/1"}'), undefined],
  ];
  it.each(wrong)('with %s makes the bundle not verified', (_what, list, seq) => {
    expect(judge(bundle(list))).toMatchObject({ word: 'NOT VERIFIED', codes: [['erased-fields', seq]] });
  });

  it('of any bytes gets a verdict', () => {
    const words = fc.oneof(fc.uint8Array(), fc.json().map(encodeUtf8));
    fc.assert(
      fc.property(words, (list) => {
        expect(['VERIFIED', 'NOT VERIFIED']).toContain(judge(bundle(Uint8Array.from(list))).word);
      }),
    );
  });
});

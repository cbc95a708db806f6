// Cosignatures: a public witness's own lines, and what a witness that errs or lies may answer.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { acceptCosignature, openCosignatures, parseWitnessKey } from '../../../src-shared/evidence/cosignature.ts';
import { FormatError } from '../../../src-shared/evidence/format-error.ts';
import { witnessSigner } from '../../support/witness-server.ts';
import { havePublicVectors, vectorBytes, vectorJson } from './public-vectors.ts';
import { SampleLog } from './sample-log.ts';

const p = nodePrimitives;
const sunlight = 'transparency/sunlight-skylight/cmd/skylight/testdata';
const note = new SampleLog(5).checkpoint();
const text = note.slice(0, note.indexOf('\n\n') + 1);
const w1 = witnessSigner('witness.example/w1', 1);
const w2 = witnessSigner('witness.example/w2', 2);
const seconds = 1_795_000_000;
const good = w1.line(text, seconds);

describe('cosignatures', () => {
  it('are checked with their time, and told apart from others', () => {
    const opened = openCosignatures(p, note + good + w2.line(text, 1), [w1.key]);
    expect(opened.verified).toEqual([{ witness: w1.key, at: seconds * 1000 }]);
    expect(opened.unknown.map(({ name }) => name)).toEqual(['gatehouse/0198a3f2', 'witness.example/w2']);
    expect(opened.wrong).toEqual([]);
  });

  it('are wrong over another text, with another time, and by a key that signs plain notes', () => {
    const later = Buffer.from(good.split(' ')[2] ?? '', 'base64');
    later[11] = (later[11] ?? 0) + 1;
    for (const line of [w1.line(`${text}x\n`, seconds), `— ${w1.key.name} ${later.toString('base64')}\n`]) {
      expect(openCosignatures(p, note + line, [w1.key])).toMatchObject({ verified: [], wrong: [{}] });
    }
    expect(() => parseWitnessKey(p, new SampleLog(1).signer.key.text)).toThrow(FormatError);
  });

  it('are taken out of an answer: those of the key asked for, as they are', () => {
    expect(acceptCosignature(p, note, w2.line(text, 5) + good, w1.key)).toEqual({ lines: good, at: seconds * 1000 });
    expect(acceptCosignature(p, note, w1.line(text, 5) + good, w1.key)).toEqual({
      lines: w1.line(text, 5) + good,
      at: seconds * 1000,
    });
  });

  it.each([
    ['nothing', ''],
    ['no lines', 'OK\n'],
    ['a line without its end', good.slice(0, -1)],
    ['a whole note', note + good],
    ['a blank line before it', `\n${good}`],
    ['a carriage return', good.replace('\n', '\r\n')],
    ['another witness', w2.line(text, seconds)],
    ['another text', w1.line(`${text}x\n`, seconds)],
    ['a good line and a wrong one', good + w1.line(`${text}x\n`, seconds)],
    ['a signature that is too short', `— ${w1.key.name} ${Buffer.from(w1.key.id, 'hex').toString('base64')}\n`],
    ['a time after the year 9999', w1.line(text, 253_402_300_800)],
  ])('an answer with %s is refused', (_what, answer) => {
    expect(() => acceptCosignature(p, note, answer, w1.key)).toThrow(FormatError);
  });

  it('any answer is taken or refused in words', () => {
    const lines = fc.array(
      fc.oneof(
        fc.constant(good),
        fc.string(),
        fc.string().map((s) => `— ${w1.key.name} ${s}\n`),
      ),
    );
    fc.assert(
      fc.property(lines, (parts) => {
        try {
          expect(acceptCosignature(p, note, parts.join(''), w1.key).lines).toContain(good);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
    );
  });

  it.runIf(havePublicVectors(sunlight))("a public witness's cosignature verifies", () => {
    const { verifier_keys } = vectorJson<{ verifier_keys: string[] }>(`${sunlight}/witness/witness.v0.json`);
    const logId = '000de184301123b9278c086a7d9f68c9577e83872224c197058fd90784ea9706';
    const cosigned = vectorBytes(`${sunlight}/witness/${logId}/checkpoint`).toString('utf8');
    const keys = verifier_keys.map((key) => parseWitnessKey(p, key));
    const opened = openCosignatures(p, cosigned, keys);
    expect(opened.verified.map(({ witness }) => witness.name)).toEqual(['witness.example.org']);
    expect(openCosignatures(p, cosigned.replace(/^\d+$/m, '1'), keys).wrong).toHaveLength(1);
  });
});

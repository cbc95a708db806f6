import { describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { decodeHex, decodeUtf8Strict, encodeHex, encodeUtf8 } from '../../../src-shared/evidence/bytes.ts';
import type { JsonValue } from '../../../src-shared/evidence/canonical-json.ts';
import {
  createEnvelope,
  parseEnvelope,
  preAuthenticationEncoding,
  verifyEnvelope,
} from '../../../src-shared/evidence/dsse.ts';
import { FormatError } from '../../../src-shared/evidence/format-error.ts';
import { havePublicVectors, vectorJson } from './public-vectors.ts';
import { signer, testSigner } from './sample-log.ts';

describe('DSSE', () => {
  it('encodes type and body with their lengths in bytes, as the protocol prints it', () => {
    expect(
      decodeUtf8Strict(preAuthenticationEncoding('http://example.com/HelloWorld', encodeUtf8('hello world'))),
    ).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
    expect(decodeUtf8Strict(preAuthenticationEncoding('ä', encodeUtf8('ü')))).toBe('DSSEv1 2 ä 2 ü');
  });

  it('counts each key once, whatever the key ids say', () => {
    const other = testSigner('other', 3);
    const json = createEnvelope('t', encodeUtf8('body'), 'whatever', signer.sign);
    const [first] = json.signatures as JsonValue[];
    const envelope = parseEnvelope({ ...json, signatures: [first!, first!] });
    const keys = [signer.key.publicKey, signer.key.publicKey, other.key.publicKey];
    expect(verifyEnvelope(nodePrimitives, envelope, keys)).toEqual([signer.key.publicKey]);
    expect(verifyEnvelope(nodePrimitives, { ...envelope, payloadType: 'u' }, keys)).toEqual([]);
    expect(verifyEnvelope(nodePrimitives, { ...envelope, payload: encodeUtf8('bodY') }, keys)).toEqual([]);
  });

  it.each([
    [null],
    [[]],
    [{}],
    [{ payload: '!', payloadType: 't', signatures: [] }],
    [{ payload: '', payloadType: 1, signatures: [] }],
    [{ payload: '', payloadType: 't', signatures: {} }],
    [{ payload: '', payloadType: 't', signatures: [{ sig: 'A' }] }],
    [{ payload: '', payloadType: 't', signatures: [{ sig: '', keyid: 7 }] }],
  ] as JsonValue[][])('refuses %j', (json) => {
    expect(() => parseEnvelope(json ?? null)).toThrow(FormatError);
  });
});

type DsseVectors = {
  keys: { [name: string]: { public: string } };
  vectors: {
    id: string;
    envelope: JsonValue;
    trustedKeys: string[];
    threshold: number;
    supportedPayloadTypes: string[];
    pae: string;
    expect: 'accept' | 'reject';
  }[];
};

if (havePublicVectors('dsse')) {
  describe('DSSE vectors', () => {
    const { keys, vectors } = vectorJson<DsseVectors>('dsse/vectors.json');

    it.each(vectors)('$id', (vector) => {
      const envelope = parseEnvelope(vector.envelope);
      const trusted = vector.trustedKeys.map((name) => decodeHex(keys[name]?.public ?? '') ?? new Uint8Array(0));
      const signers = verifyEnvelope(nodePrimitives, envelope, trusted);
      const accepted =
        signers.length >= vector.threshold && vector.supportedPayloadTypes.includes(envelope.payloadType);
      expect(accepted ? 'accept' : 'reject').toBe(vector.expect);
      if (vector.expect === 'accept') {
        expect(encodeHex(preAuthenticationEncoding(envelope.payloadType, envelope.payload))).toBe(vector.pae);
      }
    });
  });
}

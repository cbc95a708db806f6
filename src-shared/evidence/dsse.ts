// DSSE v1.0 envelopes: the pre-authentication encoding, parsing and checking of signatures. What a payload means is the caller's.

import { concatBytes, decodeBase64, decodeBase64Url, encodeBase64, encodeUtf8, equalBytes } from './bytes.ts';
import type { JsonObject, JsonValue } from './canonical-json.ts';
import { FormatError } from './format-error.ts';
import type { Primitives } from './primitives.ts';

export type Envelope = {
  payloadType: string;
  payload: Uint8Array;
  signatures: { keyid: string | undefined; sig: Uint8Array }[];
};

/** PAE(type, body): "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body, lengths in bytes. */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = encodeUtf8(payloadType);
  return concatBytes(encodeUtf8(`DSSEv1 ${type.length} `), type, encodeUtf8(` ${payload.length} `), payload);
}

/** Signs a payload by `sign` and gives the envelope's JSON members. */
export function createEnvelope(
  payloadType: string,
  payload: Uint8Array,
  keyid: string,
  sign: (message: Uint8Array) => Uint8Array,
): JsonObject {
  const sig = sign(preAuthenticationEncoding(payloadType, payload));
  return { payload: encodeBase64(payload), payloadType, signatures: [{ keyid, sig: encodeBase64(sig) }] };
}

/** Reads an envelope out of parsed JSON; either base64 alphabet is taken, as the protocol asks. Throws FormatError. */
export function parseEnvelope(json: JsonValue): Envelope {
  if (!isObject(json)) throw new FormatError('expected an envelope object', 0);
  const payload = base64(json.payload);
  if (typeof json.payloadType !== 'string') throw new FormatError('expected a text', 0, '/payloadType');
  if (payload === undefined) throw new FormatError('expected base64', 0, '/payload');
  if (!Array.isArray(json.signatures)) throw new FormatError('expected an array', 0, '/signatures');
  const signatures = json.signatures.map((entry, index) => {
    const sig = isObject(entry) ? base64(entry.sig) : undefined;
    if (!isObject(entry) || sig === undefined) throw new FormatError('expected base64', 0, `/signatures/${index}/sig`);
    const { keyid } = entry;
    if (keyid !== undefined && typeof keyid !== 'string') {
      throw new FormatError('expected a text', 0, `/signatures/${index}/keyid`);
    }
    return { keyid, sig };
  });
  return { payloadType: json.payloadType, payload, signatures };
}

/**
 * Which of `publicKeys` (Ed25519, 32 bytes each) have signed the envelope, each once however often it signs. The key id is a hint
 * that an attacker writes, so it decides nothing: every signature is tried with every key. Check the payload type yourself.
 */
export function verifyEnvelope(
  primitives: Primitives,
  envelope: Envelope,
  publicKeys: readonly Uint8Array[],
): Uint8Array[] {
  const message = preAuthenticationEncoding(envelope.payloadType, envelope.payload);
  const distinct = publicKeys.filter((key, i) => publicKeys.findIndex((other) => equalBytes(other, key)) === i);
  return distinct.filter((key) =>
    envelope.signatures.some((signature) => primitives.verifyEd25519(key, message, signature.sig)),
  );
}

function base64(value: JsonValue | undefined): Uint8Array | undefined {
  if (typeof value !== 'string') return undefined;
  return decodeBase64(value) ?? decodeBase64Url(value.replace(/={1,2}$/, ''));
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

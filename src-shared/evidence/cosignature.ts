// Cosignatures of witnesses (C2SP tlog-cosignature v1, Ed25519): a second party's statement that it saw a checkpoint, and when, and that
// the log only grew since the one it saw before. Checking only; a witness signs.

import { concatBytes, encodeUtf8 } from './bytes.ts';
import { FormatError } from './format-error.ts';
import type { Primitives } from './primitives.ts';
import { createVerifierKey, type NoteSignature, parseNote, parseVerifierKey, type VerifierKey } from './signed-note.ts';

const COSIGNATURE_TYPE = 4;
const TIME_BYTES = 8;
/** As text it is the last second that RFC 3339 can write, 9999-12-31. */
const LATEST_SECOND = 253_402_300_799;

/** `at` in milliseconds UTC, by the witness's clock. */
export type Cosignature = { witness: VerifierKey; at: number };
export type Cosignatures = {
  verified: Cosignature[];
  /** By keys that were not given, the log's own among them. */
  unknown: NoteSignature[];
  /** They claim a given key and are wrong. */
  wrong: NoteSignature[];
};

/** Parses a witness's verifier key (a vkey of type 4); throws FormatError. */
export function parseWitnessKey(primitives: Primitives, text: string): VerifierKey {
  return parseVerifierKey(primitives, text, COSIGNATURE_TYPE);
}

export function createWitnessKey(primitives: Primitives, name: string, publicKey: Uint8Array): VerifierKey {
  return createVerifierKey(primitives, name, publicKey, COSIGNATURE_TYPE);
}

/** What a witness signs: the text of a note under a header with the time in seconds. */
export function cosignedMessage(noteText: string, seconds: number): Uint8Array {
  return encodeUtf8(`cosignature/v1\ntime ${seconds}\n${noteText}`);
}

/** The signature of a note's line: the time as 8 bytes big-endian, and the Ed25519 signature. */
export function cosignatureBytes(seconds: number, signature: Uint8Array): Uint8Array {
  const time = new Uint8Array(TIME_BYTES);
  new DataView(time.buffer).setBigUint64(0, BigInt(seconds));
  return concatBytes(time, signature);
}

/** Checks each signature of a note that is by one of `keys`. Throws FormatError when the note is malformed. */
export function openCosignatures(primitives: Primitives, note: string, keys: readonly VerifierKey[]): Cosignatures {
  const { text, signatures } = parseNote(note);
  const opened: Cosignatures = { verified: [], unknown: [], wrong: [] };
  for (const signature of signatures) {
    const witness = keys.find(({ name, id }) => name === signature.name && id === signature.id);
    const at = witness && cosignedAt(primitives, witness, text, signature.signature);
    if (witness === undefined) opened.unknown.push(signature);
    else if (at === undefined) opened.wrong.push(signature);
    else opened.verified.push({ witness, at });
  }
  return opened;
}

/**
 * The lines of `answer` that are good cosignatures of the note by `key`, as they may be appended to it, and the latest time of them.
 * Lines of other keys are ignored, as the protocol asks. Throws FormatError when the answer is no list of signature lines, when none
 * is by the key, and when one claims it and is wrong.
 */
export function acceptCosignature(
  primitives: Primitives,
  note: string,
  answer: string,
  key: VerifierKey,
): { lines: string; at: number } {
  if (!/^(?:— [^\n]{1,1000}\n){1,100}$/.test(answer)) throw new FormatError('expected signature lines', 0);
  const { text } = parseNote(note);
  let lines = '';
  let at = Number.NEGATIVE_INFINITY;
  for (const line of answer.split('\n').slice(0, -1)) {
    const opened = openCosignatures(primitives, `${text}\n${line}\n`, [key]);
    if (opened.wrong.length > 0) throw new FormatError(`the signature under the key of ${key.name} is wrong`, 0);
    for (const good of opened.verified) {
      lines += `${line}\n`;
      at = Math.max(at, good.at);
    }
  }
  if (lines === '') throw new FormatError(`no signature is by the key of ${key.name} (${key.id})`, 0);
  return { lines, at };
}

function cosignedAt(primitives: Primitives, witness: VerifierKey, text: string, bytes: Uint8Array): number | undefined {
  if (bytes.length !== TIME_BYTES + 64) return undefined;
  const seconds = Number(new DataView(bytes.buffer, bytes.byteOffset, TIME_BYTES).getBigUint64(0));
  if (seconds > LATEST_SECOND) return undefined;
  const message = cosignedMessage(text, seconds);
  return primitives.verifyEd25519(witness.publicKey, message, bytes.subarray(TIME_BYTES)) ? seconds * 1000 : undefined;
}

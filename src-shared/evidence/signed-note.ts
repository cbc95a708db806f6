// Signed notes (C2SP signed-note v1.0.0, as strict as golang.org/x/mod/sumdb/note): text that stays readable with signature lines
// below it, and verifier keys. Signing is the caller's, by a function: no private key comes here.

import { concatBytes, decodeBase64, decodeUtf8Strict, encodeBase64, encodeHex, encodeUtf8 } from './bytes.ts';
import { FormatError } from './format-error.ts';
import type { Primitives } from './primitives.ts';

/** A public key with its name: `text` is the one spelling `name+hex(id)+base64(0x01 ‖ key)`. */
export type VerifierKey = { name: string; id: string; publicKey: Uint8Array; text: string };
export type NoteSignature = { name: string; id: string; signature: Uint8Array };
/** `text` ends with a newline and is what the signatures cover. */
export type Note = { text: string; signatures: NoteSignature[] };
export type OpenedNote = {
  text: string;
  verifiedBy: VerifierKey[];
  unknown: NoteSignature[];
  /** Signatures that claim a given key and are wrong: such a note must not be relied on at all. */
  wrong: NoteSignature[];
};

const ED25519_TYPE = 1;
const MAXIMUM_SIGNATURES = 100;
// White space as Go's unicode.IsSpace has it, and the plus sign that separates the parts of a key.
const NAME_BREAKERS = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000+]/;

/** Key id: the first four bytes of SHA-256(name ‖ LF ‖ type ‖ public key), in hex. */
export function keyId(primitives: Primitives, name: string, publicKey: Uint8Array, type = ED25519_TYPE): string {
  const input = concatBytes(encodeUtf8(`${name}\n`), Uint8Array.of(type), publicKey);
  return encodeHex(primitives.sha256(input).subarray(0, 4));
}

/** Names an Ed25519 public key. Throws FormatError for a name with white space or a plus sign, or a key that is not 32 bytes. */
export function createVerifierKey(
  primitives: Primitives,
  name: string,
  publicKey: Uint8Array,
  type = ED25519_TYPE,
): VerifierKey {
  if (!isKeyName(name)) throw new FormatError('a key name must be non-empty, without white space and plus signs', 0);
  if (publicKey.length !== 32) throw new FormatError(`expected a key of 32 bytes, found ${publicKey.length}`, 0);
  const id = keyId(primitives, name, publicKey, type);
  const text = `${name}+${id}+${encodeBase64(concatBytes(Uint8Array.of(type), publicKey))}`;
  return { name, id, publicKey, text };
}

/**
 * Parses a verifier key (vkey); throws FormatError when malformed, of another type than Ed25519 for notes (or `type`), or when its id
 * does not match.
 */
export function parseVerifierKey(primitives: Primitives, text: string, type = ED25519_TYPE): VerifierKey {
  const [name = '', id = '', ...rest] = text.split('+');
  // Base64 may hold plus signs of its own.
  const bytes = decodeBase64(rest.join('+'));
  if (!isKeyName(name) || !/^[0-9a-f]{8}$/.test(id) || bytes === undefined || bytes.length === 0) {
    throw new FormatError('malformed verifier key: expected name+hex+base64', 0);
  }
  if (bytes[0] !== type || bytes.length !== 33) {
    throw new FormatError(
      `expected an Ed25519 key (type ${type}), found type ${bytes[0]} with ${bytes.length - 1} bytes`,
      0,
    );
  }
  const key = createVerifierKey(primitives, name, bytes.slice(1), type);
  if (key.id !== id) throw new FormatError(`the key's id is ${key.id}, the text says ${id}`, 0);
  return key;
}

/** Parses a note without checking signatures; throws FormatError where Go's note.Open says "malformed note". */
export function parseNote(note: string | Uint8Array): Note {
  const all = typeof note === 'string' ? note : decodeUtf8Strict(note);
  if (!all.isWellFormed()) throw new FormatError('malformed note: not valid Unicode', 0);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is being refused.
  const control = all.search(/[\u0000-\u0009\u000b-\u001f]/);
  if (control !== -1) throw new FormatError('malformed note: a control character', control);
  const split = all.lastIndexOf('\n\n');
  if (split === -1) throw new FormatError('malformed note: no blank line before the signatures', all.length);
  const block = all.slice(split + 2);
  if (!block.endsWith('\n')) throw new FormatError('malformed note: no newline at the end', all.length);
  const lines = block.slice(0, -1).split('\n');
  if (lines.length > MAXIMUM_SIGNATURES) throw new FormatError('malformed note: more than 100 signatures', split);
  return { text: all.slice(0, split + 1), signatures: lines.map((line) => parseSignatureLine(line, split + 2)) };
}

/**
 * Parses a note and checks each signature whose name and id are among `keys`. Throws FormatError when malformed; says in the
 * answer which keys have signed, which signatures are by others, and which are wrong. A key counts once however often it signs.
 */
export function openNote(primitives: Primitives, note: string | Uint8Array, keys: readonly VerifierKey[]): OpenedNote {
  const { text, signatures } = parseNote(note);
  const opened: OpenedNote = { text, verifiedBy: [], unknown: [], wrong: [] };
  const message = encodeUtf8(text);
  for (const signature of signatures) {
    const key = keys.find((known) => known.name === signature.name && known.id === signature.id);
    if (key === undefined) opened.unknown.push(signature);
    else if (!primitives.verifyEd25519(key.publicKey, message, signature.signature)) opened.wrong.push(signature);
    else if (!opened.verifiedBy.includes(key)) opened.verifiedBy.push(key);
  }
  return opened;
}

/** Signs a text (which must end with a newline) by `sign`, an Ed25519 signer of the key `key`, and gives the note. */
export function formatNote(text: string, key: VerifierKey, sign: (message: Uint8Array) => Uint8Array): string {
  if (!text.endsWith('\n')) throw new FormatError('a note must end with a newline', text.length);
  const note = `${text}\n${signatureLine(key, sign(encodeUtf8(text)))}`;
  parseNote(note);
  return note;
}

/** One signature line with its newline; a witness's line may be appended to a note as it is. */
export function signatureLine(key: VerifierKey, signature: Uint8Array): string {
  const id = Uint8Array.from({ length: 4 }, (_, i) => Number.parseInt(key.id.slice(2 * i, 2 * i + 2), 16));
  return `— ${key.name} ${encodeBase64(concatBytes(id, signature))}\n`;
}

function parseSignatureLine(line: string, offset: number): NoteSignature {
  const parts = line.split(' ');
  const [dash, name = '', encoded = ''] = parts;
  const bytes = decodeBase64(encoded);
  if (dash !== '—' || parts.length !== 3 || !isKeyName(name) || bytes === undefined || bytes.length < 5) {
    throw new FormatError('malformed note: expected a signature line "— name base64"', offset);
  }
  return { name, id: encodeHex(bytes.subarray(0, 4)), signature: bytes.slice(4) };
}

function isKeyName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !NAME_BREAKERS.test(name);
}

// SSH keys as OpenSSH writes them: the public line (RFC 4253 section 6.6) and the private file (openssh-key-v1). The bytes are untrusted;
// messages never hold a part of them.
import { toBase64 } from './bytes.ts';
import { sha256 } from './hashes.ts';
import { type KeyMaterial, NotKeyMaterial, parsePrivateKeyPem } from './key-material.ts';

/** What follows the algorithm's name in a public key, and how many strings the private part adds before the comment. */
const algorithms: Readonly<Record<string, { parts: readonly number[] | number; privateStrings: number | undefined }>> =
  {
    // Lengths where the algorithm fixes them, else the number of parts.
    'ssh-ed25519': { parts: [32], privateStrings: 2 },
    'ssh-rsa': { parts: 2, privateStrings: 6 },
    'ssh-dss': { parts: 4, privateStrings: 5 },
    'ecdsa-sha2-nistp256': { parts: 2, privateStrings: 3 },
    'ecdsa-sha2-nistp384': { parts: 2, privateStrings: 3 },
    'ecdsa-sha2-nistp521': { parts: 2, privateStrings: 3 },
    'sk-ssh-ed25519@openssh.com': { parts: 2, privateStrings: undefined },
    'sk-ecdsa-sha2-nistp256@openssh.com': { parts: 3, privateStrings: undefined },
  };

const magic = 'openssh-key-v1\0';
const longestComment = 200;
const expected = 'expected an SSH key as OpenSSH writes it: a public line, or a private key file';

/** @throws NotKeyMaterial */
export function parseSshKey(text: string): KeyMaterial {
  const trimmed = text.trim();
  if (trimmed.startsWith('-----BEGIN OPENSSH PRIVATE KEY-----')) return parsePrivate(trimmed);
  if (trimmed.includes('-----BEGIN')) return parsePrivateKeyPem(text, 'SSH private key');
  return parsePublic(trimmed);
}

function parsePublic(line: string): KeyMaterial {
  const [, name = '', base64 = '', comment = ''] =
    /^(\S+) ([A-Za-z0-9+/]+={0,2})(?:[ \t]+([^\r\n]*))?$/.exec(line) ?? [];
  if (!Object.hasOwn(algorithms, name)) throw new NotKeyMaterial(expected);
  const blob = fromBase64(base64);
  return describe('SSH public key', name, readPublic(blob, name), blob, comment);
}

function parsePrivate(text: string): KeyMaterial {
  const [, body] =
    /^-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]*)-----END OPENSSH PRIVATE KEY-----$/.exec(text) ?? [];
  if (body === undefined) throw new NotKeyMaterial('the OpenSSH private key does not end, or holds other text');
  const bytes = fromBase64(body.replace(/\s+/g, ''));
  if (Buffer.from(bytes.subarray(0, magic.length)).toString('latin1') !== magic) throw new NotKeyMaterial(expected);
  const reader = createReader(bytes.subarray(magic.length));
  const cipher = asText(reader.string());
  reader.string();
  reader.string();
  if (reader.number() !== 1) throw new NotKeyMaterial('expected one key in the OpenSSH file');
  const blob = reader.string();
  const sealed = reader.string();
  // An AEAD cipher's tag follows the encrypted part; nothing may follow a plain one.
  if (cipher === 'none') reader.end();
  const name = asText(createReader(blob).string());
  const size = readPublic(blob, name);
  if (cipher !== 'none') return describe('encrypted SSH private key', name, size, blob, '');
  return describe('SSH private key', name, size, blob, readPlainPart(sealed, name));
}

/** Checks the unencrypted private part against the public one. @returns the comment, where its place is known */
function readPlainPart(bytes: Uint8Array, name: string): string {
  const reader = createReader(bytes);
  // The same number twice: after decryption with a wrong passphrase they would differ.
  const check = reader.number();
  if (reader.number() !== check) throw new NotKeyMaterial('the OpenSSH private key is damaged');
  if (asText(reader.string()) !== name) throw new NotKeyMaterial('the OpenSSH private key holds another kind of key');
  const strings = algorithms[name]?.privateStrings;
  if (strings === undefined) return '';
  for (let at = 0; at < strings; at += 1) reader.string();
  const comment = asText(reader.string());
  const padding = reader.rest();
  if (padding.length >= 8 || padding.some((byte, at) => byte !== at + 1))
    throw new NotKeyMaterial('the OpenSSH private key is damaged');
  return comment;
}

/** @returns the size in bits that people know the key by, where the name doesn't say it. */
function readPublic(blob: Uint8Array, name: string): number | undefined {
  const known = Object.hasOwn(algorithms, name) ? algorithms[name] : undefined;
  if (known === undefined) throw new NotKeyMaterial('expected an SSH key of a kind that OpenSSH knows');
  const reader = createReader(blob);
  if (asText(reader.string()) !== name) throw new NotKeyMaterial('the SSH key is of another kind than it says');
  const lengths = typeof known.parts === 'number' ? [] : known.parts;
  const count = typeof known.parts === 'number' ? known.parts : lengths.length;
  const parts = Array.from({ length: count }, () => reader.string());
  reader.end();
  if (parts.some((part, at) => part.length === 0 || (lengths[at] !== undefined && part.length !== lengths[at])))
    throw new NotKeyMaterial('the SSH key is damaged');
  if (name === 'ssh-rsa') return bitLength(parts[1]);
  return name === 'ssh-dss' ? bitLength(parts[0]) : undefined;
}

function describe(
  kind: string,
  name: string,
  bits: number | undefined,
  blob: Uint8Array,
  comment: string,
): KeyMaterial {
  return {
    kind,
    // A comment is text of whoever made the key.
    subject:
      comment
        .replace(/\p{Cc}/gu, '')
        .trim()
        .slice(0, longestComment)
        .toWellFormed() || null,
    issuer: null,
    algorithm: bits === undefined ? name : `${name} ${bits}`,
    fingerprint: `SHA256:${toBase64(sha256(blob)).replace(/=+$/, '')}`,
    notAfter: null,
  };
}

function bitLength(number: Uint8Array | undefined): number {
  const from = number?.findIndex((byte) => byte !== 0) ?? -1;
  if (number === undefined || from < 0) return 0;
  return (number.length - from) * 8 - Math.clz32(number[from] ?? 0) + 24;
}

/** RFC 4251 section 5: lengths are 32 bits, big-endian. */
function createReader(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;

  function number(): number {
    if (at + 4 > bytes.length) throw new NotKeyMaterial('the SSH key is cut off');
    at += 4;
    return view.getUint32(at - 4);
  }

  return {
    number,
    string(): Uint8Array {
      const length = number();
      if (length > bytes.length - at) throw new NotKeyMaterial('the SSH key is cut off');
      at += length;
      return bytes.subarray(at - length, at);
    },
    rest: (): Uint8Array => bytes.subarray(at),
    end(): void {
      if (at !== bytes.length) throw new NotKeyMaterial('something follows the SSH key');
    },
  };
}

function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

function fromBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0 || bytes.toString('base64') !== text) throw new NotKeyMaterial(expected);
  return new Uint8Array(bytes);
}

// Certificates and private keys as people paste them (PEM, or the base64 of a DER certificate): what they are, for showing beside the
// name. The bytes are untrusted; messages never hold a part of them, for they may be secret.
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { sha256Hex } from './hashes.ts';

export type KeyMaterial = {
  readonly kind: string;
  readonly subject: string | null;
  readonly issuer: string | null;
  readonly algorithm: string | null;
  readonly fingerprint: string | null;
  /** Milliseconds UTC. */
  readonly notAfter: number | null;
};

/** The text is not what was expected; the message says what was. */
export class NotKeyMaterial extends Error {
  override readonly name = 'NotKeyMaterial';
}

type PemBlock = { readonly label: PemLabel; readonly der: Buffer; readonly encrypted: boolean };
type PemLabel = (typeof labels)[number];

const labels = [
  'CERTIFICATE',
  'PRIVATE KEY',
  'ENCRYPTED PRIVATE KEY',
  'RSA PRIVATE KEY',
  'EC PRIVATE KEY',
  // Stands before the key in what `openssl ecparam -genkey` writes, and says nothing that the key doesn't.
  'EC PARAMETERS',
] as const;
const mostBlocks = 20;
const longestText = 500;

const formNames: Partial<Record<PemLabel, string>> = {
  'PRIVATE KEY': 'PKCS#8',
  'ENCRYPTED PRIVATE KEY': 'PKCS#8',
  'RSA PRIVATE KEY': 'PKCS#1',
  'EC PRIVATE KEY': 'SEC1',
};

/** A certificate, its chain after it, its private key beside it; or a private key alone. @throws NotKeyMaterial */
export function parseCertificateText(text: string): KeyMaterial {
  if (!text.includes('-----BEGIN')) return describeCertificate(certificateOf(derOfBase64(text)), 'certificate');
  const blocks = readPem(text);
  const certificates = blocks.filter(({ label }) => label === 'CERTIFICATE').map(({ der }) => certificateOf(der));
  const keys = blocks.filter(({ label }) => formNames[label] !== undefined);
  const [leaf] = certificates;
  const [key, second] = keys;
  if (second !== undefined) throw new NotKeyMaterial('expected at most one private key');
  if (leaf === undefined) {
    if (key === undefined) throw new NotKeyMaterial('expected a certificate or a private key in PEM');
    return describePrivateKey(key, 'private key');
  }
  if (key !== undefined && !key.encrypted && !leaf.checkPrivateKey(privateKeyOf(key)))
    throw new NotKeyMaterial('the private key does not belong to the first certificate');
  const chain = certificates.length === 1 ? 'certificate' : `certificate chain of ${certificates.length}`;
  return describeCertificate(
    leaf,
    key === undefined ? chain : `${chain} with ${key.encrypted ? 'encrypted ' : ''}private key`,
  );
}

/** A private key in PEM, encrypted or not. @throws NotKeyMaterial */
export function parsePrivateKeyPem(text: string, name: string): KeyMaterial {
  const [key, second] = readPem(text).filter(({ label }) => label !== 'EC PARAMETERS');
  if (key === undefined || second !== undefined || formNames[key.label] === undefined)
    throw new NotKeyMaterial('expected one private key in PEM');
  return describePrivateKey(key, name);
}

function describeCertificate(certificate: X509Certificate, kind: string): KeyMaterial {
  const end = certificate.validToDate.getTime();
  return {
    kind,
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    algorithm: algorithmOf(() => certificate.publicKey),
    fingerprint: `SHA256:${sha256Hex(certificate.raw)}`,
    notAfter: Number.isNaN(end) ? null : end,
  };
}

function describePrivateKey(block: PemBlock, name: string): KeyMaterial {
  const form = formNames[block.label] ?? '';
  const nothing = { subject: null, issuer: null, notAfter: null };
  if (block.encrypted) return { kind: `encrypted ${name} (${form})`, algorithm: null, fingerprint: null, ...nothing };
  const key = privateKeyOf(block);
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return {
    kind: `${name} (${form})`,
    algorithm: algorithmOf(() => key),
    fingerprint: `SHA256:${sha256Hex(spki)}`,
    ...nothing,
  };
}

function certificateOf(der: Buffer): X509Certificate {
  requireWholeDer(der, 'certificate');
  try {
    return new X509Certificate(der);
  } catch (cause) {
    throw new NotKeyMaterial('expected an X.509 certificate', { cause });
  }
}

function privateKeyOf({ label, der }: PemBlock): KeyObject {
  const type = label === 'RSA PRIVATE KEY' ? 'pkcs1' : label === 'EC PRIVATE KEY' ? 'sec1' : 'pkcs8';
  try {
    return createPrivateKey({ key: der, format: 'der', type });
  } catch (cause) {
    throw new NotKeyMaterial('the private key is damaged or of an unknown kind', { cause });
  }
}

function algorithmOf(read: () => KeyObject): string | null {
  try {
    const { asymmetricKeyType: type = '', asymmetricKeyDetails: details = {} } = read();
    if (details.modulusLength !== undefined) return `${type.toUpperCase()} ${details.modulusLength}`;
    return details.namedCurve === undefined ? type || null : `EC ${details.namedCurve}`;
  } catch {
    // A certificate of an algorithm that OpenSSL doesn't know is a certificate all the same.
    return null;
  }
}

/**
 * The PEM blocks of `text` (RFC 7468); what stands between them is explanation and is left alone.
 * @throws NotKeyMaterial for blocks that are not whole, of other kinds, or too many.
 */
function readPem(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: { label: PemLabel; lines: string[] } | undefined;
  for (const line of text.split('\n').map((each) => each.trimEnd())) {
    const [, boundary, name = ''] = /^-----(BEGIN|END) ([A-Z0-9 ]{1,60})-----$/.exec(line) ?? [];
    if (boundary === 'BEGIN') {
      if (open !== undefined) throw new NotKeyMaterial('a PEM block begins inside another');
      open = { label: knownLabel(name), lines: [] };
      continue;
    }
    if (boundary === 'END') {
      if (open === undefined || open.label !== name) throw new NotKeyMaterial('a PEM block ends that did not begin');
      blocks.push(readBlock(open.label, open.lines));
      if (blocks.length > mostBlocks) throw new NotKeyMaterial(`expected at most ${mostBlocks} PEM blocks`);
      open = undefined;
      continue;
    }
    if (line.includes('-----')) throw new NotKeyMaterial('a PEM boundary is not on a line of its own');
    open?.lines.push(line);
  }
  if (open !== undefined) throw new NotKeyMaterial('the last PEM block does not end');
  return blocks;
}

function knownLabel(name: string): PemLabel {
  const label = labels.find((known) => known === name);
  if (label === undefined) throw new NotKeyMaterial('expected only certificates and private keys in PEM');
  return label;
}

function readBlock(label: PemLabel, lines: readonly string[]): PemBlock {
  // RFC 1421 headers, as OpenSSL's old form of encrypted keys has them: they end at an empty line.
  const blank = lines[0]?.includes(':') === true ? lines.indexOf('') : -1;
  const headers = lines.slice(0, Math.max(0, blank));
  const old = headers.some((line) => /^Proc-Type:\s*4,ENCRYPTED$/.test(line));
  const der = derOfBase64(lines.slice(blank + 1).join(''));
  // What the old form encrypts is not DER, and parameters are ignored; all else must be whole.
  if (!old && label !== 'EC PARAMETERS') requireWholeDer(der, 'PEM block');
  return { label, der, encrypted: old || label === 'ENCRYPTED PRIVATE KEY' };
}

function derOfBase64(text: string): Buffer {
  const bare = text.replace(/\s+/g, '');
  const bytes = Buffer.from(bare, 'base64');
  if (bytes.byteLength === 0 || bytes.toString('base64') !== bare)
    throw new NotKeyMaterial('expected PEM, or the base64 of a DER certificate');
  return bytes;
}

/** One DER SEQUENCE and nothing after it: parsers skip what follows, so it could be anything. */
function requireWholeDer(der: Uint8Array, what: string): void {
  const first = der[1] ?? 0;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const content =
    lengthBytes === 0 ? first : der.subarray(2, 2 + lengthBytes).reduce((length, byte) => length * 256 + byte, 0);
  if (der[0] !== 0x30 || lengthBytes > 4 || 2 + lengthBytes + content !== der.byteLength)
    throw new NotKeyMaterial(`the ${what} is cut off or not DER`);
}

function oneLine(name: string | undefined): string | null {
  const text = (name ?? '').split('\n').join(', ').toWellFormed();
  if (text === '') return null;
  return text.length <= longestText ? text : `${text.slice(0, longestText - 1).toWellFormed()}…`;
}

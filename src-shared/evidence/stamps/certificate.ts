// X.509 certificates (RFC 5280), as much of them as the judgement on a time stamp takes: names, validity, key, extensions, signature.
import { decodeUtf8Strict } from '../bytes.ts';
import { FormatError } from '../format-error.ts';
import { children, DerError, DerMembers, type DerValue, derTag, readDer, readOid, readTime } from './der.ts';
import type { StampDigest, StampKey, StampPrimitives } from './stamp-primitives.ts';

export type Extension = { readonly critical: boolean; readonly value: Uint8Array };

export type Certificate = {
  /** Its DER. */
  readonly raw: Uint8Array;
  /** What its signature covers. */
  readonly body: Uint8Array;
  /** DER of the names: the same name is the same bytes. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** The common name of the subject, otherwise its organisation; for people. */
  readonly name: string;
  readonly validFrom: number;
  readonly validTo: number;
  readonly spki: Uint8Array;
  /** undefined for a kind of key or a strength that is not accepted. */
  readonly key: StampKey | undefined;
  readonly extensions: ReadonlyMap<string, Extension>;
  readonly algorithm: string;
  readonly signature: Uint8Array;
};

const commonName = '2.5.4.3';
const organisation = '2.5.4.10';
const rsaKey = '1.2.840.113549.1.1.1';
const ecKey = '1.2.840.10045.2.1';
const curves: Readonly<Record<string, { readonly name: 'P-256' | 'P-384' | 'P-521'; readonly bytes: number }>> = {
  '1.2.840.10045.3.1.7': { name: 'P-256', bytes: 32 },
  '1.3.132.0.34': { name: 'P-384', bytes: 48 },
  '1.3.132.0.35': { name: 'P-521', bytes: 66 },
};
const leastModulus = 256;
const largestModulus = 1024;
/** Beyond that a check would take long, and nobody has one. */
const largestExponent = 4;

/** Signature algorithms and the digest that each implies; undefined: one that stands elsewhere. SHA-1 is not among them. */
export const signatureAlgorithms: ReadonlyMap<string, StampDigest | undefined> = new Map([
  [rsaKey, undefined],
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512'],
]);

/** @throws DerError when it is no certificate */
export function readCertificate(raw: Uint8Array): Certificate {
  const outer = new DerMembers(readDer(raw), derTag.sequence, 'a certificate');
  const body = outer.next(derTag.sequence);
  const algorithm = readOid(
    new DerMembers(outer.next(derTag.sequence), derTag.sequence, 'an algorithm').next(derTag.oid),
  );
  const signature = bitsOf(outer.next(derTag.bitString));
  outer.end();
  const members = new DerMembers(body, derTag.sequence, 'a certificate');
  members.optional(0xa0);
  members.next(derTag.integer);
  const signed = new DerMembers(members.next(derTag.sequence), derTag.sequence, 'an algorithm');
  if (readOid(signed.next(derTag.oid)) !== algorithm) throw new DerError('a certificate that names two algorithms');
  const issuer = members.next(derTag.sequence);
  const validity = new DerMembers(members.next(derTag.sequence), derTag.sequence, 'a validity');
  const validFrom = readTime(validity.any());
  const validTo = readTime(validity.any());
  const subject = members.next(derTag.sequence);
  const spki = members.next(derTag.sequence);
  members.optional(0x81);
  members.optional(0x82);
  const extensions = members.optional(0xa3);
  members.end();
  return {
    raw,
    body: body.bytes,
    issuer: issuer.bytes,
    subject: subject.bytes,
    name: nameOf(subject),
    validFrom,
    validTo,
    spki: spki.bytes,
    key: keyOf(spki),
    extensions: extensionsOf(extensions),
    algorithm,
    signature,
  };
}

/** Whether the key of `issuer` signed `certificate`. */
export function isSignedBy(primitives: StampPrimitives, certificate: Certificate, issuer: Certificate): boolean {
  const digest = signatureAlgorithms.get(certificate.algorithm);
  if (digest === undefined || issuer.key === undefined) return false;
  return primitives.verifySignature(issuer.key, issuer.spki, digest, certificate.body, certificate.signature);
}

function bitsOf({ content }: DerValue): Uint8Array {
  // Signatures and keys are whole bytes: the first octet, which counts unused bits, is zero.
  if (content[0] !== 0) throw new DerError('a bit string that is not whole bytes');
  return content.subarray(1);
}

function keyOf(spki: DerValue): StampKey | undefined {
  const members = new DerMembers(spki, derTag.sequence, 'a public key');
  const algorithm = new DerMembers(members.next(derTag.sequence), derTag.sequence, 'an algorithm');
  const kind = readOid(algorithm.next(derTag.oid));
  const bits = bitsOf(members.next(derTag.bitString));
  members.end();
  if (kind === rsaKey) return rsaKeyOf(bits);
  const parameter = algorithm.optional(derTag.oid);
  const curve = kind === ecKey && parameter !== undefined ? curves[readOid(parameter)] : undefined;
  if (curve === undefined || bits[0] !== 0x04 || bits.length !== 1 + 2 * curve.bytes) return undefined;
  return { kind: 'ec', curve: curve.name, point: bits };
}

function rsaKeyOf(bits: Uint8Array): StampKey | undefined {
  const members = new DerMembers(readDer(bits), derTag.sequence, 'an RSA key');
  const modulus = positive(members.next(derTag.integer));
  const exponent = positive(members.next(derTag.integer));
  members.end();
  if (modulus === undefined || exponent === undefined) return undefined;
  if (modulus.length < leastModulus || modulus.length > largestModulus || exponent.length > largestExponent)
    return undefined;
  return { kind: 'rsa', modulus, exponent };
}

/** The bytes of a positive integer without its sign. */
function positive({ content }: DerValue): Uint8Array | undefined {
  if ((content[0] ?? 0x80) >= 0x80) return undefined;
  return content[0] === 0 ? content.subarray(1) : content;
}

function nameOf(subject: DerValue): string {
  const found = new Map<string, string>();
  for (const set of children(subject)) {
    for (const attribute of children(set)) {
      const members = new DerMembers(attribute, derTag.sequence, 'a name');
      const kind = readOid(members.next(derTag.oid));
      const value = members.any();
      if (value !== undefined && !found.has(kind)) found.set(kind, textOf(value));
    }
  }
  return found.get(commonName) ?? found.get(organisation) ?? 'an authority without a name';
}

function textOf({ content }: DerValue): string {
  try {
    return decodeUtf8Strict(content);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return String.fromCharCode(...content.subarray(0, 200));
  }
}

function extensionsOf(wrapped: DerValue | undefined): Map<string, Extension> {
  const found = new Map<string, Extension>();
  const [list] = wrapped === undefined ? [] : children(wrapped);
  for (const extension of list === undefined ? [] : children(list)) {
    const members = new DerMembers(extension, derTag.sequence, 'an extension');
    const name = readOid(members.next(derTag.oid));
    if (found.has(name)) throw new DerError('an extension that stands twice');
    const critical = members.optional(derTag.boolean)?.content[0] === 0xff;
    found.set(name, { critical, value: members.next(derTag.octetString).content });
  }
  return found;
}

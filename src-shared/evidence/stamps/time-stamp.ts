// Time stamps of RFC 3161: the request, the response, and the judgement on a token: what it covers, when it was made, and that a
// time-stamping certificate under a given CA signed it. Every byte of a response is somebody else's.
import { decodeBase64, equalBytes } from '../bytes.ts';
import { type Certificate, readCertificate, signatureAlgorithms } from './certificate.ts';
import { certificateChain, timeStampingFault } from './certificate-chain.ts';
import {
  children,
  DerError,
  DerMembers,
  type DerValue,
  derTag,
  readDer,
  readGeneralizedTime,
  readInteger,
  readOid,
  writeDer,
  writeInteger,
  writeOid,
} from './der.ts';
import type { StampDigest, StampPrimitives } from './stamp-primitives.ts';

/** Not a time stamp for what was asked, or not by whom it should be; the words are for people. */
export class TimeStampError extends Error {
  override readonly name = 'TimeStampError';
}

/** A good time stamp by an authority that the caller has not named. */
export class UnknownAuthority extends TimeStampError {}

export type TimeStamp = {
  /** By the authority's clock, milliseconds UTC. */
  readonly at: number;
  /** The subject of its certificate. */
  readonly authority: string;
};

const oid = {
  sha256: '2.16.840.1.101.3.4.2.1',
  signedData: '1.2.840.113549.1.7.2',
  tstInfo: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
} as const;

const digests: Readonly<Record<string, StampDigest>> = {
  [oid.sha256]: 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

const mostBytes = 262_144;
const mostCertificates = 10;

/** TimeStampReq over a SHA-256 digest, asking for the certificates. @param nonce a few random bytes */
export function timeStampRequest(digest: Uint8Array, nonce: Uint8Array): Uint8Array {
  return writeDer(
    derTag.sequence,
    writeInteger(Uint8Array.of(1)),
    writeDer(
      derTag.sequence,
      writeDer(derTag.sequence, writeOid(oid.sha256), writeDer(derTag.null)),
      writeDer(derTag.octetString, digest),
    ),
    writeInteger(nonce),
    writeDer(derTag.boolean, Uint8Array.of(0xff)),
  );
}

/**
 * Judges a TimeStampResp.
 * @param digest the SHA-256 that it must be for.
 * @param authorities the CAs (or the authority's own certificate) that are trusted for this.
 * @param nonce of the request, where there is one to compare.
 * @throws TimeStampError, UnknownAuthority where that is all that is wrong
 */
export function verifyTimeStamp(
  primitives: StampPrimitives,
  response: Uint8Array,
  digest: Uint8Array,
  authorities: readonly Certificate[],
  nonce?: Uint8Array,
): TimeStamp {
  try {
    if (response.length > mostBytes) throw new TimeStampError('it is too long for a time stamp');
    const signed = readSignedData(tokenOf(readDer(response)));
    const info = readInfo(signed.content);
    if (info.digestOid !== oid.sha256 || !equalBytes(info.digest, digest))
      throw new TimeStampError('it is for something else');
    if (nonce !== undefined && info.nonce !== integerOf(nonce))
      throw new TimeStampError('it does not answer this request: its nonce is another one');
    const signer = checkSignature(primitives, signed);
    const fault = timeStampingFault(signer);
    if (fault !== undefined) throw new TimeStampError(fault);
    if (certificateChain(primitives, signer, signed.certificates, authorities, info.at) === undefined)
      throw new UnknownAuthority(
        `the certificate of ${signer.name} does not lead to a CA that you trust for time stamps`,
      );
    return { at: info.at, authority: signer.name };
  } catch (cause) {
    if (cause instanceof DerError) throw new TimeStampError(`it can not be read: ${cause.message}`, { cause });
    throw cause;
  }
}

/** The certificates in a PEM file. @throws TimeStampError when there are none, or one can't be read */
export function readAuthorities(pem: string): Certificate[] {
  const blocks = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/g)];
  if (blocks.length === 0) throw new TimeStampError('there is no certificate in PEM form');
  return blocks.map(([, text = '']) => {
    const bytes = decodeBase64(text.replace(/\s+/g, ''));
    if (bytes === undefined) throw new TimeStampError('a certificate in it can not be read');
    return certificateOf(bytes);
  });
}

function certificateOf(bytes: Uint8Array): Certificate {
  try {
    return readCertificate(bytes);
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new TimeStampError('a certificate in it can not be read', { cause });
  }
}

function tokenOf(response: DerValue): DerValue {
  const members = new DerMembers(response, derTag.sequence, 'the response');
  const status = new DerMembers(members.next(derTag.sequence), derTag.sequence, 'the status');
  const code = readInteger(status.next(derTag.integer));
  if (code !== 0n && code !== 1n) throw new TimeStampError(`the authority refused (status ${code})`);
  const token = members.next(derTag.sequence);
  members.end();
  return token;
}

type SignedData = {
  /** The DER of the TSTInfo. */
  readonly content: Uint8Array;
  readonly certificates: readonly Certificate[];
  readonly signer: SignerInfo;
};

type SignerInfo = {
  readonly digest: StampDigest;
  readonly algorithm: string;
  readonly attributes: DerValue;
  readonly signature: Uint8Array;
};

function readSignedData(token: DerValue): SignedData {
  const wrapped = new DerMembers(token, derTag.sequence, 'the token');
  if (readOid(wrapped.next(derTag.oid)) !== oid.signedData) throw new DerError('the token is not signed data');
  const [signedData] = children(wrapped.next(0xa0));
  wrapped.end();
  const members = new DerMembers(signedData, derTag.sequence, 'the signed data');
  members.next(derTag.integer);
  members.next(derTag.set);
  const content = new DerMembers(members.next(derTag.sequence), derTag.sequence, 'the content');
  if (readOid(content.next(derTag.oid)) !== oid.tstInfo) throw new DerError('the content is not a time stamp');
  const [octets] = children(content.next(0xa0));
  if (octets?.tag !== derTag.octetString) throw new DerError('the content is not in one piece');
  const certificates = members.optional(0xa0);
  members.optional(0xa1);
  const signers = children(members.next(derTag.set));
  members.end();
  const [signer, ...others] = signers;
  if (signer === undefined || others.length > 0) throw new TimeStampError('it must be signed by one authority');
  return {
    content: octets.content,
    certificates: certificates === undefined ? [] : readCertificates(certificates),
    signer: readSigner(signer),
  };
}

function readCertificates(set: DerValue): Certificate[] {
  const found = children(set).filter(({ tag }) => tag === derTag.sequence);
  if (found.length > mostCertificates) throw new TimeStampError('it carries too many certificates');
  return found.map(({ bytes }) => certificateOf(bytes));
}

function readSigner(value: DerValue): SignerInfo {
  const members = new DerMembers(value, derTag.sequence, 'the signer');
  members.next(derTag.integer);
  // Which certificate it is says the signed attribute with its hash; this name of it is not signed.
  members.any();
  const digestOid = algorithmOf(members.next(derTag.sequence));
  const attributes = members.optional(0xa0);
  if (attributes === undefined) throw new TimeStampError('its signature covers no attributes');
  const algorithm = algorithmOf(members.next(derTag.sequence));
  const signature = members.next(derTag.octetString).content;
  members.optional(0xa1);
  members.end();
  const digest = digests[digestOid];
  if (digest === undefined) throw new TimeStampError(`it uses a digest that is not accepted (${digestOid})`);
  return { digest, algorithm, attributes, signature };
}

/** @returns the certificate that signed */
function checkSignature(primitives: StampPrimitives, { content, certificates, signer }: SignedData): Certificate {
  const attributes = attributesOf(signer.attributes);
  const type = attributes.get(oid.contentType);
  if (type === undefined || readOid(type) !== oid.tstInfo)
    throw new TimeStampError('its signature is for another kind of content');
  const stated = attributes.get(oid.messageDigest);
  if (stated?.tag !== derTag.octetString || !equalBytes(stated.content, primitives.digest(signer.digest, content)))
    throw new TimeStampError('its content was changed: the signed digest is another one');
  const certificate = certificates.find((candidate) => isSigning(primitives, candidate, attributes));
  if (certificate === undefined) throw new TimeStampError('it does not carry the certificate of its signer');
  const implied = signatureAlgorithms.get(signer.algorithm);
  if (!signatureAlgorithms.has(signer.algorithm))
    throw new TimeStampError(`its signature algorithm is not accepted (${signer.algorithm})`);
  // Signed is the DER of the attributes as a set (RFC 5652 section 5.4), not under the tag that they have here.
  const message = writeDer(derTag.set, signer.attributes.content);
  const { key, spki } = certificate;
  const digest = implied ?? signer.digest;
  if (key === undefined || !primitives.verifySignature(key, spki, digest, message, signer.signature))
    throw new TimeStampError('its signature is wrong');
  return certificate;
}

function attributesOf(value: DerValue): Map<string, DerValue> {
  const found = new Map<string, DerValue>();
  for (const attribute of children(value)) {
    const members = new DerMembers(attribute, derTag.sequence, 'an attribute');
    const name = readOid(members.next(derTag.oid));
    const [only, ...others] = children(members.next(derTag.set));
    if (only === undefined || others.length > 0 || found.has(name))
      throw new DerError('an attribute with more than one value');
    found.set(name, only);
  }
  return found;
}

/** ESSCertIDv2 (RFC 5816), or the older one with SHA-1, which names the certificate and is itself signed. */
function isSigning(
  primitives: StampPrimitives,
  certificate: Certificate,
  attributes: ReadonlyMap<string, DerValue>,
): boolean {
  const newer = attributes.get(oid.signingCertificateV2);
  const older = attributes.get(oid.signingCertificate);
  if (newer === undefined && older === undefined)
    throw new TimeStampError('it does not say which certificate signed it');
  const both = [
    ...(newer === undefined ? [] : [essHash(newer, 'sha256')]),
    ...(older === undefined ? [] : [essHash(older, 'sha1')]),
  ];
  return both.every(({ digest, hash }) => equalBytes(primitives.digest(digest, certificate.raw), hash));
}

function essHash(value: DerValue, usual: StampDigest): { digest: StampDigest; hash: Uint8Array } {
  const list = new DerMembers(value, derTag.sequence, 'the signing certificate').next(derTag.sequence);
  const [first] = children(list);
  const id = new DerMembers(first, derTag.sequence, 'the signing certificate');
  const algorithm = id.optional(derTag.sequence);
  const digest = algorithm === undefined ? usual : digests[algorithmOf(algorithm)];
  if (digest === undefined) throw new TimeStampError('it names its certificate by a digest that is not accepted');
  return { digest, hash: id.next(derTag.octetString).content };
}

type Info = {
  readonly digestOid: string;
  readonly digest: Uint8Array;
  readonly at: number;
  readonly nonce: bigint | undefined;
};

function readInfo(content: Uint8Array): Info {
  const members = new DerMembers(readDer(content), derTag.sequence, 'the time stamp');
  if (readInteger(members.next(derTag.integer)) !== 1n) throw new TimeStampError('it is of another version than 1');
  members.next(derTag.oid);
  const imprint = new DerMembers(members.next(derTag.sequence), derTag.sequence, 'the imprint');
  const digestOid = algorithmOf(imprint.next(derTag.sequence));
  const digest = imprint.next(derTag.octetString).content;
  members.next(derTag.integer);
  const at = readGeneralizedTime(members.next(derTag.generalizedTime));
  members.optional(derTag.sequence);
  members.optional(derTag.boolean);
  const nonce = members.optional(derTag.integer);
  members.optional(0xa0);
  members.optional(0xa1);
  members.end();
  return { digestOid, digest, at, nonce: nonce === undefined ? undefined : readInteger(nonce) };
}

function algorithmOf(value: DerValue): string {
  return readOid(new DerMembers(value, derTag.sequence, 'an algorithm').next(derTag.oid));
}

function integerOf(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

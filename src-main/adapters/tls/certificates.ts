// The local certificate authority and the server certificate it issues: making them, reading them, telling when they must be renewed.
// Where they are kept, and how the private keys are sealed, is decided elsewhere.
import 'reflect-metadata';
import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import { toHex, utf8 } from '../../base/bytes.ts';
import { Secret } from '../../base/secret.ts';
import type { Clock, Randomness } from '../../core/ports.ts';
import { nameConstraints } from './name-constraints.ts';

/** Certificate (chain, leaf first) and private key (PKCS#8), both as PEM. */
export type CertifiedKey = { readonly cert: string; readonly key: Secret };

/** A certificate or key that can't be used; the message says what to do and holds no secret. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}

/** What every server certificate holds beside the host's names. */
export const loopbackNames = ['localhost', '127.0.0.1', '::1'] as const;

const dayMs = 86_400_000;
const authorityLifeMs = 3652 * dayMs;
/** Apple and the CA/Browser Forum refuse more than 398 days; one is left for clocks that differ. */
const serverLifeMs = 397 * dayMs;
const renewBeforeMs = 30 * dayMs;
/** Machines whose clock is a little behind must not find the certificate not yet valid. */
const skewMs = 5 * 60_000;

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/**
 * A new P-256 authority for ten years. SECURITY: whoever trusts it gives it no more than this console: it may issue server
 * certificates for `names` and the loopback names only (name constraints, EKU), and no further authority (path length 0).
 * @param names host names and addresses beside the loopback names.
 */
export async function createAuthority(
  random: Randomness,
  clock: Clock,
  consoleName: string,
  names: readonly string[],
): Promise<CertifiedKey> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const now = clock.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(random),
    name: [{ CN: [`Gatehouse local CA (${consoleName.slice(0, 40)})`] }, { O: ['Gatehouse'] }],
    notBefore: wholeSeconds(now - skewMs),
    notAfter: wholeSeconds(now - skewMs + authorityLifeMs),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth], false),
      new x509.Extension('2.5.29.30', true, nameConstraints(allNames(names))),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: certificate.toString('pem'), key: await exportKey(keys.privateKey) };
}

/**
 * A new P-256 server certificate for 397 days, for the loopback names and `names`.
 * @throws CertificateError when the authority can't be read.
 */
export async function issueServerCertificate(
  random: Randomness,
  clock: Clock,
  authority: CertifiedKey,
  names: readonly string[],
): Promise<CertifiedKey> {
  const issuer = new x509.X509Certificate(authority.cert);
  const signingKey = await importKey(authority.key);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const now = clock.now();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(random),
    subject: [{ CN: ['localhost'] }, { O: ['Gatehouse'] }],
    issuer: issuer.subjectName.toJSON(),
    notBefore: wholeSeconds(now - skewMs),
    notAfter: wholeSeconds(Math.min(now - skewMs + serverLifeMs, issuer.notAfter.getTime())),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth], false),
      new x509.SubjectAlternativeNameExtension(
        allNames(names).map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return { cert: certificate.toString('pem'), key: await exportKey(keys.privateKey) };
}

export type CertificateFacts = {
  /** SHA-256 of the DER form, as certificate tools print it: upper-case hex with colons. */
  readonly sha256: string;
  readonly subject: string;
  /** Host names and addresses it is valid for, in no particular order. */
  readonly names: readonly string[];
  readonly notBefore: number;
  readonly notAfter: number;
};

/** What a PEM certificate says; of a chain, its first. @throws CertificateError when it isn't one. */
export function certificateFacts(pem: string): CertificateFacts {
  const certificate = parse(pem);
  const names = (certificate.subjectAltName ?? '')
    .split(', ')
    .filter((part) => /^(?:DNS|IP Address):/.test(part))
    .map((part) => spelledName(part.slice(part.indexOf(':') + 1)));
  return {
    sha256: certificate.fingerprint256,
    subject: certificate.subject,
    names,
    notBefore: certificate.validFromDate.getTime(),
    notAfter: certificate.validToDate.getTime(),
  };
}

/** Is a new certificate due: the old one ends within 30 days, or lacks one of the names it should have. */
export function needsRenewal(pem: string, names: readonly string[], now: number): boolean {
  const facts = certificateFacts(pem);
  return facts.notAfter - now < renewBeforeMs || allNames(names).some((name) => !facts.names.includes(name));
}

/**
 * Checks a certificate that somebody brings along before it's put to use.
 * @throws CertificateError when it can't be read, is out of date, or the key isn't its key.
 */
export function requireUsable(pair: CertifiedKey, now: number): void {
  const certificate = parse(pair.cert);
  if (certificate.validToDate.getTime() <= now) {
    throw new CertificateError(
      `the certificate ended on ${certificate.validToDate.toISOString()}; bring a current one`,
    );
  }
  if (certificate.validFromDate.getTime() > now) {
    throw new CertificateError(`the certificate starts on ${certificate.validFromDate.toISOString()}; check the clock`);
  }
  let fits: boolean;
  try {
    fits = certificate.checkPrivateKey(createPrivateKey(Buffer.from(pair.key.reveal())));
  } catch (cause) {
    throw new CertificateError('the private key could not be read; expected PEM without a passphrase', { cause });
  }
  if (!fits) throw new CertificateError('the private key does not belong to the certificate');
}

function parse(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new CertificateError('expected a certificate in PEM form', { cause });
  }
}

function allNames(names: readonly string[]): string[] {
  return [...new Set([...loopbackNames, ...names.map((name) => spelledName(name))])];
}

/** One spelling per name: lower case; IPv6 in its short form. */
function spelledName(name: string): string {
  if (isIP(name) === 6) return new URL(`https://[${name}]`).hostname.slice(1, -1);
  return name.toLowerCase();
}

/** 16 random bytes, positive and without leading zero (RFC 5280 section 4.1.2.2). */
function serialNumber(random: Randomness): string {
  const bytes = random.bytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return toHex(bytes);
}

function wholeSeconds(atMs: number): Date {
  return new Date(Math.floor(atMs / 1000) * 1000);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<Secret> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  der.fill(0);
  return new Secret(utf8(`-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`));
}

async function importKey(pem: Secret): Promise<webcrypto.CryptoKey> {
  try {
    const der = createPrivateKey(Buffer.from(pem.reveal())).export({ format: 'der', type: 'pkcs8' });
    return await webcrypto.subtle.importKey('pkcs8', new Uint8Array(der), algorithm, false, ['sign']);
  } catch (cause) {
    throw new CertificateError("the authority's private key could not be read", { cause });
  }
}

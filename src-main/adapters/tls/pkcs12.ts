// Import of a PKCS#12 file (RFC 7292), as certificate authorities hand them out: certificate, chain and private key under a password.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import { utf8 } from '../../base/bytes.ts';
import { Secret } from '../../base/secret.ts';
import { CertificateError, type CertifiedKey } from './certificates.ts';

const largestFile = 1024 * 1024;

/**
 * Certificate chain (leaf first) and private key of a PKCS#12 file. RSA and elliptic keys, old and new encryption.
 * @throws CertificateError for a wrong password, a file that isn't PKCS#12, and one without exactly one key and its certificate.
 */
export function importPkcs12(file: Uint8Array, password: string): CertifiedKey {
  if (file.byteLength > largestFile) throw new CertificateError('the PKCS#12 file is larger than 1 MiB');
  const bags = read(file, password).safeContents.flatMap((content) => content.safeBags);
  const keys = bags.filter(({ type }) => type === forge.pki.oids.pkcs8ShroudedKeyBag || type === forge.pki.oids.keyBag);
  const certificates = bags.filter(({ type }) => type === forge.pki.oids.certBag).map(certificateOf);
  const [only] = keys;
  if (only === undefined || keys.length > 1) {
    throw new CertificateError(`expected one private key in the PKCS#12 file, got ${keys.length}`);
  }
  const key = privateKeyOf(only);
  const leaf = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (leaf === undefined) throw new CertificateError('the PKCS#12 file has no certificate for its private key');
  return {
    cert: chainFrom(leaf, certificates)
      .map((certificate) => certificate.toString())
      .join(''),
    key: new Secret(utf8(key.export({ format: 'pem', type: 'pkcs8' }).toString())),
  };
}

function read(file: Uint8Array, password: string): forge.pkcs12.Pkcs12Pfx {
  let structure: forge.asn1.Asn1;
  try {
    structure = forge.asn1.fromDer(forge.util.createBuffer(Buffer.from(file).toString('binary')));
  } catch (cause) {
    throw new CertificateError('this is not a PKCS#12 file (usually named .p12 or .pfx)', { cause });
  }
  try {
    return forge.pkcs12.pkcs12FromAsn1(structure, password);
  } catch (cause) {
    const wrong = cause instanceof Error && /password|decrypt/i.test(cause.message);
    throw new CertificateError(
      wrong ? 'the password does not open this PKCS#12 file' : 'this PKCS#12 file could not be read',
      { cause },
    );
  }
}

/** The library understands RSA alone; for other kinds it hands on what it has decrypted. */
function privateKeyOf(bag: forge.pkcs12.Bag): ReturnType<typeof createPrivateKey> {
  const info = bag.key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(bag.key)) : bag.asn1;
  try {
    return createPrivateKey({ key: der(info), format: 'der', type: 'pkcs8' });
  } catch (cause) {
    throw new CertificateError('the private key in the PKCS#12 file is of a kind that cannot be used', { cause });
  }
}

function certificateOf(bag: forge.pkcs12.Bag): X509Certificate {
  try {
    return new X509Certificate(der(bag.cert ? forge.pki.certificateToAsn1(bag.cert) : bag.asn1));
  } catch (cause) {
    throw new CertificateError('a certificate in the PKCS#12 file could not be read', { cause });
  }
}

function der(value: forge.asn1.Asn1): Buffer {
  return Buffer.from(forge.asn1.toDer(value).getBytes(), 'binary');
}

/** From the leaf upwards, as long as an issuer is in the file; a self-signed root ends it. */
function chainFrom(leaf: X509Certificate, all: readonly X509Certificate[]): X509Certificate[] {
  const chain = [leaf];
  for (let last = leaf; ; ) {
    const issuer = all.find((candidate) => !chain.includes(candidate) && last.checkIssued(candidate));
    if (issuer === undefined) return chain;
    chain.push(issuer);
    last = issuer;
  }
}

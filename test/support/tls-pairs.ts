// Certificates for tests: a CA with a server certificate for this computer, and one that stands for itself.
import { spawnSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, systemRandom } from '../../src-main/adapters/system/host-parts.ts';
import { createAuthority, issueServerCertificate } from '../../src-main/adapters/tls/certificates.ts';
import { temporaryFolder } from './stores.ts';

export type TlsPair = { readonly cert: string; readonly key: string; readonly ca: string };

export async function createServerPair(): Promise<TlsPair> {
  const authority = await createAuthority(systemRandom, systemClock, 'a receiver of a test', []);
  const issued = await issueServerCertificate(systemRandom, systemClock, authority, []);
  return { cert: issued.cert, key: Buffer.from(issued.key.reveal()).toString('utf8'), ca: authority.cert };
}

/** Of a client, or of a server for `name` that no CA vouches for. */
export function createSelfSigned(name: string): TlsPair {
  const folder = temporaryFolder();
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const done = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`, '-keyout', key, '-out', cert],
    ]);
    if (done.status !== 0) throw new Error(done.stderr.toString());
    return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8'), ca: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function fingerprintOf(cert: string): string {
  return createHash('sha256').update(new X509Certificate(cert).raw).digest('hex');
}

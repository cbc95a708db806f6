import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CertificateError,
  type CertifiedKey,
  createAuthority,
  issueServerCertificate,
  requireUsable,
} from '../../../src-main/adapters/tls/certificates.ts';
import { importPkcs12 } from '../../../src-main/adapters/tls/pkcs12.ts';

const run = promisify(execFile);
const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) };
const clock = { now: () => Date.now() };

let folder: string;
let authority: CertifiedKey;
let server: CertifiedKey;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-p12-'));
  authority = await createAuthority(random, clock, 'desk', []);
  server = await issueServerCertificate(random, clock, authority, []);
  await writeFile(join(folder, 'ca.pem'), authority.cert);
  await writeFile(join(folder, 'leaf.pem'), server.cert);
  await writeFile(join(folder, 'leaf.key'), server.key.reveal());
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function exported(...options: string[]): Promise<Uint8Array> {
  const out = join(folder, 'out.p12');
  await run('openssl', ['pkcs12', '-export', '-out', out, '-passout', 'pass:opens it', ...options]);
  return readFile(out);
}

const leaf = () => ['-in', join(folder, 'leaf.pem'), '-inkey', join(folder, 'leaf.key')];

describe('importing PKCS#12', () => {
  it('gives chain and key of a file as OpenSSL writes it today', async () => {
    const pair = importPkcs12(await exported(...leaf(), '-certfile', join(folder, 'ca.pem')), 'opens it');
    expect(pair.cert.replaceAll(/\s/g, '')).toBe(`${server.cert}${authority.cert}`.replaceAll(/\s/g, ''));
    expect(() => requireUsable(pair, Date.now())).not.toThrow();
  });

  it('reads an RSA key under the old triple DES encryption', async () => {
    const [cert, key] = [join(folder, 'rsa.pem'), join(folder, 'rsa.key')];
    await run('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-subj',
      '/CN=localhost',
    ]);
    const old = ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'];
    const pair = importPkcs12(await exported('-in', cert, '-inkey', key, ...old), 'opens it');
    expect(() => requireUsable(pair, Date.now() + 1000)).not.toThrow();
  });

  it('says that the password is wrong', async () => {
    const file = await exported(...leaf());
    expect(() => importPkcs12(file, 'something else')).toThrow(
      new CertificateError('the password does not open this PKCS#12 file'),
    );
  });

  it('refuses a file without a key, one without a certificate, and what is no PKCS#12 at all', async () => {
    const noKey = await exported('-nokeys', '-in', join(folder, 'leaf.pem'));
    expect(() => importPkcs12(noKey, 'opens it')).toThrow('expected one private key in the PKCS#12 file, got 0');
    const noCertificate = await exported('-nocerts', '-inkey', join(folder, 'leaf.key'));
    expect(() => importPkcs12(noCertificate, 'opens it')).toThrow('no certificate for its private key');
    expect(() => importPkcs12(new Uint8Array(randomBytes(300)), 'x')).toThrow(CertificateError);
    expect(() => importPkcs12(new Uint8Array(0), 'x')).toThrow(CertificateError);
    expect(() => importPkcs12(new Uint8Array(2_000_000), 'x')).toThrow('larger than 1 MiB');
  });

  it('refuses a file of which a byte was changed, whichever it is', async () => {
    const file = await exported(...leaf());
    for (let at = 0; at < file.length; at += 97) {
      const changed = new Uint8Array(file);
      changed[at] = (changed[at] ?? 0) ^ 0x01;
      let pair: CertifiedKey | undefined;
      try {
        pair = importPkcs12(changed, 'opens it');
      } catch (error) {
        expect(error).toBeInstanceOf(CertificateError);
      }
      // A changed iteration count or attribute outside of the MAC is found by the key, not let through.
      if (pair !== undefined) expect(() => requireUsable(pair, Date.now())).not.toThrow();
    }
  });
});

import { execFile } from 'node:child_process';
import { randomBytes, X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CertifiedKey,
  certificateFacts,
  createAuthority,
  issueServerCertificate,
  needsRenewal,
  requireUsable,
} from '../../../src-main/adapters/tls/certificates.ts';
import { Secret } from '../../../src-main/base/secret.ts';

const run = promisify(execFile);
const day = 86_400_000;
const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) };
const clock = { now: () => Date.now() };

let folder: string;
let authority: CertifiedKey;
let server: CertifiedKey;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-tls-'));
  authority = await createAuthority(random, clock, 'north desk', ['desk.example']);
  server = await issueServerCertificate(random, clock, authority, ['desk.example']);
  await writeFile(join(folder, 'ca.pem'), authority.cert);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function listening<T>(pair: CertifiedKey, use: (port: number) => Promise<T>): Promise<T> {
  const https = createServer({ key: Buffer.from(pair.key.reveal()), cert: pair.cert }, (_request, response) =>
    response.end('reached'),
  );
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
  try {
    return await use((https.address() as AddressInfo).port);
  } finally {
    https.closeAllConnections();
    https.close();
  }
}

function fetchFrom(port: number, servername: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      servername,
      ca: authority.cert,
      agent: false,
      headers: { host: servername },
    };
    get(options, (response) => response.setEncoding('utf8').once('data', resolve)).on('error', reject);
  });
}

describe('the local authority', () => {
  it('is a P-256 authority for ten years that can make no other authority', async () => {
    const certificate = new X509Certificate(authority.cert);
    expect(certificate.ca).toBe(true);
    expect(certificate.subject).toBe('CN=Gatehouse local CA (north desk)\nO=Gatehouse');
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    const years = (certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / (365.25 * day);
    expect(years).toBeGreaterThan(9.99);
    expect(years).toBeLessThan(10.01);
    const { stdout } = await run('openssl', ['x509', '-in', join(folder, 'ca.pem'), '-noout', '-text']);
    expect(stdout).toContain('CA:TRUE, pathlen:0');
    expect(stdout).toContain('Certificate Sign, CRL Sign');
    expect(stdout).toMatch(/Name Constraints: critical\s+Permitted:\s+DNS:localhost\s+IP:127\.0\.0\.0\/255\.0\.0\.0/);
    expect(stdout).toContain('DNS:desk.example');
  });

  it('makes another key and serial number each time', async () => {
    const other = await createAuthority(random, clock, 'north desk', []);
    expect(new X509Certificate(other.cert).serialNumber).not.toBe(new X509Certificate(authority.cert).serialNumber);
    expect(new X509Certificate(authority.cert).serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
  });

  it('keeps its private key in a form that does not print', () => {
    expect(`${authority.key}${JSON.stringify(authority)}`).not.toContain('PRIVATE KEY');
  });
});

describe('the server certificate', () => {
  it('holds the loopback names and those of the host, for at most 397 days', () => {
    const facts = certificateFacts(server.cert);
    expect([...facts.names].sort()).toEqual(['127.0.0.1', '::1', 'desk.example', 'localhost']);
    expect(facts.notAfter - facts.notBefore).toBe(397 * day);
    const certificate = new X509Certificate(server.cert);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(certificate.ca).toBe(false);
    expect(certificate.checkIssued(new X509Certificate(authority.cert))).toBe(true);
    expect(facts.sha256).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  });

  it.each(['localhost', 'desk.example'])('is accepted by node as %s', async (name) => {
    expect(await listening(server, (port) => fetchFrom(port, name))).toBe('reached');
  });

  it.each(['localhost', '127.0.0.1', 'desk.example'])('is accepted by curl as %s', async (name) => {
    const answer = await listening(server, (port) =>
      run('curl', [
        ...['-sS', '--noproxy', '*', '--cacert', join(folder, 'ca.pem')],
        ...['--resolve', `${name}:${port}:127.0.0.1`, `https://${name}:${port}/`],
      ]),
    );
    expect(answer.stdout).toBe('reached');
  });

  it('is refused for a name it does not hold', async () => {
    await expect(listening(server, (port) => fetchFrom(port, 'other.example'))).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  it.each(['bank.example', '10.1.2.3'])(
    'is refused for %s even when the authority signed it, by its name constraints',
    async (name) => {
      const forged = await issueServerCertificate(random, clock, authority, [name]);
      await expect(listening(forged, (port) => fetchFrom(port, 'localhost'))).rejects.toThrow(
        'permitted subtree violation',
      );
    },
  );

  it('is renewed 30 days before it ends, and when a name is missing', () => {
    const { notAfter } = certificateFacts(server.cert);
    expect(needsRenewal(server.cert, ['desk.example'], notAfter - 31 * day)).toBe(false);
    expect(needsRenewal(server.cert, ['desk.example'], notAfter - 29 * day)).toBe(true);
    expect(needsRenewal(server.cert, ['DESK.example'], Date.now())).toBe(false);
    expect(needsRenewal(server.cert, ['new.example'], Date.now())).toBe(true);
    expect(needsRenewal(server.cert, ['0:0:0:0:0:0:0:1'], Date.now())).toBe(false);
  });

  it('never outlives its authority', async () => {
    const late = { now: () => certificateFacts(authority.cert).notAfter - 10 * day };
    const issued = await issueServerCertificate(random, late, authority, []);
    expect(certificateFacts(issued.cert).notAfter).toBe(certificateFacts(authority.cert).notAfter);
  });
});

describe('a certificate that somebody brings', () => {
  it('must be current and fit its key', () => {
    const { notBefore, notAfter } = certificateFacts(server.cert);
    expect(() => requireUsable(server, Date.now())).not.toThrow();
    expect(() => requireUsable(server, notAfter + 1)).toThrow(/ended on/);
    expect(() => requireUsable(server, notBefore - 1000)).toThrow(/check the clock/);
    expect(() => requireUsable({ cert: server.cert, key: authority.key }, Date.now())).toThrow(/does not belong/);
    const noKey = new Secret(new TextEncoder().encode('hello'));
    expect(() => requireUsable({ cert: server.cert, key: noKey }, Date.now())).toThrow(/could not be read/);
    expect(() => requireUsable({ cert: 'hello', key: server.key }, Date.now())).toThrow(/PEM/);
  });
});

import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as dialTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type SecureVersion } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueServerCertificate } from '../../../src-main/adapters/tls/certificates.ts';
import { authority, certified, clock, type Desk, dial, openDesk } from './support.ts';

const run = promisify(execFile);
let desk: Desk;
let folder: string;
beforeAll(async () => {
  desk = await openDesk();
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-https-'));
  await writeFile(join(folder, 'ca.pem'), authority.cert);
});
afterAll(async () => {
  await desk.server.close();
  await rm(folder, { recursive: true, force: true });
});

function handshake(port: number, options: { version?: SecureVersion; ciphers?: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    const { version, ciphers } = options;
    const socket = connect({
      host: '127.0.0.1',
      port,
      ca: authority.cert,
      servername: 'localhost',
      ...(version === undefined ? {} : { minVersion: version, maxVersion: version }),
      ...(ciphers === undefined ? {} : { ciphers }),
    });
    socket.once('secureConnect', () => {
      resolve(`${socket.getProtocol()} ${socket.getCipher().standardName}`);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

describe('TLS', () => {
  it.each(['localhost', '127.0.0.1'])('is accepted by curl with the authority as %s', async (name) => {
    const url = `https://${name}:${desk.server.port}/health`;
    const { stdout } = await run('curl', ['-sS', '--noproxy', '*', '--cacert', join(folder, 'ca.pem'), url]);
    expect(stdout).toBe('{"ok":true}');
  });

  it('speaks 1.3 and 1.2 with forward secrecy and authenticated encryption', async () => {
    expect(await handshake(desk.server.port, {})).toMatch(/^TLSv1\.3 /);
    expect(await handshake(desk.server.port, { version: 'TLSv1.2' })).toBe(
      'TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
    );
  });

  it.each(['TLSv1.1', 'TLSv1'] as const)(
    'refuses %s, even to clients that would accept any cipher',
    async (version) => {
      await expect(handshake(desk.server.port, { version, ciphers: 'ALL:@SECLEVEL=0' })).rejects.toMatchObject({
        code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
      });
    },
  );

  it.each(['ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-SHA384', 'AES256-GCM-SHA384', 'DHE-RSA-AES256-GCM-SHA384'])(
    'refuses the cipher %s',
    async (ciphers) => {
      await expect(handshake(desk.server.port, { version: 'TLSv1.2', ciphers })).rejects.toThrow(/handshake failure/);
    },
  );

  it('can be held to 1.3', async () => {
    await using strict = await openDesk({ tls13Only: true });
    expect(await handshake(strict.server.port, {})).toMatch(/^TLSv1\.3 /);
    await expect(handshake(strict.server.port, { version: 'TLSv1.2' })).rejects.toThrow();
  });

  it.each(['-tls1_2', '-tls1_3'])('resumes nothing (%s)', async (version) => {
    const script = `openssl s_client -connect 127.0.0.1:${desk.server.port} ${version} -servername localhost -reconnect </dev/null 2>&1`;
    const { stdout } = await run('bash', ['-c', `${script} || true`]);
    expect(stdout).toMatch(/New, TLSv1\.[23], Cipher is/);
    expect(stdout).not.toContain('Reused');
  });

  it('answers nothing to plain HTTP', async () => {
    const received = await new Promise<string>((resolve) => {
      let text = '';
      const socket = dialTcp(desk.server.port, '127.0.0.1', () =>
        socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
      );
      socket.on('data', (part) => {
        text += part;
      });
      socket.on('error', () => undefined);
      socket.once('close', () => resolve(text));
    });
    expect(received).not.toContain('HTTP/');
  });

  it('takes a new certificate without a restart; connections that stand go on', async () => {
    await using renewed = await openDesk();
    const before = await dial(renewed);
    const random = { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };
    const next = await issueServerCertificate(random, clock, authority, ['desk.example']);
    expect(() => renewed.server.reloadTls({ cert: next.cert, key: certified.key })).toThrow();
    const serial = async () => (await dial(renewed)).getPeerCertificate().serialNumber;
    expect(await serial()).toBe(new X509Certificate(certified.cert).serialNumber);
    renewed.server.reloadTls(next);
    expect(await serial()).toBe(new X509Certificate(next.cert).serialNumber);
    expect(before.destroyed).toBe(false);
    await expect(handshake(renewed.server.port, { version: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' })).rejects.toThrow();
  });
});

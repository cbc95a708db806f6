// Certificates, private keys and SSH keys: what OpenSSL and ssh-keygen made is described as they do; anything else is refused without
// repeating a part of it.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NotKeyMaterial, parseCertificateText } from '../../../src-main/base/key-material.ts';
import { parseSshKey } from '../../../src-main/base/ssh-keys.ts';

const folder = resolve(import.meta.dirname, '../../fixtures/keys');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

const certificate = read('rsa-cert.pem');
const key = read('rsa-key.pem');
const fingerprint = `SHA256:${new X509Certificate(certificate).fingerprint256.replaceAll(':', '').toLowerCase()}`;
const described = {
  kind: 'certificate',
  subject: 'CN=shop.example.org, O=Example',
  issuer: 'CN=shop.example.org, O=Example',
  algorithm: 'RSA 2048',
  fingerprint,
  notAfter: Date.UTC(2126, 9, 28, 11, 37, 40),
};

test('a certificate in PEM, in DER as base64, with line ends of Windows and words around it', () => {
  const der = new X509Certificate(certificate).raw.toString('base64');
  expect(parseCertificateText(certificate)).toEqual(described);
  expect(parseCertificateText(der)).toEqual(described);
  expect(parseCertificateText(der.replace(/.{64}/g, '$&\r\n'))).toEqual(described);
  expect(
    parseCertificateText(`Bag Attributes\r\n  friendlyName: shop\r\n${certificate.replaceAll('\n', '\r\n')}`),
  ).toEqual(described);
});

test('a chain, and a certificate with its key', () => {
  expect(parseCertificateText(certificate + read('ec-cert.pem'))).toEqual({
    ...described,
    kind: 'certificate chain of 2',
  });
  expect(parseCertificateText(key + certificate)).toEqual({ ...described, kind: 'certificate with private key' });
  const encrypted = certificate + read('rsa-key-encrypted.pem');
  expect(parseCertificateText(encrypted)).toEqual({ ...described, kind: 'certificate with encrypted private key' });
});

test('private keys in each form; the same key has the same fingerprint', () => {
  const pkcs8 = parseCertificateText(key);
  expect(pkcs8).toMatchObject({ kind: 'private key (PKCS#8)', algorithm: 'RSA 2048', subject: null, notAfter: null });
  expect(parseCertificateText(read('rsa-key-pkcs1.pem'))).toEqual({ ...pkcs8, kind: 'private key (PKCS#1)' });
  expect(parseCertificateText(read('ec-key-with-parameters.pem'))).toMatchObject({
    kind: 'private key (SEC1)',
    algorithm: 'EC prime256v1',
  });
  const nothing = { subject: null, issuer: null, algorithm: null, fingerprint: null, notAfter: null };
  expect(parseCertificateText(read('rsa-key-encrypted.pem'))).toEqual({
    kind: 'encrypted private key (PKCS#8)',
    ...nothing,
  });
  expect(parseCertificateText(read('rsa-key-old-encrypted.pem'))).toEqual({
    kind: 'encrypted private key (PKCS#1)',
    ...nothing,
  });
});

// The fingerprints are what `ssh-keygen -l` prints.
test('SSH keys as ssh-keygen wrote them', () => {
  const nothing = { issuer: null, notAfter: null };
  const ed25519 = {
    algorithm: 'ssh-ed25519',
    fingerprint: 'SHA256:W5zSfIiQf8uR6rgEJWNUz2QhI4uzglkKVOfdCrHuO0w',
    subject: 'mira@desk',
    ...nothing,
  };
  expect(parseSshKey(read('ssh-ed25519.pub'))).toEqual({ kind: 'SSH public key', ...ed25519 });
  expect(parseSshKey(read('ssh-ed25519'))).toEqual({ kind: 'SSH private key', ...ed25519 });
  const rsa = {
    algorithm: 'ssh-rsa 2048',
    fingerprint: 'SHA256:GLGDVtMSvAJFohD/yZMkCsrG+SzBZ9F/oKydEKuQlG8',
    ...nothing,
  };
  expect(parseSshKey(read('ssh-rsa-encrypted.pub'))).toEqual({ kind: 'SSH public key', subject: 'ci', ...rsa });
  expect(parseSshKey(read('ssh-rsa-encrypted'))).toEqual({ kind: 'encrypted SSH private key', subject: null, ...rsa });
  const ecdsa = {
    algorithm: 'ecdsa-sha2-nistp256',
    fingerprint: 'SHA256:YYRZNRfSP+0sbsyQ67TDzY4+5OCGiQrm8J7j/qliFy0',
    subject: null,
    ...nothing,
  };
  expect(parseSshKey(read('ssh-ecdsa'))).toEqual({ kind: 'SSH private key', ...ecdsa });
  expect(parseSshKey(read('ssh-ecdsa.pub'))).toEqual({ kind: 'SSH public key', ...ecdsa });
  expect(parseSshKey(read('rsa-key-pkcs1.pem'))).toMatchObject({
    kind: 'SSH private key (PKCS#1)',
    algorithm: 'RSA 2048',
  });
});

const canary = 'canary7f3a';
const body = (pem: string): string => pem.split('\n').slice(1, -2).join('');
const pem = (label: string, text: string): string => `-----BEGIN ${label}-----\n${text}\n-----END ${label}-----\n`;

test.each([
  ['nothing', ''],
  ['spaces', ' \n '],
  ['words', `a password: ${canary}`],
  ['base64 that is no DER', Buffer.from(canary).toString('base64')],
  ['base64url', body(certificate).replaceAll('+', '-').replaceAll('/', '_')],
  ['no end', certificate.slice(0, -30)],
  ['no beginning', `-----BEGIN\n${certificate.slice(30)}`],
  ['a block within another', certificate.replace('\n', `\n-----BEGIN CERTIFICATE-----\n${canary}\n`)],
  ['another end', certificate.replace('END CERTIFICATE', 'END PRIVATE KEY')],
  ['an end too many', `${certificate}-----END CERTIFICATE-----\n`],
  ['one line', certificate.replaceAll('\n', '\\n')],
  ['an unknown label', pem(canary.toUpperCase(), body(certificate))],
  ['a request', pem('CERTIFICATE REQUEST', body(certificate))],
  ['a public key', pem('PUBLIC KEY', body(certificate))],
  ['an empty block', pem('CERTIFICATE', '')],
  [
    'a cut certificate',
    pem('CERTIFICATE', Buffer.from(body(certificate), 'base64').subarray(0, -1).toString('base64')),
  ],
  [
    'a certificate with more behind it',
    pem(
      'CERTIFICATE',
      Buffer.concat([Buffer.from(body(certificate), 'base64'), Buffer.from(canary)]).toString('base64'),
    ),
  ],
  ['a key called a certificate', pem('CERTIFICATE', body(key))],
  ['a certificate called a key', pem('PRIVATE KEY', body(certificate))],
  ['two keys', key + key],
  ['the key of another certificate', read('ec-cert.pem') + key],
  ['parameters alone', read('ec-key-with-parameters.pem').split('-----BEGIN EC PRIVATE')[0] ?? ''],
  ['a length of four gigabytes', pem('CERTIFICATE', Buffer.from('3084ffffffff3000', 'hex').toString('base64'))],
  ['indefinite length', pem('CERTIFICATE', Buffer.from('30800000', 'hex').toString('base64'))],
  ['a bomb of blocks', certificate.repeat(21)],
])('refuses as a certificate, without repeating it: %s', (_, text) => {
  expectRefused(() => parseCertificateText(text));
});

const publicLine = read('ssh-ed25519.pub').trim();
const blob = Buffer.from(publicLine.split(' ')[1] ?? '', 'base64');
const openSsh = (bytes: Uint8Array): string => pem('OPENSSH PRIVATE KEY', Buffer.from(bytes).toString('base64'));
const privateBytes = Buffer.from(body(read('ssh-ed25519')), 'base64');
const changed = (at: number, byte: number): Buffer => {
  const copy = Buffer.from(privateBytes);
  copy[at] = byte;
  return copy;
};

test.each([
  ['nothing', ''],
  ['words', `${canary} ${canary}`],
  ['an unknown kind', `ssh-${canary} ${blob.toString('base64')}`],
  ['another kind than the blob', `ssh-rsa ${blob.toString('base64')}`],
  ['options before it', `no-pty ${publicLine}`],
  ['two lines', `${publicLine}\n${publicLine}`],
  ['a cut blob', `ssh-ed25519 ${blob.subarray(0, -1).toString('base64')}`],
  ['a blob with more behind it', `ssh-ed25519 ${Buffer.concat([blob, Buffer.of(0)]).toString('base64')}`],
  ['a length beyond the end', `ssh-ed25519 ${Buffer.concat([Buffer.of(255, 255, 255, 255), blob]).toString('base64')}`],
  ['a name of Object', `constructor ${blob.toString('base64')}`],
  ['PuTTY', `PuTTY-User-Key-File-3: ssh-ed25519\nComment: ${canary}\n`],
  ['RFC 4716', `---- BEGIN SSH2 PUBLIC KEY ----\n${blob.toString('base64')}\n---- END SSH2 PUBLIC KEY ----`],
  ['a certificate', certificate],
  ['an empty file', openSsh(new Uint8Array(0))],
  ['no end', read('ssh-ed25519').slice(0, -20)],
  ['words within', read('ssh-ed25519').replace('\n', `\n${canary}!\n`)],
  ['another magic', openSsh(changed(0, 0))],
  ['two keys', openSsh(changed(15 + 8 + 8 + 4 + 3, 2))],
  ['a cut file', openSsh(privateBytes.subarray(0, -9))],
  ['more behind it', openSsh(Buffer.concat([privateBytes, Buffer.of(1)]))],
  ['check numbers that differ', openSsh(changed(privateBytes.indexOf('ssh-ed25519', 80) - 5, 0))],
  ['other padding', openSsh(changed(privateBytes.length - 1, 0xee))],
])('refuses as an SSH key, without repeating it: %s', (_, text) => {
  expectRefused(() => parseSshKey(text));
});

test('any bytes are described or refused, never anything else', () => {
  const lines = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => openSsh(bytes)),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => pem('CERTIFICATE', Buffer.from(bytes).toString('base64'))),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => `ssh-ed25519 ${Buffer.from(bytes).toString('base64')}`),
    // A good key with a few bytes changed goes deeper than chance does.
    fc.array(fc.tuple(fc.nat(privateBytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }).map((changes) => {
      const copy = Buffer.from(privateBytes);
      for (const [at, byte] of changes) copy[at] = byte;
      return openSsh(copy);
    }),
    fc.array(fc.tuple(fc.nat(800), fc.nat(255)), { minLength: 1, maxLength: 4 }).map((changes) => {
      const copy = Buffer.from(body(certificate), 'base64');
      for (const [at, byte] of changes) copy[at] = byte;
      return pem('CERTIFICATE', copy.toString('base64'));
    }),
  );
  fc.assert(
    fc.property(lines, (text) => {
      for (const parse of [parseCertificateText, parseSshKey]) {
        try {
          const found = parse(text);
          expect(JSON.parse(JSON.stringify(found))).toEqual(found);
        } catch (error) {
          expect(error).toBeInstanceOf(NotKeyMaterial);
        }
      }
    }),
    { numRuns: 300 },
  );
});

function expectRefused(run: () => unknown): void {
  expect(run).toThrow(NotKeyMaterial);
  try {
    run();
  } catch (error) {
    expect(String(error).toLowerCase()).not.toContain(canary);
  }
}

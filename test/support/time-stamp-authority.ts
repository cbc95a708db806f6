// A time-stamp authority of OpenSSL's own making: a CA, a certificate for time stamps, and `openssl ts -reply` behind HTTP.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLocalServer, type LocalServer } from './local-server.ts';

export type AuthorityFiles = {
  readonly folder: string;
  /** PEM. */
  readonly ca: string;
  readonly caFile: string;
  reply(query: Uint8Array, digest?: string): Buffer;
};

export type TimeStampAuthority = LocalServer & AuthorityFiles;

type Shape = {
  readonly key?: 'rsa' | 'ec';
  /** Of its certificate. */
  readonly usage?: string;
  readonly days?: number;
  /** With a CA of its own between. */
  readonly between?: boolean;
};

/** Files of an authority under `folder`, which must exist. */
export function makeAuthority(folder: string, name: string, shape: Shape = {}): AuthorityFiles {
  const { key = 'ec', usage = 'critical,timeStamping', days = 30, between = false } = shape;
  const home = join(folder, name);
  mkdirSync(home, { recursive: true });
  const path = (file: string): string => join(home, file);
  const openssl = (...args: string[]): Buffer =>
    execFileSync('openssl', args, { cwd: home, stdio: ['ignore', 'pipe', 'pipe'] });
  const algorithm = key === 'rsa' ? ['rsa:2048'] : ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const request = (file: string, subject: string): void =>
    void openssl(
      'req',
      '-new',
      '-newkey',
      ...algorithm,
      '-nodes',
      '-keyout',
      `${file}.key`,
      '-out',
      `${file}.csr`,
      '-subj',
      subject,
    );
  const issue = (file: string, issuer: string, extensions: string): void => {
    writeFileSync(path(`${file}.ext`), extensions);
    openssl(
      'x509',
      '-req',
      '-in',
      `${file}.csr`,
      '-CA',
      `${issuer}.crt`,
      '-CAkey',
      `${issuer}.key`,
      '-CAcreateserial',
      '-days',
      String(days),
      '-extfile',
      `${file}.ext`,
      '-out',
      `${file}.crt`,
    );
  };
  openssl(
    'req',
    '-x509',
    '-newkey',
    ...algorithm,
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-days',
    '3650',
    '-subj',
    `/CN=${name} CA`,
    '-addext',
    'basicConstraints=critical,CA:TRUE',
    '-addext',
    'keyUsage=critical,keyCertSign,cRLSign',
  );
  let issuer = 'ca';
  if (between) {
    request('between', `/CN=${name} intermediate`);
    issue('between', 'ca', 'basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\n');
    issuer = 'between';
  }
  request('tsa', `/CN=${name} TSA/O=Example`);
  issue('tsa', issuer, `extendedKeyUsage=${usage}\nkeyUsage=critical,digitalSignature\n`);
  writeFileSync(
    path('chain.pem'),
    issuer === 'ca'
      ? readFileSync(path('ca.crt'))
      : Buffer.concat([readFileSync(path('between.crt')), readFileSync(path('ca.crt'))]),
  );
  writeFileSync(path('serial'), '01\n');
  const config = (digest: string): string =>
    `[tsa]\ndefault_tsa = t\n[t]\nserial = ${path('serial')}\ndefault_policy = 1.2.3.4.1\ndigests = sha256, sha512\naccuracy = secs:1\nordering = no\ntsa_name = yes\ness_cert_id_chain = no\nsigner_digest = ${digest}\ness_cert_id_alg = sha256\n`;
  let queries = 0;
  return {
    folder: home,
    ca: readFileSync(path('ca.crt'), 'utf8'),
    caFile: path('ca.crt'),
    reply(query, digest = 'sha256') {
      queries += 1;
      writeFileSync(path(`${queries}.tsq`), query);
      writeFileSync(path('tsa.cnf'), config(digest));
      openssl(
        'ts',
        '-reply',
        '-config',
        'tsa.cnf',
        '-queryfile',
        `${queries}.tsq`,
        '-signer',
        'tsa.crt',
        '-inkey',
        'tsa.key',
        '-chain',
        'chain.pem',
        '-out',
        `${queries}.tsr`,
      );
      return readFileSync(path(`${queries}.tsr`));
    },
  };
}

export async function createTimeStampAuthority(folder: string, name = 'clock'): Promise<TimeStampAuthority> {
  const files = makeAuthority(folder, name);
  const server = await createLocalServer(({ headers, body }, response) => {
    if (headers['content-type'] !== 'application/timestamp-query') return void response.writeHead(415).end();
    response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(files.reply(body));
  });
  return Object.assign(server, files);
}

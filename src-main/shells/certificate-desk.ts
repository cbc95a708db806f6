// The certificates that the API is served with: the console's own CA and server certificate, or ones that the user brought.
import { readFileSync } from 'node:fs';
import { writeDurably } from '../adapters/files/key-file-store.ts';
import {
  CertificateError,
  type CertifiedKey,
  certificateFacts,
  createAuthority,
  issueServerCertificate,
  needsRenewal,
  requireUsable,
} from '../adapters/tls/certificates.ts';
import { importPkcs12 } from '../adapters/tls/pkcs12.ts';
import { utf8 } from '../base/bytes.ts';
import { reasonOf } from '../base/file-words.ts';
import { Secret } from '../base/secret.ts';
import type { CertificateSet } from '../core/features/certificates/certificates.ts';
import type { CertificateDescription } from '../core/features/setup/feature.ts';
import type { Clock, Randomness } from '../core/ports.ts';

export type CertificateDeskParts = {
  readonly clock: Clock;
  readonly random: Randomness;
  readonly hostNames: readonly string[];
  /** Where ca.pem is written; the folder can be chosen while set-up runs. */
  readonly caPath: () => string;
  readonly own: OwnCertificate | undefined;
};

/** `GATEHOUSE_TLS_CERT` with `GATEHOUSE_TLS_KEY` (PEM files), or a PKCS#12 file with `GATEHOUSE_TLS_PASSWORD`. */
export type OwnCertificate = { readonly cert: string; readonly key: string | undefined; readonly password: string };

export type CertificateDesk = {
  /** Makes a CA and certificate before there is a store; they become the console's own when it is set up. */
  bootstrap(): Promise<void>;
  /** Takes what the store holds, renewing what is due. @returns what changed and must be saved. */
  adopt(stored: CertificateSet | undefined): Promise<CertificateSet | undefined>;
  /** The set in use, for saving; undefined before one was made or adopted. */
  current(): CertificateSet | undefined;
  /** The folder changed: ca.pem is written there too. */
  moved(): void;
  /** Another certificate of the user's, or none any more. @throws CertificateError when it can't be used; the one before stays */
  replaceOwn(next: OwnCertificate | undefined): void;
  /** Drops the private keys; what TLS serves already goes on. */
  forget(): void;
  /** What TLS serves. @throws Error after `forget`, until the next `adopt` */
  pair(): CertifiedKey;
  describe(url: string): CertificateDescription;
};

export function createCertificateDesk(parts: CertificateDeskParts): CertificateDesk {
  const { clock, random, hostNames } = parts;
  let own = parts.own === undefined ? undefined : readOwn(parts.own, clock.now());
  let set: CertificateSet | undefined;

  async function make(): Promise<CertificateSet> {
    const authority = await createAuthority(random, clock, 'Gatehouse', hostNames);
    return withServer(authority, await issueServerCertificate(random, clock, authority, hostNames));
  }

  function use(next: CertificateSet): void {
    set = next;
    writeDurably(parts.caPath(), next.caCertificate, 0o644);
  }

  function inUse(): CertificateSet {
    if (set === undefined) throw new Error('no certificate was made yet');
    return set;
  }

  return {
    async bootstrap() {
      use(await make());
    },
    async adopt(stored) {
      if (stored === undefined) {
        use(await make());
        return inUse();
      }
      if (!needsRenewal(stored.serverCertificate, hostNames, clock.now())) {
        use(stored);
        return undefined;
      }
      const authority = { cert: stored.caCertificate, key: new Secret(utf8(stored.caKey)) };
      use(withServer(authority, await issueServerCertificate(random, clock, authority, hostNames)));
      return inUse();
    },
    current: () => set,
    moved() {
      if (set !== undefined) use(set);
    },
    forget() {
      own?.key.destroy();
      if (set !== undefined) set = { ...set, caKey: '', serverKey: '' };
    },
    replaceOwn(next) {
      own = next === undefined ? undefined : readOwn(next, clock.now());
    },
    pair: () => own ?? { cert: inUse().serverCertificate, key: new Secret(utf8(inUse().serverKey)) },
    describe(url) {
      const { caCertificate } = inUse();
      const server = certificateFacts(own?.cert ?? inUse().serverCertificate);
      return {
        ca_pem: caCertificate,
        ca_path: parts.caPath(),
        ca_sha256: certificateFacts(caCertificate).sha256,
        server_sha256: server.sha256,
        names: [...server.names],
        not_after: new Date(server.notAfter).toISOString(),
        url,
        trust: trustCommands(parts.caPath()),
      };
    },
  };
}

/** How each system is told to trust the CA. The commands change the system's trust store: the user runs them, never we. */
export function trustCommands(caPath: string): { system: string; command: string }[] {
  return [
    {
      system: 'Debian, Ubuntu',
      command: `sudo cp ${caPath} /usr/local/share/ca-certificates/gatehouse.crt && sudo update-ca-certificates`,
    },
    {
      system: 'Fedora, RHEL',
      command: `sudo cp ${caPath} /etc/pki/ca-trust/source/anchors/gatehouse.pem && sudo update-ca-trust`,
    },
    {
      system: 'macOS',
      command: `security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db ${caPath}`,
    },
    { system: 'Windows', command: `certutil -user -addstore Root ${caPath}` },
    {
      system: 'Chrome, Chromium on Linux',
      command: `certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n Gatehouse -i ${caPath}`,
    },
    { system: 'Node.js tools', command: `export NODE_EXTRA_CA_CERTS=${caPath}` },
  ];
}

function readOwn({ cert, key, password }: OwnCertificate, now: number): CertifiedKey {
  const certificate = readFor('certificate', cert);
  const pair =
    key === undefined
      ? importPkcs12(certificate, password)
      : { cert: certificate.toString('utf8'), key: new Secret(readFor('key', key)) };
  requireUsable(pair, now);
  return pair;
}

function readFor(what: 'certificate' | 'key', path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new CertificateError(`cannot read the ${what} ${path}: ${reasonOf(cause)}`, { cause });
  }
}

function withServer(authority: CertifiedKey, server: CertifiedKey): CertificateSet {
  return {
    caCertificate: authority.cert,
    caKey: pemOf(authority),
    serverCertificate: server.cert,
    serverKey: pemOf(server),
  };
}

function pemOf(pair: CertifiedKey): string {
  return Buffer.from(pair.key.reveal()).toString('utf8');
}

// Sockets and TLS: which versions and ciphers, how long a peer may take, what happens to bytes that aren't HTTP, binding and closing.
import { constants } from 'node:crypto';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, type SecureContextOptions, type TlsOptions } from 'node:tls';
import { type ProblemCode, ProblemError, problemBody } from '../../../src-shared/contract/problems.ts';
import type { Secret } from '../../base/secret.ts';

/** Certificate chain (leaf first) and private key, both as PEM. */
export type TlsKeyPair = { readonly key: Secret; readonly cert: string };

/** The port is taken, by another program or a Gatehouse that runs already. */
export class PortInUse extends Error {
  override readonly name = 'PortInUse';
  readonly port: number;

  constructor(port: number, cause: unknown) {
    super(`port ${port} is in use; stop the program that has it, or choose another port`, { cause });
    this.port = port;
  }
}

/** The address can't be listened on: not of this computer, or its port is for privileged programs. */
export class AddressUnusable extends Error {
  override readonly name = 'AddressUnusable';
}

export type Timeouts = {
  readonly handshakeMs: number;
  readonly headersMs: number;
  /** For a whole request with its body. */
  readonly requestMs: number;
  readonly keepAliveMs: number;
  /** How often the two above are checked. */
  readonly checkMs: number;
};

export const defaultTimeouts: Timeouts = {
  handshakeMs: 10_000,
  headersMs: 10_000,
  requestMs: 60_000,
  keepAliveMs: 30_000,
  checkMs: 2_000,
};

const mostConnections = 1024;
const largestHead = 16 * 1024;

// Forward secrecy and authenticated encryption only. TLS 1.3's suites come first; the rest is for 1.2.
const ciphers = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':');

function secureContext(tls: TlsKeyPair, tls13Only: boolean): SecureContextOptions {
  return {
    key: Buffer.from(tls.key.reveal()),
    cert: tls.cert,
    minVersion: tls13Only ? 'TLSv1.3' : 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers,
    honorCipherOrder: true,
    // Without tickets every connection has keys of its own; nothing on this server could decrypt an old one.
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
  };
}

export function serverOptions(tls: TlsKeyPair, tls13Only: boolean, timeouts: Timeouts): ServerOptions & TlsOptions {
  return {
    ...secureContext(tls, tls13Only),
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: timeouts.handshakeMs,
    headersTimeout: timeouts.headersMs,
    requestTimeout: timeouts.requestMs,
    keepAliveTimeout: timeouts.keepAliveMs,
    connectionsCheckingInterval: timeouts.checkMs,
    maxHeaderSize: largestHead,
    // A missing Host is refused by the gate, with a proper answer.
    requireHostHeader: false,
    insecureHTTPParser: false,
    noDelay: true,
  };
}

/** Another server for another address, with the same options and the same way to answer. */
export function createSibling(options: ServerOptions, first: Server): Server {
  const sibling = createServer(options);
  for (const listener of first.listeners('request')) sibling.on('request', listener as () => void);
  return sibling;
}

/** Takes a new certificate without a restart. @throws Error when key and certificate don't belong together; the old ones stay. */
export function reloadTls(servers: readonly Server[], tls: TlsKeyPair, tls13Only: boolean): void {
  const context = secureContext(tls, tls13Only);
  createSecureContext(context);
  for (const server of servers) server.setSecureContext(context);
}

/** Counts bytes that were no request, and gives the headers that say what is left. */
export type CountGarbage = (reason: ProblemCode, ip: string | null) => Promise<Readonly<Record<string, string>>>;

/** Bounds and manners of one server. */
export function harden(server: Server, headers: Readonly<Record<string, string>>, refused: CountGarbage): void {
  server.maxConnections = mostConnections;
  server.removeAllListeners('clientError');
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    answerGarbage(error, socket, headers, refused).catch(() => socket.destroy());
  });
  // An `Expect` that isn't 100-continue is no reason for an answer outside of our forms.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}

async function answerGarbage(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  headers: Readonly<Record<string, string>>,
  refused: CountGarbage,
): Promise<void> {
  const problem = garbageProblem(error.code ?? '');
  // TLS failures and resets: there's nobody to whom an answer could be written. In the middle of an answer, bytes of another would
  // corrupt it.
  const isTooLate = (): boolean => {
    const { _httpMessage: answering } = socket as { _httpMessage?: { headersSent: boolean } };
    return !socket.writable || answering?.headersSent === true;
  };
  if (problem === undefined || isTooLate()) {
    socket.destroy();
    return;
  }
  const limits = await refused(problem.code, (socket as { remoteAddress?: string }).remoteAddress ?? null);
  if (isTooLate()) {
    socket.destroy();
    return;
  }
  const body = problemBody(problem);
  const text = JSON.stringify(body);
  const head = Object.entries({
    ...headers,
    ...limits,
    'cache-control': 'no-store',
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(text)),
    connection: 'close',
  });
  socket.end(
    `HTTP/1.1 ${body.status} ${body.status === 413 ? 'Content Too Large' : 'Bad Request'}\r\n${head
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n${text}`,
    () => socket.destroy(),
  );
}

function garbageProblem(code: string): ProblemError | undefined {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new ProblemError('request/too-large', `the request's head is larger than ${largestHead / 1024} KiB`);
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new ProblemError('request/malformed', 'the request did not arrive in time');
  }
  return code.startsWith('HPE_') ? new ProblemError('request/malformed', 'this is not valid HTTP/1.1') : undefined;
}

/**
 * Binds the servers to the addresses, all on one port. An IPv6 address is skipped where the machine has none.
 * @returns the port and the servers that listen.
 * @throws PortInUse, AddressUnusable
 */
export async function listenAll(
  servers: readonly { readonly server: Server; readonly address: string }[],
  port: number,
): Promise<{ port: number; listening: Server[] }> {
  const listening: Server[] = [];
  let bound = port;
  try {
    for (const { server, address } of servers) {
      if (!(await listen(server, address, bound))) continue;
      listening.push(server);
      bound = (server.address() as AddressInfo).port;
    }
  } catch (error) {
    for (const server of listening) server.close();
    throw error;
  }
  return { port: bound, listening };
}

function inOurWords(error: NodeJS.ErrnoException, address: string, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new PortInUse(port, error);
    case 'EADDRNOTAVAIL':
      return new AddressUnusable(`cannot listen on ${address}: this computer does not have that address`, {
        cause: error,
      });
    case 'EACCES':
      return new AddressUnusable(`cannot listen on port ${port}: it is for privileged programs; choose one over 1023`, {
        cause: error,
      });
    default:
      return error;
  }
}

function listen(server: Server, address: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      const absent = error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT';
      if (absent && address.includes(':')) resolve(false);
      else reject(inOurWords(error, address, port));
    };
    server.once('error', failed);
    server.listen({ port, host: address, ipv6Only: address.includes(':') }, () => {
      server.removeListener('error', failed);
      resolve(true);
    });
  });
}

/** Waits for the requests in flight, at most `patienceMs`, then cuts what is left. */
export async function closeAll(servers: readonly Server[], patienceMs: number): Promise<void> {
  const closed = Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  for (const server of servers) server.closeIdleConnections();
  const impatient = setTimeout(() => {
    for (const server of servers) server.closeAllConnections();
  }, patienceMs);
  await closed;
  clearTimeout(impatient);
}

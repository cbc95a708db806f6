// A receiver of syslog over TLS or TCP that takes frames by their length in octets, as RFC 5425 has it, and the ways in which one behaves
// badly.

import type { AddressInfo } from 'node:net';
import { createServer as createPlainServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsPair } from './tls-pairs.ts';

export type Behaviour =
  | 'well'
  /** Takes nothing in, and leaves it to the system when its buffers are full. */
  | 'deaf'
  /** Reads, and never ends its side. */
  | 'endless'
  /** Answers what nobody asked for. */
  | 'chatty'
  /** Breaks the connection off after the first bytes, without taking them in. */
  | 'rude'
  /** Takes all in, and breaks off instead of ending. */
  | 'rude-end';

export type SyslogReceiver = AsyncDisposable & {
  readonly port: number;
  readonly messages: string[];
  readonly connections: number;
  behave(behaviour: Behaviour): void;
  /** All that is open is broken off, and nothing listens any more. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
};

export async function createSyslogReceiver(tls?: TlsPair & { readonly clientCa?: string }): Promise<SyslogReceiver> {
  const messages: string[] = [];
  const open = new Set<Socket>();
  let connections = 0;
  let behaviour: Behaviour = 'well';
  let port = 0;

  function watch(socket: Socket): void {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined);
  }

  function take(socket: Socket): void {
    connections += 1;
    watch(socket);
    let rest = Buffer.alloc(0);
    if (behaviour === 'deaf') return;
    if (behaviour === 'chatty') socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'.repeat(2_000));
    socket.on('data', (part: Buffer) => {
      if (behaviour === 'rude') return void socket.resetAndDestroy();
      rest = Buffer.concat([rest, part]);
      for (let frame = nextFrame(rest); frame !== undefined; frame = nextFrame(rest)) {
        messages.push(frame.message);
        rest = rest.subarray(frame.length);
      }
      // What never becomes a frame, such as a greeting in TLS, is answered as rsyslog does: by ending.
      if (rest.length > 0 && !/^[1-9]/.test(rest.toString('latin1'))) socket.end();
    });
    socket.on('end', () => {
      if (behaviour === 'rude-end') socket.resetAndDestroy();
      else if (behaviour !== 'endless') socket.end();
    });
  }

  const make = () =>
    tls === undefined
      ? createPlainServer({ allowHalfOpen: true }, take)
      : createTlsServer(
          {
            cert: tls.cert,
            key: tls.key,
            allowHalfOpen: true,
            ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }),
          },
          take,
        ).on('tlsClientError', () => undefined);
  let server = make();
  async function listen(): Promise<void> {
    server = make().on('connection', watch);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    port = (server.address() as AddressInfo).port;
  }
  async function goAway(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of open) socket.destroy();
    await closed;
  }
  await listen();
  return {
    get port() {
      return port;
    },
    messages,
    get connections() {
      return connections;
    },
    behave(next) {
      behaviour = next;
    },
    goAway,
    comeBack: listen,
    [Symbol.asyncDispose]: goAway,
  };
}

function nextFrame(bytes: Buffer): { message: string; length: number } | undefined {
  const header = /^([1-9]\d{0,8}) /.exec(bytes.subarray(0, 11).toString('latin1'));
  if (header?.[1] === undefined) return undefined;
  const start = header[0].length;
  const length = start + Number(header[1]);
  return bytes.length < length ? undefined : { message: bytes.subarray(start, length).toString('utf8'), length };
}

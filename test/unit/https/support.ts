// A real TLS server on a free port in front of a console that records what arrives and answers what the test says.
import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { request as send } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import {
  createHttpsServer,
  type HttpsServer,
  type HttpsServerOptions,
} from '../../../src-main/adapters/https/server.ts';
import { createAuthority, issueServerCertificate } from '../../../src-main/adapters/tls/certificates.ts';
import type {
  Answer,
  Arrival,
  Console,
  StreamOpening,
  StreamRequest,
} from '../../../src-main/core/dispatch/arrival.ts';
import type { Fields } from '../../../src-main/core/ports.ts';

const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) };
/** Stands still, so that no answer depends on how long it took; real, so that its certificates are valid. */
export const startedAt = Date.now();
export const clock = { now: () => startedAt };
export const authority = await createAuthority(random, clock, 'test', ['desk.example']);
export const certified = await issueServerCertificate(random, clock, authority, ['desk.example']);

export const ok: Answer = { kind: 'output', status: 200, output: { ok: true }, rate: undefined };

export type Desk = {
  readonly server: HttpsServer;
  readonly arrivals: Arrival[];
  readonly openings: StreamRequest[];
  readonly closed: { count: number };
  readonly logged: { event: string; fields: Fields | undefined }[];
  readonly refusals: string[];
  answer: Answer | ((arrival: Arrival) => Answer | Promise<Answer>);
  opening: (request: StreamRequest) => StreamOpening;
  [Symbol.asyncDispose](): Promise<void>;
};

export async function openDesk(options: Partial<HttpsServerOptions> = {}): Promise<Desk> {
  const closed = { count: 0 };
  const logged: Desk['logged'] = [];
  const desk: Omit<Desk, 'server' | typeof Symbol.asyncDispose> = {
    arrivals: [],
    openings: [],
    closed,
    logged,
    refusals: [],
    answer: ok,
    opening: () => ({ kind: 'open', close: () => closed.count++ }),
  };
  const console: Console = {
    async dispatch(arrival) {
      desk.arrivals.push(arrival);
      return typeof desk.answer === 'function' ? desk.answer(arrival) : desk.answer;
    },
    openStream(request) {
      desk.openings.push(request);
      return desk.opening(request);
    },
    streamCount: () => desk.openings.length - closed.count,
  };
  const record = (event: string, fields?: Fields) => {
    logged.push({ event, fields });
  };
  const server = await createHttpsServer({
    console,
    tls: certified,
    port: 0,
    addresses: ['127.0.0.1', '::1'],
    hostNames: ['desk.example'],
    version: '0.0.0-test',
    clock,
    log: { info: record, warn: record, error: record },
    onRefused: (reason) => {
      desk.refusals.push(reason);
      return undefined;
    },
    ...options,
  });
  return Object.assign(desk, { server, [Symbol.asyncDispose]: () => server.close() });
}

export type Reply = { status: number; headers: IncomingHttpHeaders; text: string; json: Record<string, unknown> };

export type Ask = {
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Uint8Array;
  host?: string;
};

export function ask(desk: Desk, path: string, { method = 'GET', headers = {}, body, host = '127.0.0.1' }: Ask = {}) {
  return new Promise<Reply>((resolve, reject) => {
    const outgoing = send(
      {
        host,
        port: desk.server.port,
        path,
        method,
        headers,
        ca: authority.cert,
        servername: 'localhost',
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const json =
            /^application\/(problem\+)?json/.test(response.headers['content-type'] ?? '') && text !== ''
              ? JSON.parse(text)
              : {};
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export function post(desk: Desk, path: string, body: string | Uint8Array, headers: Record<string, string> = {}) {
  return ask(desk, path, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...bearer, ...headers },
  });
}

export const bearer = { authorization: 'Bearer token-of-a-tool' };

export function dial(desk: Desk): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: desk.server.port, ca: authority.cert, servername: 'localhost' });
    socket.once('secureConnect', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Sends bytes as they are and gives everything that came back until the server closed. */
export async function raw(desk: Desk, ...parts: (string | Uint8Array)[]): Promise<string> {
  const socket = await dial(desk);
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    received += text;
  });
  socket.on('error', () => undefined);
  for (const part of parts) socket.write(part);
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return received;
}

export function head(desk: Desk, method: string, path: string, ...headers: string[]): string {
  return [`${method} ${path} HTTP/1.1`, `Host: localhost:${desk.server.port}`, ...headers, '', ''].join('\r\n');
}

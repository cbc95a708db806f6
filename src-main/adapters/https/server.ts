// The local HTTPS API and, for browsers, the console itself: puts the parts of this folder together on fastify. Read this first.
import type { Server } from 'node:https';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { stream } from '../../../src-shared/contract/console.ts';
import { ProblemError } from '../../../src-shared/contract/problems.ts';
import type { Console } from '../../core/dispatch/arrival.ts';
import type { Clock, Log } from '../../core/ports.ts';
import { type CountRefusal, createAnswers } from './answers.ts';
import { createBodyBudget } from './bodies.ts';
import { createOriginReader } from './caller.ts';
import { type Gate, guard, originForm } from './gate.ts';
import { rateHeaders, securityHeaders } from './headers.ts';
import { corsAllowList, ownHosts } from './hosts.ts';
import {
  AddressUnusable,
  closeAll,
  createSibling,
  defaultTimeouts,
  harden,
  listenAll,
  PortInUse,
  reloadTls,
  serverOptions,
  type Timeouts,
  type TlsKeyPair,
} from './listeners.ts';
import { registerOperations } from './operations.ts';
import { answerElsewhere, registerDocs } from './pages.ts';
import { compressFiles, readStaticFiles, type StaticFiles } from './static-files.ts';
import { registerStream } from './stream.ts';

export { AddressUnusable, PortInUse };

export type HttpsServerOptions = {
  readonly console: Console;
  readonly tls: TlsKeyPair;
  /** 0 takes any free port. */
  readonly port: number;
  /** The first must exist; IPv6 addresses are skipped on machines without it. */
  readonly addresses: readonly string[];
  /** Names under which the console answers beside localhost, 127.0.0.1 and ::1. */
  readonly hostNames: readonly string[];
  /** Of the program, for the API's documentation. */
  readonly version: string;
  /** Folder of the built console; without it a browser is told how to build it. */
  readonly staticRoot?: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Addresses and ranges whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[];
  readonly corsOrigins?: readonly string[];
  readonly tls13Only?: boolean;
  readonly xssProtectionHeader?: boolean;
  readonly onRefused?: CountRefusal;
  readonly timeouts?: Partial<Timeouts>;
  readonly heartbeatMs?: number;
};

export type HttpsServer = {
  readonly url: string;
  readonly port: number;
  /** Takes effect with the next connection. @throws Error when key and certificate don't fit; the old ones stay. */
  reloadTls(tls: TlsKeyPair): void;
  /** Ends streams, lets requests in flight finish for at most 5 s. */
  close(): Promise<void>;
};

const patienceMs = 5_000;
/** Two listeners can't both be given a port by the system; another free one is tried when the second finds it taken. */
const portAttempts = 5;

/** @throws PortInUse, AddressUnusable, or Error for settings that can't be right. */
export async function createHttpsServer(options: HttpsServerOptions): Promise<HttpsServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(options);
    } catch (error) {
      if (!(error instanceof PortInUse) || options.port !== 0 || attempt === portAttempts) throw error;
    }
  }
}

async function start(options: HttpsServerOptions): Promise<HttpsServer> {
  const tls13Only = options.tls13Only ?? false;
  const tlsOptions = serverOptions(options.tls, tls13Only, { ...defaultTimeouts, ...options.timeouts });
  const originOf = createOriginReader(options.trustedProxies ?? []);
  const answers = createAnswers({ clock: options.clock, log: options.log, countRefusal: options.onRefused, originOf });
  const gate: Gate = {
    hosts: new Set(),
    corsOrigins: corsAllowList(options.corsOrigins ?? []),
    headers: securityHeaders(options),
  };
  const files: StaticFiles = options.staticRoot === undefined ? new Map() : await readStaticFiles(options.staticRoot);

  const app = fastify({
    https: tlsOptions,
    keepAliveTimeout: tlsOptions.keepAliveTimeout ?? 0,
    requestTimeout: tlsOptions.requestTimeout ?? 0,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    genReqId: () => '',
    rewriteUrl: ({ url = '' }) => originForm(url, gate.hosts),
    routerOptions: { maxParamLength: 200, querystringParser: () => ({}) },
    frameworkErrors: (error, request, reply) => {
      reply.headers(gate.headers);
      answers.refuse(request, reply, ownWords(error));
    },
  }) as unknown as FastifyInstance;
  const first = app.server as unknown as Server;

  // Bodies are read as bytes, up to the route's limit; bodies.ts makes sense of them.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', (request, reply, pass) => {
    if (!guard(gate, answers, request, reply)) return;
    if (request.is404) answerElsewhere(request, reply, answers, files);
    else pass();
  });
  app.setErrorHandler((error: FastifyError, request, reply) => answers.refuse(request, reply, ownWords(error)));

  const parts = { console: options.console, answers, gate, originOf };
  registerOperations(app, { ...parts, bodies: createBodyBudget() });
  const streams = registerStream(app, { ...parts, heartbeatMs: options.heartbeatMs ?? stream.heartbeatMs });
  registerDocs(app, options.version, () => url);
  await app.ready();

  const servers = options.addresses.map((address, index) => ({
    address,
    server: index === 0 ? first : createSibling(tlsOptions, first),
  }));
  for (const { server } of servers) {
    harden(server, gate.headers, async (reason, ip) => {
      const rate = await options.onRefused?.(reason, { ip, userAgent: null });
      return rate === undefined ? {} : rateHeaders(rate, options.clock.now());
    });
  }
  const { port, listening } = await listenAll(servers, options.port);
  const url = `https://localhost:${port}`;
  compressFiles(files).catch((error: unknown) => {
    // Browsers get the files as they are.
    options.log.warn('the console could not be compressed', { error: String(error) });
  });
  gate.hosts = ownHosts(options.hostNames, port, (options.trustedProxies ?? []).length > 0);

  return {
    url,
    port,
    reloadTls: (tls) => reloadTls(listening, tls, tls13Only),
    async close() {
      answers.stopping = true;
      streams.endAll();
      await closeAll(listening, patienceMs);
      await app.close();
    },
  };
}

/** What fastify refuses, in our words; the rest are bugs. */
function ownWords(error: FastifyError): unknown {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new ProblemError('request/too-large', 'the body is larger than this operation takes');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new ProblemError('request/malformed', 'the body is not as long as Content-Length says');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ProblemError('request/media-type', 'this media type is not accepted here');
    case 'FST_ERR_BAD_URL':
      return new ProblemError('request/malformed', 'the address is not valid percent-encoded UTF-8');
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new ProblemError('request/not-found', 'there is nothing at this address');
    case 'ECONNRESET':
      return new ProblemError('request/malformed', 'the connection ended before the request did');
    default:
      return error;
  }
}

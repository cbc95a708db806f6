// One request to Vault over HTTP: time-outs, bounds, its CA, and no redirect to anybody else. Knows nothing of what is asked.
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { request as secureRequest, Agent as TlsAgent } from 'node:https';
import { connectionWords } from '../../base/connection-words.ts';

/** Vault's own limit for what one entry may hold is 1 MiB (storage of integrated raft); an answer of ours is far below it. */
const mostAnswerBytes = 1_048_576;
const mostHeaderBytes = 32_768;
/** To be connected, TLS included; a firewall that drops packets would use up all of the time-out otherwise. */
const connectMs = 3_000;

export type VaultAddress = {
  /** Scheme, host and port, perhaps a path before `/v1` that a reverse proxy adds; no slash at the end. */
  readonly address: string;
  /** PEM of the CAs to trust; the system's where undefined. */
  readonly ca: string | undefined;
  readonly timeoutMs: number;
};

export type VaultRequest = {
  readonly method: 'GET' | 'POST';
  /** After `/v1/`, its segments encoded already. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
};

export type VaultResponse = {
  readonly status: number;
  readonly contentType: string;
  /** In seconds or as a date, as the server wrote it. */
  readonly retryAfter: string | undefined;
  readonly body: Buffer;
};

/** Nothing usable came back. `again`: the same question a moment later may be answered. */
export class VaultUnreachable extends Error {
  override readonly name = 'VaultUnreachable';
  readonly again: boolean;

  constructor(message: string, options: { again: boolean; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.again = options.again;
  }
}

export type VaultLine = {
  /** @throws VaultUnreachable */
  send(request: VaultRequest): Promise<VaultResponse>;
  close(): void;
};

export function createVaultLine({ address, ca, timeoutMs }: VaultAddress): VaultLine {
  const base = new URL(address);
  const secure = base.protocol === 'https:';
  const common = { keepAlive: true, maxSockets: 1 };
  const agent = secure
    ? // SECURITY: said outright, so that NODE_TLS_REJECT_UNAUTHORIZED=0 for some other program's sake changes nothing here.
      new TlsAgent({ ...common, rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) })
    : new PlainAgent(common);

  function once(url: URL, { method, headers, body }: VaultRequest): Promise<IncomingMessage & { body: Buffer }> {
    return new Promise((resolve, reject) => {
      const fail = (message: string, again: boolean, cause?: unknown): void => {
        reject(new VaultUnreachable(message, { again, cause }));
        sent.destroy();
      };
      const sent = (secure ? secureRequest : plainRequest)(url, {
        method,
        agent,
        maxHeaderSize: mostHeaderBytes,
        headers: {
          accept: 'application/json',
          // Asked for by Vault Agent and by listeners that are guarded against request forgery.
          'x-vault-request': 'true',
          ...headers,
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        },
      });
      // Over all of it, from looking the name up to the last byte: a server that trickles must not hold us.
      const deadline = setTimeout(
        () => fail(`${base.host} did not answer within ${timeoutMs / 1000} s`, false),
        timeoutMs,
      );
      const connecting = setTimeout(
        () => fail(`no connection to ${base.host} within ${connectMs / 1000} s`, false),
        Math.min(connectMs, timeoutMs),
      );
      sent.on('socket', (socket) => {
        if (sent.reusedSocket) clearTimeout(connecting);
        else socket.once(secure ? 'secureConnect' : 'connect', () => clearTimeout(connecting));
      });
      sent.on('close', () => {
        clearTimeout(deadline);
        clearTimeout(connecting);
      });
      sent.on('error', (error) => {
        const { words, isPassing } = connectionWords(error, base, 'set VAULT_CACERT');
        fail(words, isPassing, error);
      });
      sent.on('response', (response) => {
        const parts: Buffer[] = [];
        let length = 0;
        response.on('data', (part: Buffer) => {
          length += part.byteLength;
          if (length > mostAnswerBytes) fail(`the answer of ${base.host} is longer than 1 MiB; is it Vault?`, false);
          else parts.push(part);
        });
        response.on('error', (error) => fail(`${base.host} broke off its answer`, true, error));
        response.on('end', () => resolve(Object.assign(response, { body: Buffer.concat(parts) })));
      });
      sent.end(body);
    });
  }

  return {
    async send(request) {
      let url = new URL(`${address}/v1/${request.path}`);
      let response = await once(url, request);
      const target = redirectOf(response, url);
      if (target !== undefined) {
        // SECURITY: a standby points to the active node by an address of its own choice; our token goes to the host that was configured only.
        if (target.origin !== url.origin) {
          throw new VaultUnreachable(
            `${base.host} sends us to ${target.origin}; set VAULT_ADDR to that if it is your Vault`,
            { again: false },
          );
        }
        url = target;
        response = await once(url, request);
        if (redirectOf(response, url) !== undefined)
          throw new VaultUnreachable(`${base.host} sends us round in circles`, { again: false });
      }
      return {
        status: response.statusCode ?? 0,
        contentType: response.headers['content-type'] ?? '',
        retryAfter: response.headers['retry-after'],
        body: response.body,
      };
    },
    close: () => agent.destroy(),
  };
}

function redirectOf({ statusCode, headers }: IncomingMessage, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode ?? 0)) return undefined;
  const { location } = headers;
  if (location === undefined || !URL.canParse(location, from.href))
    throw new VaultUnreachable(`${from.host} sends us on without saying where`, { again: false });
  return new URL(location, from);
}

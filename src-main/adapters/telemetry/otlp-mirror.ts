// A mirror by OTLP over HTTP, as JSON: logs of OpenTelemetry, for any collector. What a collector refuses for good is counted and not sent
// again, as the protocol wants it; everything else waits and is tried again.
import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { type Mirror, MirrorFault, type MirrorRecord } from '../../core/features/mirrors/index.ts';
import { type MirrorTarget, staysHere } from '../../core/mirror-targets.ts';
import { otlpRequest } from './otlp-logs.ts';
import { requirePinned, type TlsTrust, tlsOptions } from './tls-trust.ts';
import { connectionFault } from './wire-words.ts';

export type OtlpMirrorParts = {
  readonly name: string;
  readonly target: MirrorTarget;
  readonly trust: TlsTrust;
  /** Credentials: asked for at each request, for they may change. */
  headers(): Readonly<Record<string, string>>;
  readonly version: string;
  readonly timeoutMs?: number;
};

type Answer = {
  readonly status: number;
  readonly type: string;
  readonly retryAfter: string | undefined;
  readonly body: string;
};

const usualTimeoutMs = 20_000;
const mostAnswerBytes = 1 << 20;

export function createOtlpMirror(parts: OtlpMirrorParts): Mirror {
  const { name, target, version } = parts;
  return {
    name,
    kind: 'otlp',
    format: target.format,
    streams: target.streams,
    encrypted: target.url.protocol === 'https:' || staysHere(target.url),
    async send(records: readonly MirrorRecord[], signal: AbortSignal) {
      const body = Buffer.from(JSON.stringify(otlpRequest(records, target.format, version)));
      return rejectedOf(await post(parts, body, signal), target.url);
    },
    close: () => undefined,
  };
}

function rejectedOf(answer: Answer, { host }: URL): number {
  const { status, body, type } = answer;
  if (status < 200 || status > 299) throw refusal(answer, host);
  if (body === '') return 0;
  // A page of some portal in between answers 200 as well.
  const accepted = type.startsWith('application/json') ? parseAnswer(body) : undefined;
  if (accepted === undefined) throw new MirrorFault(`what answers at ${host} does not speak OTLP`);
  return accepted;
}

/** `partialSuccess.rejectedLogRecords`, a 64-bit number that may stand as text. */
function parseAnswer(body: string): number | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const partial: unknown = 'partialSuccess' in value ? value.partialSuccess : undefined;
  if (typeof partial !== 'object' || partial === null || !('rejectedLogRecords' in partial)) return 0;
  const rejected = Number(partial.rejectedLogRecords);
  return Number.isSafeInteger(rejected) && rejected >= 0 ? rejected : 0;
}

function refusal({ status, retryAfter }: Answer, host: string): MirrorFault {
  switch (status) {
    case 401:
    case 403:
      return new MirrorFault(`${host} refuses our credentials (${status}); see GATEHOUSE_MIRROR_OTLP_HEADERS`);
    case 404:
    case 405:
      return new MirrorFault(
        `there is no OTLP at that address of ${host} (${status}); most collectors have it at /v1/logs`,
      );
    case 429:
    case 502:
    case 503:
    case 504:
      return new MirrorFault(`${host} is busy (${status})`, { retryAfterMs: retryAfterMs(retryAfter) });
  }
  if (status >= 300 && status < 400)
    return new MirrorFault(`${host} sends us elsewhere; set the address that it means`);
  return new MirrorFault(`${host} answered with status ${status}`);
}

/** Seconds, or a date (RFC 9110 section 10.2.3). */
function retryAfterMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}

function post(parts: OtlpMirrorParts, body: Uint8Array, signal: AbortSignal): Promise<Answer> {
  const { target, trust, timeoutMs = usualTimeoutMs } = parts;
  const { url, pin } = target;
  return new Promise((resolve, reject) => {
    const isSecure = url.protocol === 'https:';
    const fail = (error: MirrorFault): void => {
      clearTimeout(deadline);
      reject(error);
      sent.destroy();
    };
    const sent = (isSecure ? secureRequest : plainRequest)(url, {
      method: 'POST',
      signal,
      // A connection of its own: one kept from a minute ago may be closed by the other side just when it is used again.
      agent: false,
      maxHeaderSize: 32_768,
      ...(isSecure ? tlsOptions(trust, pin) : {}),
      headers: {
        'user-agent': 'gatehouse',
        ...parts.headers(),
        'content-type': 'application/json',
        'content-length': String(body.byteLength),
      },
    });
    // Over all of it, from looking the name up to the last byte: a server that trickles must not hold us.
    const deadline = setTimeout(
      () => fail(new MirrorFault(`${url.host} did not answer within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    sent.on('error', (error) => fail(connectionFault(error, url)));
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.byteLength;
        if (length > mostAnswerBytes) fail(new MirrorFault(`the answer of ${url.host} is too long`));
        else chunks.push(chunk);
      });
      response.on('error', () => fail(new MirrorFault(`${url.host} broke off its answer`)));
      response.on('end', () => {
        clearTimeout(deadline);
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          retryAfter: response.headers['retry-after'],
          body: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    if (pin === undefined) {
      sent.end(body);
      return;
    }
    // With a pin no CA was asked: not a byte, headers included, before the certificate was seen.
    sent.on('socket', (socket) => {
      socket.once('secureConnect', () => {
        try {
          requirePinned(socket as TLSSocket, pin, url.host);
          sent.end(body);
        } catch (error) {
          fail(error instanceof MirrorFault ? error : connectionFault(error, url));
        }
      });
    });
  });
}

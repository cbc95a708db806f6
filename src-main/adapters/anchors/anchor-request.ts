// One request to an anchor over HTTP: bounded in time and bytes, its CA, and no redirect to anybody else. Knows nothing of what is sent.
import { type IncomingHttpHeaders, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connectionWords } from '../../base/connection-words.ts';
import { AnchorFault } from '../../core/features/audit/index.ts';

export type AnchorRequest = {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal: AbortSignal;
};

export type AnchorAnswer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer };

/** @throws AnchorFault when nothing usable came back */
export type AnchorLine = (request: AnchorRequest) => Promise<AnchorAnswer>;

export type AnchorLineOptions = {
  /** PEM of the CAs to trust; the system's where undefined. */
  readonly ca: string | undefined;
  readonly timeoutMs?: number;
};

const usualTimeoutMs = 20_000;
/** A time stamp with its chain has some 10 KB, a page of an S3 listing less than 1 MB. */
const mostAnswerBytes = 2_097_152;

export function createAnchorLine({ ca, timeoutMs = usualTimeoutMs }: AnchorLineOptions): AnchorLine {
  return ({ method, url, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const secure = url.protocol === 'https:';
      const fail = (words: string, cause?: unknown): void => {
        clearTimeout(deadline);
        reject(new AnchorFault(words, { cause }));
        sent.destroy();
      };
      const sent = (secure ? secureRequest : plainRequest)(url, {
        method,
        signal,
        // A connection of its own: one kept from a minute ago may be closed by the other side just when it is used again.
        agent: false,
        maxHeaderSize: 32_768,
        // SECURITY: said outright, so that NODE_TLS_REJECT_UNAUTHORIZED=0 for some other program's sake changes nothing here.
        ...(secure
          ? { rejectUnauthorized: true, minVersion: 'TLSv1.2' as const, ...(ca === undefined ? {} : { ca }) }
          : {}),
        headers: { 'user-agent': 'gatehouse', 'content-length': String(body?.byteLength ?? 0), ...headers },
      });
      // Over all of it, from looking the name up to the last byte: a server that trickles must not hold us.
      const deadline = setTimeout(() => fail(`${url.host} did not answer within ${timeoutMs / 1000} s`), timeoutMs);
      sent.on('error', (error) => fail(connectionWords(error, url, 'set audit.anchor_ca_file').words, error));
      sent.on('response', (response) => {
        const parts: Buffer[] = [];
        let length = 0;
        response.on('data', (part: Buffer) => {
          length += part.byteLength;
          if (length > mostAnswerBytes) fail(`the answer of ${url.host} is too long`);
          else parts.push(part);
        });
        response.on('error', (error) => fail(`${url.host} broke off its answer`, error));
        response.on('end', () => {
          clearTimeout(deadline);
          const status = response.statusCode ?? 0;
          // What is sent is for the address that was set only.
          if (status >= 300 && status < 400) fail(`${url.host} sends us elsewhere; set the address that it means`);
          else resolve({ status, headers: response.headers, body: Buffer.concat(parts) });
        });
      });
      sent.end(body);
    });
}

/** An answer that is not what was asked for, in words; what the server wrote is not repeated, for it may hold what we sent. */
export function statusFault({ host }: URL, { status }: AnchorAnswer, what = ''): AnchorFault {
  return new AnchorFault(`${host} answered with status ${status}${what === '' ? '' : `: ${what}`}`);
}

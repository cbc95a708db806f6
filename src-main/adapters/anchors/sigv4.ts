// AWS Signature Version 4 for one request whose body is at hand, as S3 and everything that speaks its API want it.
import { toHex } from '../../base/bytes.ts';
import { hmacSha256, sha256Hex } from '../../base/hashes.ts';

export type SigV4Request = {
  readonly method: string;
  /** Its path must be encoded as it is sent: S3 takes it as it stands. */
  readonly url: URL;
  /** Beside host and x-amz-date, which are added; each is signed. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body, in hex. */
  readonly payloadHash: string;
};

export type SigV4Credentials = {
  readonly accessKeyId: string;
  readonly secretKey: string;
  readonly region: string;
  readonly service: string;
};

/** The headers to send: those given, x-amz-date and authorization. */
export function signSigV4(request: SigV4Request, credentials: SigV4Credentials, atMs: number): Record<string, string> {
  const { method, url, payloadHash } = request;
  const { accessKeyId, secretKey, region, service } = credentials;
  const stamp = new Date(atMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const day = stamp.slice(0, 8);
  const sent: Record<string, string> = { ...request.headers, 'x-amz-date': stamp };
  const headers = Object.entries({ ...sent, host: url.host })
    .map(([name, value]) => [name.toLowerCase(), value.trim().replaceAll(/ +/g, ' ')] as const)
    .sort(byName);
  const signedHeaders = headers.map(([name]) => name).join(';');
  const canonical = [
    method,
    url.pathname,
    canonicalQuery(url),
    ...headers.map(([name, value]) => `${name}:${value}`),
    '',
    signedHeaders,
    payloadHash,
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', stamp, scope, sha256Hex(canonical)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce(
    (from: Uint8Array, part) => hmacSha256(from, part),
    Buffer.from(`AWS4${secretKey}`, 'utf8'),
  );
  const signature = toHex(hmacSha256(key, toSign));
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
  };
}

/** RFC 3986, where everything but the unreserved is encoded; encodeURIComponent leaves four more as they are. */
export function encodeSigV4(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function canonicalQuery(url: URL): string {
  return [...url.searchParams]
    .map(([name, value]) => [encodeSigV4(name), encodeSigV4(value)] as const)
    .sort((left, right) => byName(left, right) || (left[1] < right[1] ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function byName([left]: readonly [string, string], [right]: readonly [string, string]): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

// What a request shows to be let in: a header's token, or a cookie of the browser console together with proof that the console's own
// page sent it. Whether the token is worth anything is decided in dispatch. Credentials are never logged.
import type { IncomingHttpHeaders } from 'node:http';
import type { Operation } from '../../../src-shared/contract/grammar.ts';
import { ProblemError } from '../../../src-shared/contract/problems.ts';
import { equalBytes, utf8 } from '../../base/bytes.ts';
import { csrfToken } from '../../base/csrf.ts';
import { sha256 } from '../../base/hashes.ts';
import type { Credential, GrantedSession } from '../../core/dispatch/arrival.ts';

export type CookiePurpose = GrantedSession['purpose'];

// `__Host-` makes browsers refuse the cookie unless it is Secure, has Path=/ and no Domain, so no neighbour can plant one.
const cookieNames = { session: '__Host-gatehouse', setup: '__Host-gatehouse-setup' } as const;
const cookieAttributes = 'Path=/; Secure; HttpOnly; SameSite=Strict';

export type Presented = { readonly credential: Credential; readonly cookie?: CookiePurpose };

const nothing: Presented = { credential: { kind: 'none' } };

/** Which cookie an operation looks at; none where its credential never lives in a cookie. */
export function cookieOf(operation: Pick<Operation, 'access' | 'method' | 'path'>): CookiePurpose | undefined {
  switch (operation.access.kind) {
    case 'setup':
      return 'setup';
    case 'session':
    case 'permission':
      return 'session';
    case 'open':
      // The state of the set-up says whether it was claimed by the one who asks.
      return operation.method === 'GET' && operation.path.startsWith('/api/v1/setup') ? 'setup' : undefined;
    case 'pending':
      return undefined;
  }
}

/**
 * The credential of a request: `Authorization: Bearer`, `X-API-Key`, or the cookie where neither header is there.
 * @throws ProblemError request/malformed when two headers contradict each other.
 */
export function presented(headers: IncomingHttpHeaders, cookie: CookiePurpose | undefined): Presented {
  const { authorization } = headers;
  const key = headers['x-api-key'];
  if (authorization !== undefined && key !== undefined) {
    throw new ProblemError('request/malformed', 'send either Authorization or X-API-Key, not both');
  }
  if (authorization !== undefined) {
    const token = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
    return token === undefined ? nothing : { credential: { kind: 'token', token, from: 'bearer' } };
  }
  if (key !== undefined) {
    const token = Array.isArray(key) ? key.join(',') : key;
    return token === '' ? nothing : { credential: { kind: 'token', token, from: 'api-key' } };
  }
  if (cookie === undefined || headers.cookie === undefined) return nothing;
  const token = cookieValue(headers.cookie, cookieNames[cookie]);
  return token === undefined ? nothing : { credential: { kind: 'token', token, from: 'cookie' }, cookie };
}

/** undefined as well when the name comes twice: then nobody knows which is ours. */
function cookieValue(header: string, name: string): string | undefined {
  let found: string | undefined;
  for (const part of header.split(';')) {
    const equals = part.indexOf('=');
    if (equals < 0 || part.slice(0, equals).trim() !== name) continue;
    if (found !== undefined) return undefined;
    found = part.slice(equals + 1).trim();
  }
  return found === '' ? undefined : found;
}

/**
 * Refuses what another site makes a browser send. SECURITY: three layers, each enough for today's browsers: the cookies are
 * SameSite=Strict; fetch metadata (or Origin, from browsers without it) must say same-origin; and a change needs the CSRF token,
 * which only a page of this origin can read.
 * @param ownOrigin `https://` and the request's Host, which has been checked before.
 * @throws ProblemError request/cross-site.
 */
export function requireOwnPage(
  headers: IncomingHttpHeaders,
  shown: Presented,
  ownOrigin: string,
  otherOrigins: ReadonlySet<string>,
  changes: boolean,
): void {
  const site = headers['sec-fetch-site'];
  const { origin } = headers;
  const sameOrigin = site === undefined ? origin === ownOrigin : site === 'same-origin';
  if (shown.cookie === undefined) {
    // A cross-site login would be carried by no cookie, yet could plant one: refuse other sites altogether, unless listed.
    const foreign =
      site === undefined ? origin !== undefined && !sameOrigin : site !== 'same-origin' && site !== 'none';
    if (changes && foreign && !(origin !== undefined && otherOrigins.has(origin))) throw crossSite();
    return;
  }
  if (!changes) {
    // A page of another port of this host is same-site, so that its requests carry the cookie.
    if (site !== undefined && site !== 'same-origin' && site !== 'none') throw crossSite();
    return;
  }
  if (!sameOrigin) throw crossSite();
  const given = headers['x-csrf-token'];
  if (typeof given !== 'string' || !rightCsrfToken(given, shown)) {
    throw new ProblemError('request/cross-site', 'send the csrf_token of this session in the header X-CSRF-Token');
  }
}

function rightCsrfToken(given: string, shown: Presented): boolean {
  // The set-up has no session to read a token from; that a foreign page can't add this header without a preflight is its proof.
  if (shown.cookie === 'setup') return given === 'setup';
  if (shown.credential.kind !== 'token') return false;
  return equalBytes(utf8(given), utf8(csrfToken(sha256(shown.credential.token))));
}

function crossSite(): ProblemError {
  return new ProblemError('request/cross-site', 'this request did not come from a page of this console');
}

/**
 * Set-Cookie for a session that an answer starts. The session's cookie goes with the browser; the one of the set-up stays until
 * it expires, so that the wizard can be resumed.
 */
export function grantedCookie(granted: GrantedSession, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((granted.expiresAt - nowMs) / 1000));
  const lifetime = granted.purpose === 'setup' ? `; Max-Age=${seconds}` : '';
  return `${cookieNames[granted.purpose]}=${granted.token}; ${cookieAttributes}${lifetime}`;
}

export function forgottenCookie(purpose: CookiePurpose): string {
  return `${cookieNames[purpose]}=; ${cookieAttributes}; Max-Age=0`;
}

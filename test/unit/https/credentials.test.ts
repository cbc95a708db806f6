import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { csrfToken } from '../../../src-main/base/csrf.ts';
import { sha256 } from '../../../src-main/base/hashes.ts';
import type { Answer } from '../../../src-main/core/dispatch/arrival.ts';
import { ProblemError, problemBody } from '../../../src-shared/contract/problems.ts';
import { ask, type Desk, ok, openDesk, startedAt } from './support.ts';

const logout = '/api/v1/auth/logout';
const summary = '/api/v1/admin/security/alerts/summary';
const token = 'session-token';
const cookie = `__Host-gatehouse=${token}`;
const csrf = csrfToken(sha256(token));

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk({ corsOrigins: ['https://tools.example'] });
});
afterAll(() => desk.server.close());
beforeEach(() => {
  desk.arrivals.length = 0;
  desk.answer = ok;
});

async function credentialOf(path: string, headers: Record<string, string>, method = 'GET'): Promise<unknown> {
  await ask(desk, path, { headers, method });
  return desk.arrivals[0]?.credential;
}

describe('the credential', () => {
  it.each([
    [{}, { kind: 'none' }],
    [{ authorization: 'Bearer abc' }, { kind: 'token', token: 'abc', from: 'bearer' }],
    [{ authorization: 'bearer  abc' }, { kind: 'token', token: 'abc', from: 'bearer' }],
    [{ authorization: 'Basic dXNlcjpwYXNz' }, { kind: 'none' }],
    [{ authorization: 'Bearer a b' }, { kind: 'none' }],
    [{ 'x-api-key': 'gh_x_y' }, { kind: 'token', token: 'gh_x_y', from: 'api-key' }],
    [{ cookie }, { kind: 'token', token, from: 'cookie' }],
    [{ cookie: `a=b; ${cookie}; c=d` }, { kind: 'token', token, from: 'cookie' }],
    [{ cookie: `${cookie}; __Host-gatehouse=planted` }, { kind: 'none' }],
    [{ cookie: '__host-gatehouse=x; gatehouse=y; __Host-gatehouse=' }, { kind: 'none' }],
    [{ cookie: '__Host-gatehouse-setup=claim' }, { kind: 'none' }],
    [
      { cookie, authorization: 'Bearer abc' },
      { kind: 'token', token: 'abc', from: 'bearer' },
    ],
    [{ cookie, authorization: 'Basic abc' }, { kind: 'none' }],
  ])('of %j is %j', async (headers, credential) => {
    expect(await credentialOf(summary, headers as Record<string, string>)).toEqual(credential);
  });

  it('of the set-up lives in a cookie of its own', async () => {
    const both = { cookie: `${cookie}; __Host-gatehouse-setup=claim` };
    expect(await credentialOf('/api/v1/setup/options', both)).toEqual({
      kind: 'token',
      token: 'claim',
      from: 'cookie',
    });
    desk.arrivals.length = 0;
    expect(await credentialOf('/api/v1/setup', both)).toEqual({ kind: 'token', token: 'claim', from: 'cookie' });
  });

  it('is not taken from a cookie where none can be needed, so that an old cookie does not stop a login', async () => {
    expect(await credentialOf('/health', { cookie })).toEqual({ kind: 'none' });
    desk.arrivals.length = 0;
    expect(await credentialOf('/api/v1/auth/login', { cookie }, 'POST')).toEqual({ kind: 'none' });
  });

  it('is refused when two headers contradict each other', async () => {
    const reply = await ask(desk, summary, { headers: { authorization: 'Bearer a', 'x-api-key': 'b' } });
    expect([reply.status, reply.json.code]).toEqual([400, 'request/malformed']);
  });

  it('must be there before a body is read', async () => {
    desk.answer = {
      kind: 'problem',
      problem: problemBody(new ProblemError('access/unauthenticated', 'sign in')),
      rate: undefined,
    };
    const reply = await ask(desk, '/api/v1/events', {
      method: 'POST',
      body: 'not even json',
      headers: { 'content-type': 'text/plain' },
    });
    expect([reply.status, reply.headers['www-authenticate'], reply.headers.connection]).toEqual([
      401,
      'Bearer realm="gatehouse"',
      'close',
    ]);
    expect(desk.arrivals[0]).toMatchObject({ operation: 'events.ingest', input: {}, credential: { kind: 'none' } });
  });
});

describe('a change with a cookie', () => {
  const own = () => ({ cookie, 'sec-fetch-site': 'same-origin', 'x-csrf-token': csrf });
  const origin = () => `https://127.0.0.1:${desk.server.port}`;

  it('passes from a page of the console, by fetch metadata or by Origin', async () => {
    expect((await ask(desk, logout, { method: 'POST', headers: own() })).status).toBe(200);
    const headers = { cookie, origin: origin(), 'x-csrf-token': csrf };
    expect((await ask(desk, logout, { method: 'POST', headers })).status).toBe(200);
    expect(desk.arrivals.length).toBe(2);
  });

  it.each([
    ['no proof at all', { cookie }],
    ['no CSRF token', { cookie, 'sec-fetch-site': 'same-origin' }],
    ['no fetch metadata and no Origin', { cookie, 'x-csrf-token': csrf }],
    ['another site', { cookie, 'sec-fetch-site': 'cross-site', 'x-csrf-token': csrf }],
    ['another port of this host', { cookie, 'sec-fetch-site': 'same-site', 'x-csrf-token': csrf }],
    ['a typed address', { cookie, 'sec-fetch-site': 'none', 'x-csrf-token': csrf }],
    ['another origin', { cookie, origin: 'https://evil.example', 'x-csrf-token': csrf }],
    ['an opaque origin', { cookie, origin: 'null', 'x-csrf-token': csrf }],
    ['plain http', { cookie, origin: 'http://127.0.0.1:9443', 'x-csrf-token': csrf }],
    ['a listed origin: it has keys of its own', { cookie, origin: 'https://tools.example', 'x-csrf-token': csrf }],
    [
      'a token of another session',
      { cookie, 'sec-fetch-site': 'same-origin', 'x-csrf-token': csrfToken(sha256('other')) },
    ],
    ['the word of the set-up', { cookie, 'sec-fetch-site': 'same-origin', 'x-csrf-token': 'setup' }],
    [
      'metadata that contradicts Origin',
      { cookie, 'sec-fetch-site': 'cross-site', origin: 'https://127.0.0.1', 'x-csrf-token': csrf },
    ],
  ])('is refused with %s', async (_name, headers) => {
    const reply = await ask(desk, logout, { method: 'POST', headers: headers as Record<string, string> });
    expect([reply.status, reply.json.code]).toEqual([403, 'request/cross-site']);
    expect(desk.arrivals).toEqual([]);
  });

  it('in the set-up needs a header that only a same-origin page can add', async () => {
    const path = '/api/v1/setup/recovery-kit';
    const setup = { cookie: '__Host-gatehouse-setup=claim', 'sec-fetch-site': 'same-origin' };
    expect((await ask(desk, path, { method: 'POST', headers: setup })).status).toBe(403);
    expect((await ask(desk, path, { method: 'POST', headers: { ...setup, 'x-csrf-token': 'setup' } })).status).toBe(
      200,
    );
  });

  it('by GET is refused to pages of other ports and sites as well', async () => {
    for (const site of ['cross-site', 'same-site']) {
      expect((await ask(desk, '/api/v1/audit/export', { headers: { cookie, 'sec-fetch-site': site } })).status).toBe(
        403,
      );
      expect((await ask(desk, summary, { headers: { cookie, 'sec-fetch-site': site } })).status).toBe(403);
    }
    expect((await ask(desk, summary, { headers: { cookie, 'sec-fetch-site': 'none' } })).status).toBe(200);
  });
});

describe('another site', () => {
  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
  ])('cannot log a browser in: %j', async (headers) => {
    const reply = await ask(desk, '/api/v1/auth/login', { method: 'POST', headers, body: '{}' });
    expect(reply.json.code).toBe('request/cross-site');
  });

  it('that is listed may call with a key, and is told so before it does', async () => {
    const from = { origin: 'https://tools.example', 'sec-fetch-site': 'cross-site' };
    const before = await ask(desk, logout, {
      method: 'OPTIONS',
      headers: { ...from, 'access-control-request-method': 'POST' },
    });
    expect(before.status).toBe(204);
    expect(before.headers).toMatchObject({
      'access-control-allow-origin': 'https://tools.example',
      'access-control-allow-headers': 'Authorization, Content-Type, Idempotency-Key, X-API-Key, traceparent',
      vary: 'Origin',
    });
    expect(before.headers['access-control-allow-credentials']).toBeUndefined();
    const call = await ask(desk, logout, { method: 'POST', headers: { ...from, 'x-api-key': 'k' } });
    expect([call.status, call.headers['access-control-allow-origin']]).toEqual([200, 'https://tools.example']);
  });

  it.each([
    'https://tools.example.evil',
    'https://TOOLS.example',
    'http://tools.example',
    'null',
    'https://tools.example:8443',
  ])('that is not listed gets no permission: %s', async (origin) => {
    const reply = await ask(desk, summary, { headers: { origin } });
    expect(reply.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('cookies of an answer', () => {
  const granted = (purpose: 'session' | 'setup'): Answer => ({
    kind: 'output',
    status: 200,
    output: { ok: true },
    rate: undefined,
    granted: { token: 'fresh', expiresAt: startedAt + 60_500, purpose },
  });

  it('hold the session until the browser closes', async () => {
    desk.answer = granted('session');
    const reply = await ask(desk, '/api/v1/auth/login', { method: 'POST' });
    expect(reply.headers['set-cookie']).toEqual(['__Host-gatehouse=fresh; Path=/; Secure; HttpOnly; SameSite=Strict']);
    expect(reply.text).not.toContain('fresh');
  });

  it('hold the claim of the set-up until it expires', async () => {
    desk.answer = granted('setup');
    const reply = await ask(desk, '/api/v1/setup/claim', { method: 'POST' });
    expect(reply.headers['set-cookie']).toEqual([
      '__Host-gatehouse-setup=fresh; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=60',
    ]);
  });

  it('forget what ended: by logout, by the end of the set-up, by a session that is over', async () => {
    const forget = (name: string) => `${name}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0`;
    desk.answer = { kind: 'output', status: 200, output: {}, rate: undefined, ended: true };
    const own = { cookie, 'sec-fetch-site': 'same-origin', 'x-csrf-token': csrf };
    expect((await ask(desk, logout, { method: 'POST', headers: own })).headers['set-cookie']).toEqual([
      forget('__Host-gatehouse'),
    ]);
    const setup = { cookie: '__Host-gatehouse-setup=claim', 'sec-fetch-site': 'same-origin', 'x-csrf-token': 'setup' };
    desk.answer = { ...granted('session'), ended: true } as Answer;
    expect((await ask(desk, '/api/v1/setup/finish', { method: 'POST', headers: setup })).headers['set-cookie']).toEqual(
      [forget('__Host-gatehouse-setup'), '__Host-gatehouse=fresh; Path=/; Secure; HttpOnly; SameSite=Strict'],
    );
    desk.answer = {
      kind: 'problem',
      problem: problemBody(new ProblemError('access/unauthenticated', 'over')),
      rate: undefined,
    };
    expect((await ask(desk, summary, { headers: { cookie } })).headers['set-cookie']).toEqual([
      forget('__Host-gatehouse'),
    ]);
    expect((await ask(desk, summary, { headers: { 'x-api-key': 'k' } })).headers['set-cookie']).toBeUndefined();
  });
});

describe('the CSRF token', () => {
  it('is fixed by the session and of 24 characters', () => {
    expect(csrfToken(sha256('session-token'))).toBe(csrf);
    expect(csrf).toMatch(/^[\w-]{24}$/);
    expect(() => csrfToken(new Uint8Array(31))).toThrow();
  });
});

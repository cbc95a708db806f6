import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PortInUse } from '../../../src-main/adapters/https/server.ts';
import type { Answer } from '../../../src-main/core/dispatch/arrival.ts';
import { ProblemError, problemBody } from '../../../src-shared/contract/problems.ts';
import { ask, bearer, type Desk, ok, openDesk, post, startedAt } from './support.ts';

const alerts = '/api/v1/admin/security/alerts';
const id = '0198c0de-0000-7000-8000-000000000001';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.server.close());
beforeEach(() => {
  desk.arrivals.length = 0;
  desk.refusals.length = 0;
  desk.answer = ok;
});

describe('a request becomes an arrival', () => {
  it('with path and query read by the declared types', async () => {
    await ask(desk, `${alerts}?status=open,closed&status=acknowledged&limit=20&text=a+b%20%C3%BC`, {
      headers: { ...bearer, 'user-agent': 'test/1', traceparent: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01` },
    });
    expect(desk.arrivals).toEqual([
      {
        operation: 'alerts.list',
        via: 'https',
        origin: { ip: '127.0.0.1', userAgent: 'test/1' },
        credential: { kind: 'token', token: 'token-of-a-tool', from: 'bearer' },
        input: { status: ['open', 'closed', 'acknowledged'], limit: 20, text: 'a b ü' },
        traceId: 'ab'.repeat(16),
      },
    ]);
  });

  it.each([
    ['limit=020', { limit: '020' }],
    ['limit=2e1', { limit: '2e1' }],
    ['limit=0x10', { limit: '0x10' }],
    ['limit=', { limit: '' }],
    ['limit=1.5', { limit: 1.5 }],
    ['limit=99999999999999999999', { limit: '99999999999999999999' }],
    ['text=20', { text: '20' }],
    ['text=true', { text: 'true' }],
    ['unknown=1', { unknown: '1' }],
    ['constructor=x', { constructor: 'x' }],
  ])('%s is left to the schema where it is not the one spelling', async (query, input) => {
    await ask(desk, `${alerts}?${query}`, { headers: bearer });
    expect(desk.arrivals[0]?.input).toEqual(input);
  });

  it('with booleans as true and false only', async () => {
    await ask(desk, '/api/v1/events?success=false', { headers: bearer });
    await ask(desk, '/api/v1/events?success=0', { headers: bearer });
    expect(desk.arrivals.map(({ input }) => input)).toEqual([{ success: false }, { success: '0' }]);
  });

  it('with the path parameter beside the body, and the idempotency key', async () => {
    await post(desk, `${alerts}/${id}/close`, '{"verdict":"duplicate"}', { 'idempotency-key': 'once' });
    expect(desk.arrivals[0]).toMatchObject({
      operation: 'alerts.close',
      input: { id, verdict: 'duplicate' },
      idempotencyKey: 'once',
    });
  });

  it('static paths come before parameters', async () => {
    await ask(desk, `${alerts}/summary`, { headers: bearer });
    await ask(desk, `${alerts}/${id}`, { headers: bearer });
    await post(desk, `${alerts}/acknowledge`, `{"ids":["${id}"]}`);
    expect(desk.arrivals.map(({ operation }) => operation)).toEqual([
      'alerts.summary',
      'alerts.get',
      'alerts.acknowledge_many',
    ]);
  });

  it('with no body where none is needed', async () => {
    await ask(desk, '/api/v1/auth/logout', { method: 'POST', headers: bearer });
    await post(desk, '/api/v1/auth/logout', '{}');
    await ask(desk, `/api/v1/auth/sessions/${id}`, { method: 'DELETE', headers: bearer });
    expect(desk.arrivals.map(({ input }) => input)).toEqual([{}, {}, { id }]);
  });

  it('with bytes as they came', async () => {
    const body = new Uint8Array([0, 255, 10, 13]);
    const headers = { ...bearer, 'content-type': 'application/octet-stream' };
    await ask(desk, `/api/v1/events/imports/${id}/chunks/4096`, { method: 'PUT', headers, body });
    expect(desk.arrivals[0]?.input).toEqual({ id, offset: 4096, data: Buffer.from(body) });
  });

  it('a HEAD is the GET without its body', async () => {
    const reply = await ask(desk, `${alerts}/summary`, { method: 'HEAD', headers: bearer });
    expect([reply.status, reply.text, reply.headers['content-length']]).toEqual([200, '', '11']);
  });
});

describe('events', () => {
  const lines = (body: string | Uint8Array) =>
    post(desk, '/api/v1/events', body, { 'content-type': 'application/x-ndjson' });

  it('come as one object, an array, or lines', async () => {
    await post(desk, '/api/v1/events', '{"a":1}');
    await post(desk, '/api/v1/events', '[{"a":1},{"a":2}]');
    await lines('{"a":1}\r\n\n  \n{"a":2}');
    expect(desk.arrivals.map(({ input }) => input)).toEqual([
      { events: [{ a: 1 }] },
      { events: [{ a: 1 }, { a: 2 }] },
      { events: [{ a: 1 }, { a: 2 }] },
    ]);
  });

  it('bad lines become reasons, the good ones stay', async () => {
    const bad = Buffer.concat([
      Buffer.from('{"a":1}\n{"a":1,"a":2}\nnot json\n7\n'),
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d, 0x0a]),
      Buffer.from('{"__proto__":{}}\n{"a":2}\n'),
    ]);
    await lines(bad);
    const { events } = desk.arrivals[0]!.input as { events: unknown[] };
    expect(events.map((event) => Array.isArray(event))).toEqual([false, true, true, true, true, true, false]);
    expect(events[1]).toEqual([expect.stringMatching(/^line 2: .*twice/), expect.any(String)]);
    expect(events[3]).toEqual(['line 4: expected an object, got a number', expect.any(String)]);
    expect(events[4]).toEqual([expect.stringMatching(/^line 5: not valid UTF-8/), expect.any(String)]);
  });

  it('elements of an array that are no objects are named by us, not by the sender', async () => {
    await post(desk, '/api/v1/events', '[{"a":1},"<text>",null,[1]]');
    expect(desk.arrivals[0]?.input).toEqual({
      events: [
        { a: 1 },
        'expected an object, got a string',
        'expected an object, got null',
        'expected an object, got an array',
      ],
    });
  });

  it('are refused as a whole when too many or too large', async () => {
    expect((await post(desk, '/api/v1/events', `[${'{},'.repeat(10_000)}{}]`)).json.code).toBe('request/too-large');
    expect((await lines('{}\n'.repeat(10_001))).json.code).toBe('request/too-large');
    expect((await post(desk, '/api/v1/events', `{"a":"${'x'.repeat(1_100_000)}"}`)).json.code).toBe(
      'request/too-large',
    );
    expect((await post(desk, '/api/v1/events', 'x'.repeat(17 * 1024 * 1024))).status).toBe(413);
    expect(desk.arrivals).toEqual([]);
    expect((await lines(`${'{}\n'.repeat(10_000)}`)).status).toBe(200);
    expect((await post(desk, '/api/v1/events', `[{"a":"${'x'.repeat(2_000_000)}"}]`)).status).toBe(200);
  });
});

describe('an answer', () => {
  const rate = {
    allowed: true,
    limit: 1000,
    remaining: 999,
    resetAt: startedAt + 59_500,
    retryAfterMs: 0,
    windowSeconds: 60,
  };

  it('carries exactly these headers', async () => {
    desk.answer = { ...ok, rate };
    const { headers, status, text } = await ask(desk, `${alerts}/summary`, { headers: bearer });
    const { date, ...fixed } = headers;
    expect(status).toBe(200);
    expect(text).toBe('{"ok":true}');
    expect(fixed).toEqual({
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy':
        'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), payment=(), usb=()',
      'cache-control': 'no-store',
      'content-type': 'application/json; charset=utf-8',
      'content-length': '11',
      'x-ratelimit-limit': '1000',
      'x-ratelimit-remaining': '999',
      'x-ratelimit-reset': String(Math.ceil(rate.resetAt / 1000)),
      ratelimit: '"default";r=999;t=60',
      'ratelimit-policy': '"default";q=1000;w=60',
      connection: 'close',
    });
    expect(date).toBeDefined();
  });

  it('that is a problem is problem+json, with Retry-After where it names one', async () => {
    const problem = problemBody(
      new ProblemError('limits/rate', 'Rate limit exceeded. Try again in 7 seconds.', { retry_after_seconds: 7 }),
    );
    desk.answer = { kind: 'problem', problem, rate: { ...rate, allowed: false, remaining: 0 } };
    const reply = await ask(desk, `${alerts}/summary`, { headers: bearer });
    expect(reply.status).toBe(429);
    expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(reply.headers['retry-after']).toBe('7');
    expect(reply.headers['x-ratelimit-remaining']).toBe('0');
    expect(reply.json).toEqual({
      type: 'urn:gatehouse:problem:limits/rate',
      title: 'Too many requests',
      status: 429,
      code: 'limits/rate',
      detail: 'Rate limit exceeded. Try again in 7 seconds.',
      error: 'Rate limit exceeded. Try again in 7 seconds.',
      retry_after_seconds: 7,
    });
  });

  it('of a document operation is the document, to be saved', async () => {
    desk.answer = { kind: 'output', status: 200, output: 'the bundle', rate: undefined };
    const reply = await ask(desk, '/api/v1/audit/export', { headers: bearer });
    expect(reply.text).toBe('the bundle');
    expect(reply.headers['content-type']).toBe('application/vnd.gatehouse.bundle+json; charset=utf-8');
    expect(reply.headers['content-disposition']).toMatch(
      /^attachment; filename="gatehouse-audit-export-\d{8}T\d{6}Z\.ghbundle"$/,
    );
  });

  it('keeps the status that dispatch gave', async () => {
    desk.answer = { kind: 'output', status: 201, output: {}, rate: undefined };
    expect((await post(desk, '/api/v1/admin/keys', '{}')).status).toBe(201);
    desk.answer = { kind: 'output', status: 204, output: undefined, rate: undefined };
    const reply = await post(desk, '/api/v1/auth/logout', '{}');
    expect([reply.status, reply.text]).toEqual([204, '']);
  });

  it('to a bug names an incident and nothing else; the log has the rest', async () => {
    desk.answer = () => {
      throw new Error('a secret path /home/me');
    };
    const reply = await ask(desk, `${alerts}/summary`, { headers: bearer });
    expect(reply.status).toBe(500);
    expect(reply.json.code).toBe('internal');
    expect(reply.text).not.toContain('secret path');
    expect(desk.logged.at(-1)).toMatchObject({
      event: 'https.failed',
      fields: { incident_id: reply.json.incident_id },
    });
    expect(JSON.stringify(desk.logged)).not.toContain('token-of-a-tool');
  });
});

describe('addresses that nothing answers', () => {
  it.each([
    ['GET', '/api/v1/nothing', 404, 'request/not-found'],
    ['GET', '/api/v1/admin/security/alerts/', 404, 'request/not-found'],
    ['GET', '/API/v1/setup', 404, 'request/not-found'],
    ['GET', '//api/v1/setup', 404, 'request/not-found'],
    ['DELETE', alerts, 405, 'request/method'],
    ['GET', `${alerts}/${id}/close`, 405, 'request/method'],
    ['POST', '/api/v1/stream', 405, 'request/method'],
    ['TRACE', '/health', 405, 'request/method'],
    ['OPTIONS', alerts, 405, 'request/method'],
    ['GET', `${alerts}/${'x'.repeat(201)}`, 404, 'request/not-found'],
    ['GET', `${alerts}/%zz`, 400, 'request/malformed'],
    ['GET', `${alerts}?a=%ff`, 400, 'request/malformed'],
  ])('%s %s is %i %s', async (method, path, status, code) => {
    const reply = await ask(desk, path, { method, headers: bearer });
    expect([reply.status, reply.json.code]).toEqual([status, code]);
    expect(reply.headers['content-security-policy']).toContain("default-src 'none'");
    expect(desk.arrivals).toEqual([]);
    expect(desk.refusals).toEqual([code]);
  });

  it('say which methods they answer', async () => {
    expect((await ask(desk, alerts, { method: 'DELETE' })).headers.allow).toBe('GET, HEAD');
    expect((await ask(desk, '/api/v1/admin/keys', { method: 'PUT' })).headers.allow).toBe('GET, HEAD, POST');
  });
});

describe('the server', () => {
  it('answers under each of its addresses and names', async () => {
    const { port } = desk.server;
    for (const host of [
      `localhost:${port}`,
      `127.0.0.1:${port}`,
      `[::1]:${port}`,
      `desk.example:${port}`,
      `DESK.example:${port}`,
    ]) {
      expect((await ask(desk, '/health', { headers: { host } })).status).toBe(200);
    }
    expect((await ask(desk, '/health', { host: '::1' })).status).toBe(200);
  });

  it('says that its port is taken', async () => {
    const { port } = desk.server;
    await expect(openDesk({ port })).rejects.toMatchObject({ name: 'PortInUse', port });
    await expect(openDesk({ port })).rejects.toBeInstanceOf(PortInUse);
  });

  it('refuses a wildcard among the origins, as the API carries credentials', async () => {
    await expect(openDesk({ corsOrigins: ['*'] })).rejects.toThrow(/credentials/);
    await expect(openDesk({ corsOrigins: ['https://tools.example/'] })).rejects.toThrow(/exact origin/);
  });

  it('lets a request in flight finish, refuses new ones, and ends', async () => {
    await using closing = await openDesk();
    let release: (answer: Answer) => void = () => undefined;
    closing.answer = () => new Promise((resolve) => (release = resolve));
    const slow = ask(closing, `${alerts}/summary`, { headers: bearer });
    while (closing.arrivals.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const closed = closing.server.close();
    await expect(ask(closing, '/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    release(ok);
    expect((await slow).status).toBe(200);
    await closed;
  });

  it('counts refusals against a limit where it is given one', async () => {
    const spent = { allowed: false, limit: 5, remaining: 0, resetAt: 0, retryAfterMs: 2100, windowSeconds: 60 };
    await using limited = await openDesk({ onRefused: () => spent });
    const reply = await ask(limited, '/api/v1/nothing');
    expect([reply.status, reply.json.code, reply.headers['retry-after']]).toEqual([429, 'limits/rate', '3']);
    expect(reply.json.error).toBe('Rate limit exceeded. Try again in 3 seconds.');
  });
});

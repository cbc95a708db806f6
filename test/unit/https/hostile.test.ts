// Hostile input: raw bytes, heads, bodies and addresses that no honest client sends. What counts is the answer, that nothing arrives
// in the core, and that the server goes on.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ask, bearer, type Desk, dial, head, ok, openDesk, post, raw } from './support.ts';

const login = '/api/v1/auth/login';
let desk: Desk;

beforeAll(async () => {
  desk = await openDesk({
    trustedProxies: ['127.0.0.1', '10.0.0.0/8'],
    timeouts: { headersMs: 400, requestMs: 600, checkMs: 50, keepAliveMs: 1000, handshakeMs: 500 },
  });
});
afterAll(() => desk.server.close());
beforeEach(() => {
  desk.arrivals.length = 0;
  desk.answer = ok;
});
afterEach(async () => {
  expect((await ask(desk, '/health')).status).toBe(200);
});

function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
}

describe('bytes that are no request', () => {
  it.each([
    ['noise', '\x00\x01\x02\x03\r\n\r\n'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['HTTP/2 without agreement', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['an unknown method', 'FETCH / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['a header without a colon', 'GET / HTTP/1.1\r\nHost localhost\r\n\r\n'],
    ['a header name with a space', 'GET / HTTP/1.1\r\nHost : localhost\r\n\r\n'],
    ['a folded header', 'GET / HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n c\r\n\r\n'],
    ['a NUL in a header', 'GET / HTTP/1.1\r\nHost: localhost\r\nX-A: b\x00c\r\n\r\n'],
    ['a bare CR', 'GET / HTTP/1.1\r\nHost: localhost\rX-A: b\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['a length that is none', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1a\r\n\r\na'],
    ['a negative length', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n'],
    [
      'length and chunks',
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['an unknown coding', 'POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, evil\r\n\r\n0\r\n\r\n'],
  ])('%s is answered 400 as problem+json and closed', async (_name, bytes) => {
    const answer = await raw(desk, bytes);
    expect(statusOf(answer)).toBe(400);
    expect(answer).toContain('content-type: application/problem+json');
    expect(answer).toContain("content-security-policy: default-src 'none'");
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4))).toMatchObject({
      code: 'request/malformed',
      status: 400,
    });
    expect(desk.arrivals).toEqual([]);
  });

  it('a head that is too large is answered 413', async () => {
    const answer = await raw(desk, `GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`);
    expect(statusOf(answer)).toBe(413);
    expect(answer).toContain('"code":"request/too-large"');
  });

  it.each([
    ['chunks of bad size', 'zz\r\nhello\r\n0\r\n\r\n'],
    ['chunks of a size beyond all numbers', 'ffffffffffffffffff\r\nhello\r\n'],
    ['a chunk without its end', '5\r\nhelloXX0\r\n\r\n'],
  ])('%s are answered 400', async (_name, body) => {
    const answer = await raw(
      desk,
      head(desk, 'POST', login, 'Transfer-Encoding: chunked', 'Content-Type: application/json') + body,
    );
    expect(statusOf(answer)).toBe(400);
    expect(answer.match(/HTTP\/1\.1 \d/g)?.length).toBe(1);
    expect(desk.arrivals).toEqual([]);
  });

  it('garbage after an answer has begun does not corrupt it', async () => {
    const socket = await dial(desk);
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.includes('retry:')) socket.write('\x00garbage\r\n\r\n');
    });
    socket.on('error', () => undefined);
    socket.write(head(desk, 'GET', '/api/v1/stream'));
    await new Promise((resolve) => socket.once('close', resolve));
    expect(text.match(/HTTP\/1\.1 \d/g)?.length).toBe(1);
  });
});

describe('slowness', () => {
  it('a head that never ends is cut off', async () => {
    const answer = await raw(desk, 'GET / HTTP/1.1\r\nHost: localhost\r\n');
    expect(statusOf(answer)).toBe(400);
    expect(answer).toContain('did not arrive in time');
  });

  it('a body that never ends is cut off', async () => {
    const answer = await raw(
      desk,
      `${head(desk, 'POST', login, 'Content-Length: 100', 'Content-Type: application/json')}{"a`,
    );
    expect(statusOf(answer)).toBe(400);
    expect(desk.arrivals).toEqual([]);
  });

  it('a connection that says nothing is cut off', async () => {
    expect(await raw(desk)).toSatisfy((answer: string) => answer === '' || statusOf(answer) === 400);
  });
});

describe('bodies', () => {
  const bomb = `${'['.repeat(5000)}${']'.repeat(5000)}`;
  it.each([
    ['nothing but a brace', '{'],
    ['a byte order mark', '\ufeff{}'],
    ['a duplicate key', '{"username":"a","username":"b"}'],
    ['a duplicate key by escape', '{"a":1,"\\u0061":2}'],
    ['__proto__', '{"__proto__":{"admin":true}}'],
    ['__proto__ deep inside', '{"a":[{"__proto__":1}]}'],
    ['nesting beyond 32', `{"a":${'['.repeat(33)}${']'.repeat(33)}}`],
    ['a bomb of brackets', `{"a":${bomb}}`],
    ['two values', '{}{}'],
    ['a comment', '{}//'],
    ['NaN', '{"a":NaN}'],
    ['a lone surrogate', '{"a":"\\ud800"}'],
    ['an array', '[]'],
    ['a number', '7'],
    ['null', 'null'],
  ])('%s is refused as malformed', async (_name, body) => {
    const reply = await post(desk, login, body);
    expect([reply.status, reply.json.code]).toEqual([400, 'request/malformed']);
    expect(desk.arrivals).toEqual([]);
  });

  it('bad UTF-8 is refused', async () => {
    for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82]]) {
      const body = Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bytes), Buffer.from('"}')]);
      expect((await post(desk, login, body)).json).toMatchObject({
        code: 'request/malformed',
        detail: expect.stringContaining('UTF-8'),
      });
    }
  });

  it('says where the fault is', async () => {
    expect((await post(desk, login, '{"a":1,"a":2}')).json.detail).toMatch(/offset 7/);
  });

  it.each([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['multipart/form-data; boundary=x', 415],
    ['application/json; charset=utf-16', 415],
    ['application/json, text/plain', 415],
    ['application/jsonp', 415],
    ['application/json;charset=UTF-8', 200],
    ['APPLICATION/JSON', 200],
  ])('of type %s gives %i', async (type, status) => {
    expect((await post(desk, login, '{}', { 'content-type': type })).status).toBe(status);
  });

  it('without a type or with a coding are refused', async () => {
    expect((await ask(desk, login, { method: 'POST', body: '{}', headers: bearer })).status).toBe(415);
    expect((await post(desk, login, '{}', { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  it('over the limit are refused, announced or not, and the connection ends', async () => {
    const announced = await raw(
      desk,
      head(desk, 'POST', login, 'Content-Length: 1048577', 'Content-Type: application/json'),
    );
    expect(statusOf(announced)).toBe(413);
    expect(announced.toLowerCase()).toContain('connection: close');
    const chunk = `${(65_536).toString(16)}\r\n${' '.repeat(65_536)}\r\n`;
    const flowing = await raw(
      desk,
      head(desk, 'POST', login, 'Transfer-Encoding: chunked', 'Content-Type: application/json'),
      ...Array(17).fill(chunk),
    );
    expect(statusOf(flowing)).toBe(413);
    const chunks = `/api/v1/events/imports/0198c0de-0000-7000-8000-000000000001/chunks/0`;
    const bytes = { 'content-type': 'application/octet-stream' };
    const large = await ask(desk, chunks, {
      method: 'PUT',
      headers: { ...bearer, ...bytes },
      body: new Uint8Array(1_048_577),
    });
    expect(large.status).toBe(413);
    expect(desk.arrivals).toEqual([]);
  });

  it('are not all held at once, however many connections announce them', async () => {
    const batch = head(
      desk,
      'POST',
      '/api/v1/events',
      'Authorization: Bearer guessed',
      'Content-Type: application/json',
    );
    const begun = `${batch.slice(0, -2)}Content-Length: ${16 * 1024 * 1024}\r\n\r\n{`;
    const answers = await Promise.all(Array.from({ length: 6 }, () => raw(desk, begun)));
    // Four times 16 MiB fit; the slow ones are cut off later and give their room back.
    expect(answers.map(statusOf).sort()).toEqual([400, 400, 400, 400, 429, 429]);
    expect(answers.find((answer) => statusOf(answer) === 429)).toContain('retry-after: 1');
    expect((await post(desk, '/api/v1/events', `[${'{},'.repeat(9000)}{}]`)).status).toBe(200);
    expect(statusOf(await raw(desk, begun))).toBe(400);
  });

  it('that are announced and never sent keep nobody from signing in', async () => {
    const batch = head(
      desk,
      'POST',
      '/api/v1/events',
      'Authorization: Bearer guessed',
      'Content-Type: application/json',
    );
    const begun = `${batch.slice(0, -2)}Content-Length: ${16 * 1024 * 1024}\r\n\r\n{`;
    const idle = Promise.all(Array.from({ length: 4 }, () => raw(desk, begun)));
    await vi.waitFor(async () =>
      expect((await post(desk, '/api/v1/events', `[${'{},'.repeat(9000)}{}]`)).status).toBe(429),
    );
    expect((await post(desk, login, '{"username":"mira","password":"x"}')).status).toBe(200);
    await idle;
  });

  it('may neither repeat the path nor stand where none is taken', async () => {
    const close = '/api/v1/admin/security/alerts/a/close';
    expect((await post(desk, close, '{"id":"b"}')).json).toMatchObject({
      code: 'request/invalid',
      fields: [{ path: 'id' }],
    });
    const session = '/api/v1/auth/sessions/0198c0de-0000-7000-8000-000000000001';
    expect(
      (await ask(desk, session, { method: 'DELETE', headers: { ...bearer, 'content-length': '2' }, body: '{}' }))
        .status,
    ).toBe(400);
    expect((await post(desk, `${login}?password=x`, '{}')).json.code).toBe('request/invalid');
  });
});

describe('queries', () => {
  const list = '/api/v1/events';
  it.each([
    ['a value of 201 characters', `text=${'x'.repeat(201)}`, 422],
    ['a name of 201 characters', `${'x'.repeat(201)}=1`, 422],
    ['a field given twice', 'text=a&text=b', 422],
    ['many parameters', Array.from({ length: 101 }, (_, i) => `a${i}=1`).join('&'), 422],
    ['__proto__', '__proto__=1', 400],
    ['__proto__ in disguise', '__pr%6fto__=1', 400],
    ['half a percent sign', 'text=%', 400],
    ['bad UTF-8', 'text=%c3%28', 400],
    ['an overlong slash', 'text=%c0%af', 400],
  ])('with %s are refused', async (_name, query, status) => {
    const reply = await ask(desk, `${list}?${query}`, { headers: bearer });
    expect(reply.status).toBe(status);
    expect(desk.arrivals).toEqual([]);
  });

  it('are not looked into for more than text', async () => {
    await ask(desk, `${list}?a[b]=1&a.c=2&text={"$ne":1}`.replaceAll('"', '%22'), { headers: bearer });
    expect(desk.arrivals[0]?.input).toEqual({ 'a[b]': '1', 'a.c': '2', text: '{"$ne":1}' });
  });
});

describe('paths', () => {
  it.each([
    '/../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..%2f..%2fetc%2fpasswd',
    '/assets/..\\..\\secret',
    '/assets/%00.js',
    '//etc/passwd',
    '/api/v1/../../etc/passwd',
    '/package.json',
    '/.git/config',
    '*',
  ])('%s leads nowhere', async (path) => {
    const answer = await raw(desk, head(desk, 'GET', path, 'Connection: close'));
    expect([400, 404]).toContain(statusOf(answer));
    expect(desk.arrivals).toEqual([]);
  });

  it('in absolute form do not get around the host check', async () => {
    const answer = await raw(desk, head(desk, 'GET', 'https://evil.example/health', 'Connection: close'));
    expect(statusOf(answer)).toBe(400);
    const proxied = await raw(desk, 'GET /health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
    expect(statusOf(proxied)).toBe(421);
  });

  it('in absolute form with a host of ours are those of the path', async () => {
    const own = `https://127.0.0.1:${desk.server.port}`;
    expect(statusOf(await raw(desk, head(desk, 'GET', `${own}/health`, 'Connection: close')))).toBe(200);
    expect(statusOf(await raw(desk, head(desk, 'GET', own, 'Connection: close', 'Accept: text/html')))).not.toBe(400);
    expect(statusOf(await raw(desk, head(desk, 'GET', `${own}//evil.example`, 'Connection: close')))).toBe(404);
  });

  it.each([
    ['127.0.0.1', 'evil.example'],
    ['evil.example', '127.0.0.1'],
    ['127.0.0.1', '127.0.0.1'],
  ])('with the hosts %s and %s are refused', async (...hosts) => {
    const lines = hosts.map((host) => `Host: ${host}:${desk.server.port}\r\n`).join('');
    const answer = await raw(desk, `GET /health HTTP/1.1\r\n${lines}Connection: close\r\n\r\n`);
    expect(statusOf(answer)).toBe(400);
    expect(answer).toContain('Host must be given once');
  });

  it('to be connected to are not', async () => {
    expect(await raw(desk, 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n')).toBe('');
  });
});

describe('host names', () => {
  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'localhost:1',
    '0.0.0.0',
    '2130706433',
    '',
    'localhost@evil',
    'localhost evil',
  ])('%j is not ours', async (host) => {
    const answer = await raw(desk, `GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(statusOf(answer)).toBe(421);
    expect(answer).toContain('"code":"request/host"');
    expect(desk.arrivals).toEqual([]);
  });

  it('must be there, in HTTP/1.0 too', async () => {
    expect(statusOf(await raw(desk, 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n'))).toBe(421);
    expect(statusOf(await raw(desk, 'GET /health HTTP/1.0\r\n\r\n'))).toBe(421);
    expect(statusOf(await raw(desk, 'GET /health\r\n\r\n'))).toBe(421);
  });

  it('given twice are not both believed', async () => {
    const answer = await raw(
      desk,
      `GET /health HTTP/1.1\r\nHost: evil.example\r\nHost: localhost:${desk.server.port}\r\nConnection: close\r\n\r\n`,
    );
    expect([400, 421]).toContain(statusOf(answer));
  });

  it('of forwarding headers are not believed', async () => {
    const reply = await ask(desk, '/health', { headers: { host: 'evil.example', 'x-forwarded-host': 'localhost' } });
    expect(reply.status).toBe(421);
  });
});

describe('forwarded addresses', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['6.6.6.6, 203.0.113.9', '203.0.113.9'],
    ['6.6.6.6, 203.0.113.9, 10.1.2.3', '203.0.113.9'],
    ['10.9.9.9, 10.1.2.3', '10.9.9.9'],
    ['2001:db8::1', '2001:db8::1'],
    ['nonsense', '127.0.0.1'],
    ['203.0.113.9, nonsense', '127.0.0.1'],
    ['', '127.0.0.1'],
    [Array(900).fill('10.0.0.1').join(','), '10.0.0.1'],
  ])('case %# through trusted proxies', async (forwarded, ip) => {
    await ask(desk, '/health', { headers: { 'x-forwarded-for': forwarded } });
    expect(desk.arrivals[0]?.origin.ip).toBe(ip);
  });

  it('mean nothing from others', async () => {
    await using direct = await openDesk();
    await ask(direct, '/health', { headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect(direct.arrivals[0]?.origin.ip).toBe('127.0.0.1');
  });
});

describe('trace ids and idempotency keys', () => {
  it.each([
    '00-zz',
    `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`,
    `ff-${'a'.repeat(32)}-${'1'.repeat(16)}-01`,
    '<script>',
  ])('a bad traceparent %s is replaced', async (traceparent) => {
    await ask(desk, '/health', { headers: { traceparent } });
    expect(desk.arrivals[0]?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(traceparent).not.toContain(desk.arrivals[0]?.traceId);
  });

  it.each(['a b', 'x'.repeat(201), 'ü'])('a bad idempotency key is refused: %.10s', async (key) => {
    const reply = await post(desk, '/api/v1/auth/logout', '{}', {
      'idempotency-key': Buffer.from(key).toString('latin1'),
    });
    expect(reply.json.code).toBe('request/invalid');
    expect(desk.arrivals).toEqual([]);
  });
});

// Everything a caller can get wrong, sent to a real node over HTTPS and by the command line: each is a clear refusal, nothing that was
// stored is lost, and nothing secret stands in an answer, in the log or on the disk.
import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { generateSync, ScureBase32Plugin } from 'otplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ProblemCode, problems } from '../../src-shared/contract/problems.ts';
import {
  admin,
  clientOf,
  createProfile,
  enrolAdmin,
  type NodeProcess,
  runCommand,
  startNode,
} from '../support/node.ts';

const canaryText = `canary-${randomBytes(12).toString('hex')}`;
const mebibyte = 1_048_576;

type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string };
type Asked = {
  readonly method?: string;
  readonly path: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
};

const profile = createProfile({
  GATEHOUSE_ADMIN_USERNAME: admin.username,
  GATEHOUSE_ADMIN_PASSWORD: admin.password,
  GATEHOUSE_RATE_LIMIT_LOGIN_REQUESTS_PER_MINUTE: '200',
});
let node: NodeProcess;
let session: { token: string; secret: string };
let enrolmentStep = 0;
/** Every token and key that was ever valid. */
const secrets: string[] = [];
let allKey: string;
let storedEvent: string;

beforeAll(async () => {
  node = await startNode(profile);
  session = await enrolAdmin(node);
  enrolmentStep = Math.floor(Date.now() / 30_000);
  using client = clientOf(node, session.token);
  const { key } = await client.call('keys.create', {
    name: 'everything',
    scopes: ['events.*', 'audit.*', '*.read', 'audit.export', 'keys.*'],
  });
  allKey = key;
  storedEvent = randomUUID();
  secrets.push(session.token, allKey);
  const sent = await client.call('events.ingest', { events: [event(storedEvent)] });
  expect(sent).toMatchObject({ accepted: 1, rejected: 0 });
});

afterAll(async () => {
  await node.kill('SIGTERM');
  profile[Symbol.dispose]();
});

function event(id: string): Record<string, unknown> {
  return {
    id,
    time: new Date().toISOString(),
    source: 'bad-input',
    event_type: 'note',
    details: { text: canaryText },
  };
}

function send({ method = 'POST', path, token, headers = {}, body }: Asked): Promise<Answer> {
  const given: Record<string, string> = { ...headers };
  if (token !== undefined) given.authorization = `Bearer ${token}`;
  if (body !== undefined) {
    given['content-type'] ??= 'application/json';
    given['content-length'] ??= String(Buffer.byteLength(body));
  }
  return new Promise((resolve, reject) => {
    const sent = request(
      new URL(path, node.url),
      { method, headers: given, ca: readFileSync(node.ca), servername: 'localhost' },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(parts).toString('utf8'),
          }),
        );
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The whole answer: the problem's own row, the sentence, the headers, and that nothing of the inside shows. */
function expectRefused(answer: Answer, code: ProblemCode, detail: string | RegExp, extras: object = {}): void {
  const { status, title } = problems[code];
  const body = JSON.parse(answer.text) as { detail: string; error: string };
  expect(body).toEqual({
    type: `urn:gatehouse:problem:${code}`,
    title,
    status,
    code,
    detail: typeof detail === 'string' ? detail : expect.stringMatching(detail),
    error: body.detail,
    ...extras,
  });
  expect(answer.status).toBe(status);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/problem+json; charset=utf-8',
    'cache-control': 'no-store',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'x-ratelimit-limit': expect.stringMatching(/^\d+$/),
    'x-ratelimit-remaining': expect.stringMatching(/^\d+$/),
    'x-ratelimit-reset': expect.stringMatching(/^\d{10}$/),
  });
  expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Bearer realm="gatehouse"' : undefined);
  expect(answer.headers).not.toHaveProperty('server');
  expect(answer.headers).not.toHaveProperty('x-powered-by');
  expectNothingOfTheInside(answer.text);
}

function expectNothingOfTheInside(text: string): void {
  expect(text).not.toMatch(/node_modules|src-main|\.ts:|\n {4}at |SELECT|INSERT|SQLITE|better-sqlite/);
  expect(text).not.toContain(profile.home);
  for (const secret of [admin.password, canaryText, ...secrets]) expect(text).not.toContain(secret);
}

const login = (body: object): Promise<Answer> => send({ path: '/api/v1/auth/login', body: JSON.stringify(body) });

test('a wrong password and an unknown user get the same answer', async () => {
  const wrong = await login({ username: admin.username, password: 'Wrong-horse9battery' });
  expectRefused(wrong, 'access/credentials', 'the user name or the password is wrong');
  const unknown = await login({ username: 'nobody', password: 'Wrong-horse9battery' });
  expectRefused(unknown, 'access/credentials', 'the user name or the password is wrong');
  expect(JSON.parse(wrong.text)).toEqual(JSON.parse(unknown.text));
});

test('a wrong code says how many tries are left, a code that was used is refused', { timeout: 120_000 }, async () => {
  const first = JSON.parse((await login(admin)).text) as { mfa_required: true; token: string };
  expect(first).toMatchObject({ mfa_required: true, methods: ['totp', 'recovery_code'] });
  secrets.push(first.token);
  const verify = (code: string): Promise<Answer> =>
    send({ path: '/api/v1/auth/mfa/verify', body: JSON.stringify({ token: first.token, code }) });
  const right = generateSync({ secret: session.secret });
  const wrong = right === '000000' ? '000001' : '000000';
  expectRefused(await verify(wrong), 'access/code', 'the code is wrong or was used before; 4 tries left');
  // The step of the enrolment is spent; a code of a step after it is right exactly once.
  while (Math.floor(Date.now() / 30_000) <= enrolmentStep) await wait(250);
  const next = generateSync({ secret: session.secret });
  const signedIn = JSON.parse((await verify(next)).text) as { token: string };
  secrets.push(signedIn.token);
  expect(signedIn.token).toMatch(/^ghs_/);
  const again = JSON.parse((await login(admin)).text) as { token: string };
  secrets.push(again.token);
  const reused = await send({
    path: '/api/v1/auth/mfa/verify',
    body: JSON.stringify({ token: again.token, code: next }),
  });
  expectRefused(reused, 'access/code', 'the code is wrong or was used before; 4 tries left');
  const spent = await verify(next);
  expectRefused(
    spent,
    'access/unauthenticated',
    'this sign-in has expired or was used up; start again with the password',
  );
});

test('no key, no such key, a misspelt key, an expired key and a revoked key', async () => {
  const list = (token?: string): Promise<Answer> =>
    send({ method: 'GET', path: '/api/v1/events', ...(token === undefined ? {} : { token }) });
  expectRefused(await list(), 'access/unauthenticated', 'sign in, or send a session token or an API key');
  expectRefused(await list('hello'), 'access/unauthenticated', 'this is neither a session token nor an API key');
  const misspelt = `${allKey.slice(0, -1)}${allKey.endsWith('A') ? 'B' : 'A'}`;
  expectRefused(await list(misspelt), 'access/unauthenticated', 'this API key is not valid');

  using client = clientOf(node, session.token);
  const expiring = await client.call('keys.create', {
    name: 'short',
    scopes: ['events.read'],
    expires_at: new Date(Date.now() + 1_000).toISOString(),
  });
  const revoked = await client.call('keys.create', { name: 'revoked', scopes: ['events.read'] });
  secrets.push(expiring.key, revoked.key);
  expect((await list(revoked.key)).status).toBe(200);
  await client.call('keys.revoke', { id: revoked.id });
  expectRefused(await list(revoked.key), 'access/unauthenticated', /^this API key was revoked at \d{4}-.*Z$/);
  await wait(1_100);
  const expired = await list(expiring.key);
  expectRefused(expired, 'access/unauthenticated', /^this API key expired at \d{4}-.*Z; make a new one$/);
});

test('a key gets no further than its scopes, and * never gives what must be named', async () => {
  using client = clientOf(node, session.token);
  const sender = await client.call('keys.create', { name: 'sender', scopes: ['events.write'] });
  const everything = await client.call('keys.create', { name: 'star', scopes: ['*'] });
  secrets.push(sender.key, everything.key);
  const alerts = await send({ method: 'GET', path: '/api/v1/admin/security/alerts', token: sender.key });
  expectRefused(alerts, 'access/forbidden', 'this needs the permission alerts.read');
  const bundle = await send({ method: 'GET', path: '/api/v1/audit/export', token: everything.key });
  expectRefused(bundle, 'access/forbidden', 'this needs the permission audit.export');
  const beyond = await send({
    path: '/api/v1/admin/keys',
    token: allKey,
    body: JSON.stringify({ name: 'more', scopes: ['alerts.triage'] }),
  });
  expectRefused(beyond, 'access/key-scope', 'you do not hold alerts.triage; leave out the scopes that give it');
});

test('bodies over the limits are refused with the limit', async () => {
  const text = 'x'.repeat(2 * mebibyte);
  const big = { ...event(randomUUID()), details: { text } };
  const single = await send({ path: '/api/v1/events', token: allKey, body: JSON.stringify(big) });
  expectRefused(single, 'request/too-large', 'one event may have at most 1 MiB');
  const record = await send({
    path: '/api/v1/admin/keys',
    token: allKey,
    body: JSON.stringify({ name: text, scopes: ['events.read'] }),
  });
  expectRefused(record, 'request/too-large', 'the body is larger than this operation takes');
  const many = await send({
    path: '/api/v1/events',
    token: allKey,
    headers: { 'content-type': 'application/x-ndjson' },
    body: '{}\n'.repeat(10_001),
  });
  expectRefused(many, 'request/too-large', 'a batch may have at most 10000 events; send it in parts');
});

const bad: [string, string | Uint8Array, RegExp][] = [
  ['cut off', '{"name":"x","scopes":["events.read"', /./],
  ['not JSON', 'name=x', /./],
  ['empty array instead of an object', '[]', /^expected a JSON object, got an array$/],
  ['a key given twice', '{"name":"x","name":"y","scopes":["events.read"]}', /twice|duplicate/],
  ['__proto__', '{"name":"x","scopes":["events.read"],"__proto__":{"a":1}}', /__proto__/],
  ['deep nesting', `{"name":${'['.repeat(64)}${']'.repeat(64)}}`, /deep|nest/],
  ['bytes that are not UTF-8', new Uint8Array([0x7b, 0x22, 0x6e, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]), /UTF-8/],
  ['half a surrogate pair', '{"name":"\\ud800","scopes":["events.read"]}', /surrogate/],
  ['a byte order mark', '\uFEFF{"name":"x","scopes":["events.read"]}', /./],
  ['text after the end', '{"name":"x","scopes":["events.read"]} {}', /./],
];
test.each(bad)('refuses a body that is no strict JSON: %s', async (_what, body, detail) => {
  const answer = await send({ path: '/api/v1/admin/keys', token: allKey, body });
  expectRefused(answer, 'request/malformed', detail);
});

test('fields that do not fit are all named', async () => {
  const answer = await send({
    path: '/api/v1/admin/keys',
    token: allKey,
    body: JSON.stringify({ name: '', scopes: ['events.read', 'nothing.such'], admin: true }),
  });
  const { fields } = JSON.parse(answer.text) as { fields: { path: string; message: string }[] };
  expectRefused(answer, 'request/invalid', /^name: .* \(and 2 more\)$/, { fields });
  expect(fields.map(({ path }) => path).sort()).toEqual(['admin', 'name', 'scopes.1']);
  const coerced = await send({ method: 'GET', path: '/api/v1/events?limit=1e3&colour=red', token: allKey });
  const named = JSON.parse(coerced.text) as { fields: { path: string; message: string }[] };
  expectRefused(coerced, 'request/invalid', /./, { fields: named.fields });
  expect(named.fields.map(({ path }) => path).sort()).toEqual(['colour', 'limit']);
});

test('addresses, methods, hosts, media types and ids that are not ours', async () => {
  const get = (path: string, headers?: Record<string, string>): Promise<Answer> =>
    send({ method: 'GET', path, token: allKey, ...(headers === undefined ? {} : { headers }) });
  expectRefused(await get('/api/v1/nothing'), 'request/not-found', 'there is nothing at this address');
  expectRefused(
    await get('/api/v1/events/..%2f..%2fkeys.json'),
    'request/not-found',
    'there is nothing at this address',
  );
  const method = await send({ method: 'PATCH', path: '/api/v1/events', token: allKey });
  expectRefused(method, 'request/method', '/api/v1/events does not answer PATCH');
  expect(method.headers.allow).toBe('POST, GET, HEAD');
  expectRefused(
    await get('/api/v1/events', { host: 'evil.example' }),
    'request/host',
    'this console does not answer to that host name; use its own, or add it to host_names',
  );
  const form = await send({
    path: '/api/v1/events',
    token: allKey,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'a=b',
  });
  expectRefused(form, 'request/media-type', 'send the body as application/json or application/x-ndjson');
  const packed = await send({
    path: '/api/v1/events',
    token: allKey,
    headers: { 'content-encoding': 'gzip' },
    body: new Uint8Array([0x1f, 0x8b, 8, 0]),
  });
  expectRefused(packed, 'request/media-type', 'send the body without a content encoding');
  const id = await send({ method: 'DELETE', path: "/api/v1/auth/sessions/1'%20OR%20'1'='1", token: session.token });
  expectRefused(id, 'request/invalid', /^id: /, { fields: [{ path: 'id', message: expect.any(String) }] });
});

test('a batch says per event what became of it, whatever stands in the others', async () => {
  const good = event(randomUUID());
  const lines = [
    JSON.stringify(good),
    '{"id":',
    'null',
    JSON.stringify({ ...event(randomUUID()), sevrity: 'high' }),
    JSON.stringify({ ...event(randomUUID()), time: 'yesterday' }),
    JSON.stringify({ ...event(randomUUID()), id: '../../etc/passwd' }),
    JSON.stringify(good),
    `{"id":"${randomUUID()}","id":"${randomUUID()}"}`,
  ];
  const answer = await send({
    path: '/api/v1/events',
    token: allKey,
    headers: { 'content-type': 'application/x-ndjson' },
    body: `${lines.join('\n')}\n`,
  });
  const body = JSON.parse(answer.text) as { results: { status: string; reason?: string }[] };
  expect(body).toMatchObject({ accepted: 1, duplicates: 1, rejected: 6 });
  expect(body.results.map(({ status }) => status)).toEqual([
    'accepted',
    'rejected',
    'rejected',
    'rejected',
    'rejected',
    'rejected',
    'duplicate',
    'rejected',
  ]);
  expect(body.results[3]?.reason).toBe('sevrity: unknown field');
  expectNothingOfTheInside(answer.text);
});

test('binary junk as a log file is refused by name and adds nothing', async () => {
  const path = join(profile.home, 'junk.log');
  writeFileSync(path, randomBytes(200_000));
  const environment = {
    ...profile.environment,
    GATEHOUSE_URL: node.url,
    GATEHOUSE_CA: node.ca,
    GATEHOUSE_API_KEY: allKey,
  };
  using client = clientOf(node, allKey);
  // The refused calls of this file become events of the console itself, at a moment of its own choosing:
  // only what comes from elsewhere is compared.
  const eventsFromElsewhere = async () => {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.call('events.list', { limit: 500, ...(cursor !== undefined && { cursor }) });
      ids.push(...page.items.filter(({ source }) => source !== 'gatehouse').map(({ id }) => id));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    return ids.sort();
  };
  const before = await eventsFromElsewhere();
  expect(before).not.toEqual([]);
  const result = await runCommand(['import', path], environment);
  expect(result).toEqual({
    code: 1,
    stdout: '',
    stderr: 'gatehouse: junk.log is not a text log: it holds binary data; nothing was taken in\n',
  });
  writeFileSync(path, 'dear diary\ntoday nothing happened\n');
  const prose = await runCommand(['import', path], environment);
  expect(prose).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'gatehouse: junk.log has a format that Gatehouse does not know; say which it is with format (auth, access, json, windows, evtx, syslog, auditd, cloudtrail, cef, csv); nothing was taken in\n',
  });
  writeFileSync(path, new Uint8Array([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
  const damaged = await runCommand(['import', path], environment);
  expect(damaged.code).toBe(1);
  expect(damaged.stderr).toBe('gatehouse: junk.log: the gzip data is damaged or cut off; what came before stays\n');
  expect(await eventsFromElsewhere()).toEqual(before);
  expect(await runCommand(['import', join(profile.home, 'missing.log')], environment)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^gatehouse: cannot read .*missing\.log: it does not exist; check the path/),
  });
});

test('afterwards nothing is lost, the log verifies, and no secret stands in the log or on the disk', async () => {
  const environment = {
    ...profile.environment,
    GATEHOUSE_URL: node.url,
    GATEHOUSE_CA: node.ca,
    GATEHOUSE_API_KEY: allKey,
  };
  using client = clientOf(node, allKey);
  const found = await client.call('events.list', { source: 'bad-input', text: canaryText, limit: 500 });
  expect(found.items.map(({ id }) => id)).toContain(storedEvent);
  expect((await client.call('audit.status', {})).check.state).not.toBe('broken');
  const { verifier_key } = await client.call('audit.public_key', {});
  const bundle = join(profile.home, 'all.ghbundle');
  expect(await runCommand(['audit', 'export', '--out', bundle], environment)).toMatchObject({ code: 0, stderr: '' });
  const verified = await runCommand(['audit', 'verify', bundle, '--key', verifier_key], environment);
  expect(verified.stdout).toMatch(/^VERIFIED\n/);
  const evidence = readFileSync(bundle, 'utf8');
  for (const secret of [admin.password, session.secret, ...secrets]) expect(evidence).not.toContain(secret);

  const folder = join(profile.home, 'profile');
  const canaries = new Map<string, Buffer>([
    ['password', Buffer.from(admin.password)],
    ['TOTP secret in base32', Buffer.from(session.secret)],
    ['TOTP secret', Buffer.from(new ScureBase32Plugin().decode(session.secret))],
    ['event text', Buffer.from(canaryText)],
    ['user name', Buffer.from(`"${admin.username}"`)],
    ['table definition', Buffer.from('CREATE TABLE')],
    ['encryption key', Buffer.alloc(32, 3)],
    ...secrets.map((secret, index) => [`token ${index}`, Buffer.from(secret)] as const),
  ]);
  const running = filesOf(folder);
  expect(running).toEqual(expect.arrayContaining(['keys.json', 'logs/server.log', 'store.db', 'store.db-wal']));
  expect(foundIn(folder, running, canaries)).toEqual([]);
  const log = readFileSync(join(folder, 'logs/server.log'), 'utf8');
  expect(log).not.toMatch(/"event":"(internal error|https\.failed)"/);
  expect(node.stderr()).not.toMatch(/ghs_|ghp_|gh_[0-9A-Za-z]{12}_/);

  await node.kill('SIGTERM');
  expect(foundIn(folder, filesOf(folder), canaries)).toEqual([]);
  node = await startNode(profile);
  using again = clientOf(node, allKey);
  const kept = await again.call('events.list', { source: 'bad-input', limit: 500 });
  expect(kept.items.map(({ id }) => id)).toContain(storedEvent);
});

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

function foundIn(folder: string, files: readonly string[], canaries: ReadonlyMap<string, Buffer>): string[] {
  return files.flatMap((file) => {
    const bytes = readFileSync(join(folder, file));
    // The log's mirrors are there to be read: they name who did what, and hold nothing else of this.
    const named = /^logs\/(audit|activity)\.log$/.test(file) ? 'user name' : undefined;
    return [...canaries]
      .filter(([name, canary]) => name !== named && bytes.includes(canary))
      .map(([name]) => `${name} in ${file}`);
  });
}

import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request as send } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operationNames } from '../../../src-shared/contract/contract.ts';
import { openApiDocument } from '../../../src-shared/openapi.ts';
import { ask, authority, type Desk, openDesk } from './support.ts';

const html = '<!doctype html><title>Gatehouse</title>';
const script = `console.log("${'gatehouse '.repeat(200)}");`;
const page = { accept: 'text/html,application/xhtml+xml' };
let desk: Desk;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-pages-'));
  const root = join(folder, 'renderer');
  await mkdir(join(root, 'assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'outside');
  await writeFile(join(root, 'index.html'), html);
  await writeFile(join(root, 'assets/index-BxK3q9_z.js'), script);
  await writeFile(join(root, 'assets/inter-Ab12Cd34.woff2'), Buffer.from([1, 2, 3]));
  await writeFile(join(root, 'notes.md'), 'not for browsers');
  await symlink(join(folder, 'secret.txt'), join(root, 'link.txt'));
  desk = await openDesk({ staticRoot: root });
});
afterAll(async () => {
  await desk.server.close();
  await rm(folder, { recursive: true, force: true });
});

function bytesOf(path: string, headers: Record<string, string>): Promise<{ body: Buffer; coding: string | undefined }> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: desk.server.port,
      path,
      headers,
      ca: authority.cert,
      servername: 'localhost',
    };
    send({ ...options, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ body: Buffer.concat(chunks), coding: response.headers['content-encoding'] as string | undefined }),
      );
    })
      .on('error', reject)
      .end();
  });
}

describe('the console for browsers', () => {
  it.each(['/', '/index.html', '/?from=link'])('is given at %s, and never kept', async (path) => {
    const reply = await ask(desk, path, { headers: page });
    expect([reply.status, reply.text]).toEqual([200, html]);
    expect(reply.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(reply.headers['content-security-policy']).toContain("script-src 'self'");
  });

  it.each([{}, { accept: '*/*' }])('is given to a program that takes anything (%j)', async (headers) => {
    expect((await ask(desk, '/', { headers })).status).toBe(200);
    expect((await ask(desk, '/alerts', { headers })).status).toBe(404);
    expect((await ask(desk, '/', { headers: { accept: 'application/json' } })).status).toBe(404);
  });

  it.each(['/alerts', '/alerts/ALR-20928', '/..//evil.example'])('is where %s leads to', async (path) => {
    const reply = await ask(desk, path, { headers: page });
    expect([reply.status, reply.headers.location, reply.text]).toEqual([302, '/', '']);
  });

  it.each(['/api', '/api/', '/api/v1/unknown', '/api/v2'])(
    'is not given at %s, which is for programs',
    async (path) => {
      const reply = await ask(desk, path, { headers: page });
      expect([reply.status, reply.json.code]).toEqual([404, 'request/not-found']);
    },
  );

  it('is not given to what asks for something else', async () => {
    expect((await ask(desk, '/assets/missing.js', { headers: { accept: '*/*' } })).status).toBe(404);
    expect((await ask(desk, '/', { method: 'POST', headers: page })).status).toBe(404);
  });

  it('has assets that are kept for ever, compressed as the browser can read', async () => {
    const path = '/assets/index-BxK3q9_z.js';
    const plain = await ask(desk, path);
    expect(plain.text).toBe(script);
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(plain.headers.vary).toBe('Accept-Encoding');
    // That happens after the start; until then the file comes plain.
    await expect.poll(async () => (await bytesOf(path, { 'accept-encoding': 'br' })).coding).toBe('br');
    const brotli = await bytesOf(path, { 'accept-encoding': 'gzip, deflate, br' });
    expect([brotli.coding, brotliDecompressSync(brotli.body).toString()]).toEqual(['br', script]);
    const gzip = await bytesOf(path, { 'accept-encoding': 'gzip;q=0.5, br;q=0' });
    expect([gzip.coding, gunzipSync(gzip.body).toString()]).toEqual(['gzip', script]);
    const font = await bytesOf('/assets/inter-Ab12Cd34.woff2', { 'accept-encoding': 'br' });
    expect([font.coding, font.body]).toEqual([undefined, Buffer.from([1, 2, 3])]);
  });

  it('is not sent again to who has it', async () => {
    const path = '/assets/index-BxK3q9_z.js';
    const { etag } = (await ask(desk, path)).headers;
    const again = await ask(desk, path, { headers: { 'if-none-match': `"other", W/${etag}` } });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  it.each([
    '/notes.md',
    '/link.txt',
    '/assets/../../secret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/assets',
    '/assets/',
  ])('leads nowhere at %s', async (path) => {
    const reply = await ask(desk, path);
    expect(reply.status).toBe(404);
    expect(reply.text).not.toContain('outside');
  });

  it.each([{}, { staticRoot: '/nonexistent/renderer' }])('says how it is built where it is not', async (options) => {
    await using bare = await openDesk(options);
    const reply = await ask(bare, '/', { headers: page });
    expect([reply.status, reply.headers['content-type']]).toEqual([404, 'text/plain; charset=utf-8']);
    expect(reply.text).toContain('npm run build');
  });
});

describe("the API's own pages", () => {
  it('lists every operation without script or anything from elsewhere', async () => {
    const reply = await ask(desk, '/api/docs');
    expect(reply.headers['content-type']).toBe('text/html; charset=utf-8');
    for (const name of [...operationNames, 'console.stream']) expect(reply.text).toContain(`<article id="${name}">`);
    expect(reply.text).not.toMatch(/<script|style=|src=|href="(?:http|\/\/)/);
    expect((await ask(desk, '/api/docs.css')).headers['content-type']).toBe('text/css; charset=utf-8');
  });
});

describe('the OpenAPI document', () => {
  const document = openApiDocument({ version: '1.0.0', serverUrl: 'https://localhost:9443' });
  const paths = document.paths as Record<string, Record<string, Record<string, unknown>>>;

  it('names every operation with summary, permission, audit and refusals', () => {
    const described = Object.values(paths).flatMap((methods) => Object.values(methods));
    expect(described.map(({ operationId }) => operationId).sort()).toEqual(
      [...operationNames, 'console.stream'].sort(),
    );
    for (const operation of described) {
      expect(operation.summary).toBeTypeOf('string');
      expect(operation['x-permission']).toBeTypeOf('string');
      expect(operation['x-audit']).toBeTypeOf('string');
      expect(Object.keys(operation.responses as object)).toContain('429');
    }
  });

  it('only refers to what it holds', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(references.length).toBeGreaterThan(100);
    for (const reference of new Set(references)) {
      const found = reference
        .split('/')
        .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], document);
      expect(found, reference).toBeDefined();
    }
  });

  it('describes path, query and body where they stand', () => {
    const close = paths['/api/v1/admin/security/alerts/{id}/close']?.post as {
      parameters: { name: string; in: string }[];
      requestBody: { content: Record<string, { schema: { properties: object; required: string[] } }> };
    };
    expect(close.parameters.map(({ name, in: place }) => `${place} ${name}`)).toEqual([
      'path id',
      'header Idempotency-Key',
    ]);
    const { schema } = close.requestBody.content['application/json']!;
    expect([Object.keys(schema.properties), schema.required]).toEqual([
      ['verdict', 'note', 'reset_suppression'],
      ['verdict'],
    ]);
    const chunk = paths['/api/v1/events/imports/{id}/chunks/{offset}']?.put as { requestBody: { content: object } };
    expect(Object.keys(chunk.requestBody.content)).toEqual(['application/octet-stream']);
  });

  it('is the same each time', () => {
    expect(JSON.stringify(openApiDocument({ version: '1.0.0', serverUrl: 'https://localhost:9443' }))).toBe(
      JSON.stringify(document),
    );
  });
});

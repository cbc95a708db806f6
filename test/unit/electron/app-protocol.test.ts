// app://gatehouse/: what is served, with which headers, and that nothing else can be reached.
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { contentSecurityPolicy } from '../../../src-main/adapters/https/headers.ts';
import {
  appSchemePrivileges,
  createAppPages,
  isOwnUrl,
  readPageFiles,
} from '../../../src-main/shells/electron/app-protocol.ts';
import { temporaryFolder } from '../../support/stores.ts';

const folder = temporaryFolder();
const root = join(folder, 'renderer');
mkdirSync(join(root, 'assets'), { recursive: true });
writeFileSync(join(root, 'index.html'), '<!doctype html><title>page</title>');
writeFileSync(join(root, 'assets/app.js'), 'export {};');
writeFileSync(join(root, 'assets/inter.woff2'), new Uint8Array([1, 2, 3]));
writeFileSync(join(root, 'assets/notes.map'), 'source');
writeFileSync(join(folder, 'secret.txt'), 'secret');
symlinkSync(join(folder, 'secret.txt'), join(root, 'link.txt'));
const pages = createAppPages(readPageFiles(root));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const get = (url: string, method = 'GET'): Response => pages.answer({ method, url });

test('the scheme is standard and secure and has no other privilege', () => {
  expect(appSchemePrivileges).toEqual({
    scheme: 'app',
    privileges: { standard: true, secure: true, supportFetchAPI: true },
  });
});

test('every answer carries the policy of the HTTPS console and its headers, word for word', () => {
  for (const url of ['app://gatehouse/', 'app://gatehouse/nothing']) {
    const headers = Object.fromEntries(get(url).headers);
    expect(headers).toEqual({
      'content-security-policy': contentSecurityPolicy,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy':
        'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), payment=(), usb=()',
      'cache-control': 'no-store',
      'content-type': url.endsWith('/') ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8',
    });
  }
});

test.each([
  ['/', 'text/html; charset=utf-8'],
  ['/setup', 'text/html; charset=utf-8'],
  ['/index.html', 'text/html; charset=utf-8'],
  ['/?x=1#/queue', 'text/html; charset=utf-8'],
  ['/assets/app.js', 'text/javascript; charset=utf-8'],
  ['/assets/inter.woff2', 'font/woff2'],
])('serves %s as %s', async (path, type) => {
  const response = get(`app://gatehouse${path}`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
  expect((await response.bytes()).byteLength).toBeGreaterThan(0);
});

test.each([
  'app://gatehouse/../secret.txt',
  'app://gatehouse/assets/../../secret.txt',
  'app://gatehouse/%2e%2e/secret.txt',
  'app://gatehouse/..%2fsecret.txt',
  'app://gatehouse/..%5csecret.txt',
  'app://gatehouse/..\\secret.txt',
  'app://gatehouse//etc/passwd',
  'app://gatehouse/%2Fetc%2Fpasswd',
  'app://gatehouse/assets/',
  'app://gatehouse/assets',
  'app://gatehouse/assets/app.js%00.html',
  'app://gatehouse/assets/notes.map',
  'app://gatehouse/link.txt',
  'app://gatehouse/__proto__',
  'app://gatehouse/Index.html',
  'app://other/index.html',
  'app://gatehouse:1/index.html',
  'app://a@gatehouse/index.html',
  'file:///etc/passwd',
  'not an address',
])('finds nothing at %s', async (url) => {
  const response = get(url);
  expect(response.status).toBe(404);
  expect(await response.text()).toBe('There is nothing at this address.');
});

test('answers GET and HEAD alone', async () => {
  expect(get('app://gatehouse/', 'POST').status).toBe(405);
  const head = get('app://gatehouse/', 'HEAD');
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('an opened bundle is served until the next one is opened', async () => {
  const first = pages.offerBundle(new Uint8Array([65]));
  expect(await get(`app://gatehouse${first}`).text()).toBe('A');
  const second = pages.offerBundle(new Uint8Array([66]));
  expect(get(`app://gatehouse${first}`).status).toBe(404);
  const response = get(`app://gatehouse${second}`);
  expect(response.headers.get('content-type')).toBe('application/vnd.gatehouse.bundle+json');
  expect(await response.text()).toBe('B');
});

test('tells its own addresses from those that only look like them', () => {
  expect(isOwnUrl('app://gatehouse/#/queue')).toBe(true);
  for (const url of [
    'app:gatehouse',
    'app://GATEHOUSE.example/',
    'xapp://gatehouse/',
    'https://gatehouse/',
    'app://',
  ]) {
    expect([url, isOwnUrl(url)]).toEqual([url, false]);
  }
});

test('a page that was not built is said, not served empty', () => {
  expect(() => readPageFiles(join(root, 'assets'))).toThrow('npm run build');
});

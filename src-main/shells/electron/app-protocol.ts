// `app://gatehouse/`: the window's own protocol in place of `file://`. The built page is read once and served from memory; a request
// looks its path up in a map, so no request can reach the file system. A bundle that the user opened is served beside it.

import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import type { CustomScheme } from 'electron';
import { securityHeaders } from '../../adapters/https/headers.ts';
import { mediaTypes } from '../../adapters/https/static-files.ts';

export const appScheme = 'app';
const appHost = 'gatehouse';
export const appOrigin = `${appScheme}://${appHost}`;

/** `standard` gives it an origin (what 'self' means in the policy), `secure` makes it a secure context. Nothing else is granted. */
export const appSchemePrivileges: CustomScheme = {
  scheme: appScheme,
  privileges: { standard: true, secure: true, supportFetchAPI: true },
};

/** Is this an address of the window's own protocol? Parsed, never compared by prefix; Node gives such schemes no `origin`. */
export function isOwnUrl(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null &&
    url.protocol === `${appScheme}:` &&
    url.host === appHost &&
    url.username === '' &&
    url.password === ''
  );
}

const bundleType = 'application/vnd.gatehouse.bundle+json';

type PageFile = { readonly type: string; readonly bytes: Uint8Array<ArrayBuffer> };

/** By the path of the address. */
export type PageFiles = ReadonlyMap<string, PageFile>;

/** Reads every regular file under `root` whose type is known; links are left out. @throws Error when there is no index.html. */
export function readPageFiles(root: string): PageFiles {
  const files = new Map<string, PageFile>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const type = mediaTypes[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const file = join(entry.parentPath, entry.name);
    files.set(`/${relative(root, file).split(sep).join('/')}`, { type, bytes: new Uint8Array(readFileSync(file)) });
  }
  const index = files.get('/index.html');
  if (index === undefined) throw new Error(`the built page is missing in ${root}; run npm run build`);
  // The console keeps its place behind `#`; `/setup` is where the one-time set-up token is taken from the address.
  for (const path of ['/', '/setup']) files.set(path, index);
  return files;
}

export type AppPages = {
  /** What `protocol.handle` is given. */
  readonly answer: (request: Pick<Request, 'method' | 'url'>) => Response;
  /** Serves a bundle until the next one is opened. @returns its path. */
  offerBundle(bytes: Uint8Array<ArrayBuffer>): string;
};

export function createAppPages(files: PageFiles): AppPages {
  let opened: { readonly path: string; readonly bytes: Uint8Array<ArrayBuffer> } | undefined;
  let count = 0;

  function find(text: string): PageFile | undefined {
    if (!isOwnUrl(text)) return undefined;
    const { pathname } = new URL(text);
    if (opened?.path === pathname) return { type: bundleType, bytes: opened.bytes };
    return files.get(pathname);
  }

  return {
    answer({ method, url }) {
      if (method !== 'GET' && method !== 'HEAD') return refuse(405, 'Only GET is answered here.');
      const file = find(url);
      if (file === undefined) return refuse(404, 'There is nothing at this address.');
      return new Response(method === 'HEAD' ? null : file.bytes, { status: 200, headers: headersFor(file.type) });
    },
    offerBundle(bytes) {
      count += 1;
      opened = { path: `/opened/${count}.ghbundle`, bytes };
      return opened.path;
    },
  };
}

/** The same headers as over HTTPS, policy included, but for the one that is about HTTPS itself. */
function headersFor(type: string): Record<string, string> {
  const { 'strict-transport-security': _, ...headers } = securityHeaders({});
  return { ...headers, 'content-type': type, 'cache-control': 'no-store' };
}

function refuse(status: number, words: string): Response {
  return new Response(words, { status, headers: headersFor('text/plain; charset=utf-8') });
}

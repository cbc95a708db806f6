// The built console for browsers: read once at the start, kept in memory, compressed soon after. A request only looks a path up in a map,
// so no request can reach the file system.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** Media types of what a built page consists of, by the file's ending; other files are not served. */
export const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};
/** Formats that are compressed in themselves gain nothing. */
const compressible = new Set(['.html', '.js', '.css', '.json', '.svg', '.txt', '.wasm']);
/** Vite puts a hash of the content into the names of what it bundles. */
const hashed = /^\/assets\/.+-[\w-]{8,}\.\w+$/;

export type StaticFile = {
  readonly type: string;
  readonly etag: string;
  readonly cacheControl: string;
  readonly plain: Buffer;
  /** Made after the start; until then requests get it plain. */
  compressed?: { readonly gzip: Buffer; readonly brotli: Buffer };
};

/** By URL path. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

/** Reads every regular file under `root`; links and unknown types are left out. A missing folder gives an empty map. */
export async function readStaticFiles(root: string): Promise<StaticFiles> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  const files = new Map<string, StaticFile>();
  for (const entry of entries) {
    if (!entry.isFile() || mediaTypes[extname(entry.name)] === undefined) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(root, file).split(sep).join('/')}`;
    files.set(path, prepare(path, await readFile(file)));
  }
  return files;
}

function prepare(path: string, plain: Buffer): StaticFile {
  const extension = extname(path);
  return {
    type: mediaTypes[extension] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    cacheControl: hashed.test(path)
      ? 'public, max-age=31536000, immutable'
      : path.endsWith('.html')
        ? 'no-store'
        : 'no-cache',
    plain,
  };
}

/** Compresses the files one after the other, in libuv's pool. Takes most of a second, which no start should wait for. */
export async function compressFiles(files: StaticFiles): Promise<void> {
  for (const [path, file] of files) {
    if (!compressible.has(extname(path))) continue;
    const [zipped, brotli] = await Promise.all([
      promisify(gzip)(file.plain, { level: 9 }),
      promisify(brotliCompress)(file.plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
    ]);
    file.compressed = { gzip: zipped, brotli };
  }
}

export type StaticAnswer = {
  readonly status: 200 | 304;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
};

/** The file in the best coding that the request takes, or 304 where the caller has it already (RFC 9110 sections 12.5.3, 13.1.2). */
export function staticAnswer(file: StaticFile, request: IncomingHttpHeaders): StaticAnswer {
  const [coding, body] = chosen(file, String(request['accept-encoding'] ?? ''));
  const headers: Record<string, string> = {
    'content-type': file.type,
    'cache-control': file.cacheControl,
    etag: file.etag,
    vary: 'Accept-Encoding',
  };
  if (coding !== undefined) headers['content-encoding'] = coding;
  const known = request['if-none-match']?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === file.etag);
  return known ? { status: 304, headers, body: Buffer.alloc(0) } : { status: 200, headers, body };
}

function chosen(file: StaticFile, accepted: string): [string | undefined, Buffer] {
  const codings = new Set(
    accepted
      .split(',')
      .filter((part) => !/;\s*q=0(?:\.0*)?\s*$/.test(part))
      .map((part) => (part.split(';')[0] ?? '').trim().toLowerCase()),
  );
  const { compressed } = file;
  if (compressed !== undefined && codings.has('br')) return ['br', compressed.brotli];
  if (compressed !== undefined && codings.has('gzip')) return ['gzip', compressed.gzip];
  return [undefined, file.plain];
}

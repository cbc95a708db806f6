// From an operation's declaration and its input to the parts of an HTTP request. Pure; the renderer and the command line both use it.
import type { BodyForm, HttpMethod, Operation } from './contract/grammar.ts';

export type Route = {
  readonly method: HttpMethod;
  /** `{name}` segments are fields of the input. */
  readonly path: string;
  readonly body?: BodyForm | undefined;
};

export type RequestParts = {
  readonly method: HttpMethod;
  /** Path and query. */
  readonly target: string;
  readonly contentType: string | undefined;
  /** JSON text, or the raw bytes of the field `data`. */
  readonly body: string | Uint8Array | undefined;
};

/** How a body is read where the declaration doesn't say: GET and DELETE take none, all others one JSON object. */
export function bodyFormOf({ method, body }: Pick<Route, 'method' | 'body'>): BodyForm {
  return body ?? (method === 'GET' || method === 'DELETE' ? 'none' : 'json');
}

/**
 * Does it take an Idempotency-Key? A GET is done anew each time: nothing is made twice by it, and a secret that is read again must be
 * tracked again. SECURITY: what proves who somebody is carries passwords and codes; not even a digest of them may be kept.
 */
export function isRepeatable({ access, method, rate }: Operation): boolean {
  if (method === 'GET') return false;
  return access.kind === 'permission' || (access.kind === 'session' && rate !== 'login');
}

/** Writes a declared path's fields into it: `{id}` is one segment, `{name+}` the rest of the path, whose slashes stay. */
export function fillPath(path: string, textFor: (field: string) => string): string {
  return path.replace(/\{(\w+)(\+?)\}/g, (_, field: string, rest: string) => {
    const value = textFor(field);
    return rest === '' ? encodeURIComponent(value) : value.split('/').map(encodeURIComponent).join('/');
  });
}

/**
 * The request for an operation; `undefined` fields are left out.
 * @throws Error when a field of the path is missing or a value can't stand where the contract puts it: bugs, not refusals.
 */
export function requestFor(route: Route, input: Readonly<Record<string, unknown>>): RequestParts {
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
  const path = fillPath(route.path, (field) => {
    const value = rest.get(field);
    rest.delete(field);
    return textOf(field, value);
  });
  const form = bodyFormOf(route);
  if (form === 'bytes') {
    const data = rest.get('data');
    rest.delete('data');
    if (!(data instanceof Uint8Array)) throw new Error('data is not bytes');
    return { method: route.method, target: path + queryOf(rest), contentType: 'application/octet-stream', body: data };
  }
  if (form === 'none') {
    return { method: route.method, target: path + queryOf(rest), contentType: undefined, body: undefined };
  }
  const body = JSON.stringify(form === 'events' ? rest.get('events') : Object.fromEntries(rest));
  return { method: route.method, target: path, contentType: 'application/json', body };
}

function queryOf(fields: ReadonlyMap<string, unknown>): string {
  const pairs: string[] = [];
  for (const [field, value] of fields) {
    for (const each of Array.isArray(value) ? value : [value]) {
      pairs.push(`${encodeURIComponent(field)}=${encodeURIComponent(textOf(field, each))}`);
    }
  }
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function textOf(field: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${field} cannot be written in an address`);
}

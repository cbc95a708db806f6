// From an operation and its input to an HTTP request, and from an HTTP response to an output or a failure. Pure; nothing is sent.

import type { OperationName } from '../../src-shared/contract/contract.ts';
import type { HttpMethod } from '../../src-shared/contract/grammar.ts';
import { fillPath } from '../../src-shared/http-request.ts';
import type { ProblemBody } from '../../src-shared/problem.ts';
import { NetworkFailure, ProblemFailure } from './failures.ts';
import type { Route } from './route.ts';
import { routes } from './routes.ts';

export interface HttpRequest {
  readonly method: HttpMethod;
  /** Path and query, under the origin of the page. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer> | Blob;
}

/**
 * The request for an operation.
 * @param input the operation's input; `undefined` fields are left out.
 * @throws Error when a field of the path is missing or a value does not fit where the contract puts it: bugs, not refusals.
 */
export function buildRequest(name: OperationName, input: Readonly<Record<string, unknown>>): HttpRequest {
  const route: Route = routes[name];
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
  const path = fillPath(route.path, (field) => {
    const value = rest.get(field);
    rest.delete(field);
    return textOf(name, field, value);
  });
  const accept = route.answer === 'text' ? '*/*' : 'application/json, application/problem+json';
  if (route.body === 'bytes') {
    const data = rest.get('data');
    if (!isBinary(data)) throw new Error(`${name}: data is not bytes`);
    rest.delete('data');
    return {
      method: route.method,
      target: path + queryOf(name, rest),
      headers: { accept, 'content-type': 'application/octet-stream' },
      body: data,
    };
  }
  if (route.method === 'GET' || route.method === 'DELETE') {
    return { method: route.method, target: path + queryOf(name, rest), headers: { accept } };
  }
  return {
    method: route.method,
    target: path,
    headers: { accept, 'content-type': 'application/json' },
    body: JSON.stringify(route.body === 'events' ? rest.get('events') : Object.fromEntries(rest)),
  };
}

function queryOf(name: OperationName, fields: ReadonlyMap<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [field, value] of fields) {
    for (const each of Array.isArray(value) ? value : [value]) query.append(field, textOf(name, field, each));
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

function textOf(name: OperationName, field: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${name}: ${field} cannot be written in an address`);
}

function isBinary(value: unknown): value is Uint8Array<ArrayBuffer> | Blob {
  return value instanceof Blob || (value instanceof Uint8Array && value.buffer instanceof ArrayBuffer);
}

/**
 * The output that a response carries.
 * @throws ProblemFailure when it is a refusal, NetworkFailure when it is not an answer of the console.
 */
export async function readAnswer(name: OperationName, response: Response): Promise<unknown> {
  if (!response.ok) await readRefusal(response);
  const route: Route = routes[name];
  const text = await response.text();
  if (route.answer === 'text') return text;
  if (response.status === 204) return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new NetworkFailure('The answer was cut off or is not from Gatehouse. Try again.', { cause });
  }
}

/** Bytes that are handed to the browser at a time: it keeps a blob of many parts on the disk. */
const blobPart = 8 * 1024 * 1024;

/**
 * The document that a response carries.
 * @throws ProblemFailure when it is a refusal, NetworkFailure when it ends before its announced length.
 */
export async function readDocument(
  response: Response,
  onProgress: (done: number, total: number) => void,
): Promise<Blob> {
  if (!response.ok) await readRefusal(response);
  const total = Number(response.headers.get('content-length') ?? 0);
  const parts: Blob[] = [];
  let held: Uint8Array<ArrayBuffer>[] = [];
  let heldBytes = 0;
  let done = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const read = await reader?.read();
    if (read === undefined || read.done) break;
    held.push(read.value);
    heldBytes += read.value.length;
    done += read.value.length;
    onProgress(done, total);
    if (heldBytes < blobPart) continue;
    parts.push(new Blob(held));
    held = [];
    heldBytes = 0;
  }
  if (done < total) throw new NetworkFailure('The file broke off on its way. Try again.');
  return new Blob([...parts, ...held], { type: response.headers.get('content-type') ?? '' });
}

/** @throws always: ProblemFailure when the answer is a refusal of the console, NetworkFailure when it is not. */
export async function readRefusal(response: Response): Promise<never> {
  const problem = problemOf(await response.text());
  if (problem !== undefined) throw new ProblemFailure(problem);
  throw new NetworkFailure(`Something between this page and the console answered with status ${response.status}.`);
}

function problemOf(text: string): ProblemBody | undefined {
  try {
    return asProblem(JSON.parse(text));
  } catch {
    // Not JSON: a proxy's page, or nothing.
    return undefined;
  }
}

/** Only what has the members that the screen reads; a foreign body never becomes a refusal of ours. */
function asProblem(value: unknown): ProblemBody | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { code, detail, status } = value as Partial<ProblemBody>;
  if (typeof code !== 'string' || typeof detail !== 'string' || typeof status !== 'number') return undefined;
  return value as ProblemBody;
}

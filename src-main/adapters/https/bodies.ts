// Bodies of hostile origin become input: media type, size, strict UTF-8 and strict JSON, in the four forms of the contract's grammar.
import type { UnreadEvent } from '../../../src-shared/contract/events.ts';
import type { BodyForm } from '../../../src-shared/contract/grammar.ts';
import { ProblemError } from '../../../src-shared/contract/problems.ts';
import { FormatError } from '../../../src-shared/evidence/format-error.ts';
import { parseStrictJsonBytes } from '../../../src-shared/evidence/strict-json.ts';
import { arrayElements } from './json-array.ts';

const mebibyte = 1024 * 1024;
const largestBody = mebibyte;
const largestBatch = 16 * mebibyte;
const mostEvents = 10_000;
const maximumDepth = 32;
const newline = 0x0a;
/** Bytes of a line that could not be read, for whoever looks into it. */
const shownOfUnread = 8_192;
/** Bytes parsed before other work of the process gets its turn: a few milliseconds also where they are nothing but keys. */
const bytesAtOnce = 65_536;

const mediaTypes: Record<BodyForm, readonly string[]> = {
  none: [],
  json: ['application/json'],
  events: ['application/json', 'application/x-ndjson'],
  bytes: ['application/octet-stream'],
};

/** How many bytes are read at all before the connection is refused. */
export function largestBodyOf(form: BodyForm): number {
  return form === 'events' ? largestBatch : largestBody;
}

/** How many bytes of large bodies may be held at once, on all connections together. */
const mostHeld = 64 * mebibyte;
/**
 * A body up to this needs no room of the budget: the number of connections bounds them already. Otherwise a few connections that
 * announce much and send nothing would keep everybody from signing in.
 */
const alwaysHeld = 16 * 1024;

export type BodyBudget = {
  /** Takes room for a body until `release` is called once. @throws ProblemError limits/rate when there's none. */
  hold(bytes: number): () => void;
};

/** Bounds the memory that callers can claim before anybody knows who they are: connections × largest body would be gigabytes. */
export function createBodyBudget(total = mostHeld): BodyBudget {
  let held = 0;
  return {
    hold(bytes) {
      if (bytes <= alwaysHeld) return () => undefined;
      if (held + bytes > total) {
        throw new ProblemError('limits/rate', 'too many large requests at once. Try again in 1 second.', {
          retry_after_seconds: 1,
        });
      }
      held += bytes;
      return () => {
        held -= bytes;
      };
    },
  };
}

/**
 * The media type without its parameters, checked before any byte of the body is read.
 * @throws ProblemError request/media-type.
 */
export function requireMediaType(form: BodyForm, header: string | undefined, encoding: string | undefined): string {
  if (encoding !== undefined && encoding !== 'identity') {
    throw new ProblemError('request/media-type', 'send the body without a content encoding');
  }
  const match = /^([a-z0-9.+/-]+)(?: *; *charset="?utf-8"?)? *$/i.exec(header ?? '');
  const type = match?.[1]?.toLowerCase() ?? '';
  if (!mediaTypes[form].includes(type)) {
    throw new ProblemError('request/media-type', `send the body as ${mediaTypes[form].join(' or ')}`);
  }
  return type;
}

/**
 * The body's part of the input.
 * @throws ProblemError request/malformed with the position, or request/too-large.
 */
export async function readBody(form: BodyForm, mediaType: string, body: Uint8Array): Promise<Record<string, unknown>> {
  switch (form) {
    case 'none':
      throw new ProblemError('request/malformed', 'this operation takes no body');
    case 'bytes':
      return { data: body };
    case 'json': {
      const value = parse(body);
      if (!isObject(value)) throw new ProblemError('request/malformed', `expected a JSON object, got ${kindOf(value)}`);
      return value;
    }
    case 'events':
      return { events: mediaType === 'application/json' ? await eventsOfJson(body) : await eventsOfLines(body) };
  }
}

async function eventsOfJson(body: Uint8Array): Promise<unknown[]> {
  const elements = arrayElements(body);
  if (elements !== undefined) return eventsOfElements(elements);
  if (body.byteLength > largestBody) throw new ProblemError('request/too-large', 'one event may have at most 1 MiB');
  const value = parse(body);
  if (isObject(value)) return [value];
  throw new ProblemError('request/malformed', `expected an event or an array of events, got ${kindOf(value)}`);
}

/** What parsing the body whole would give, a little at a time. */
async function eventsOfElements(elements: Iterable<Uint8Array>): Promise<unknown[]> {
  const events: unknown[] = [];
  let taken = 0;
  const read = elements[Symbol.iterator]();
  for (;;) {
    const bytes = refused(`after event ${events.length}`, () => read.next().value as Uint8Array | undefined);
    if (bytes === undefined) return events;
    if (events.length === mostEvents) throw tooMany();
    events.push(eventOfElement(bytes, events.length));
    taken += bytes.byteLength;
    if (taken < bytesAtOnce) continue;
    taken = 0;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/**
 * JSON that is not taken (a name that stands twice, a number that a double can't hold, half a character) refuses its event alone; what
 * is no JSON at all refuses the batch, for nobody knows where the next event begins.
 */
function eventOfElement(bytes: Uint8Array, index: number): unknown {
  if (bytes.byteLength > largestBody) return 'longer than 1 MiB';
  try {
    // The array around it is a level of the body's.
    const value = parseStrictJsonBytes(bytes, { maximumDepth: maximumDepth - 1 });
    // SECURITY: an array must not get here as it is: it could pass for a line that was not read, with a reason of the sender's.
    return isObject(value) ? value : `expected an object, got ${kindOf(value)}`;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    if (isJson(bytes)) return [error.message, beginningOf(bytes)] satisfies UnreadEvent;
    throw new ProblemError('request/malformed', `event ${index}: ${error.message}`, { cause: error });
  }
}

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    return true;
  } catch {
    return false;
  }
}

function refused<T>(where: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new ProblemError('request/malformed', `${where}: ${error.message}`, { cause: error });
  }
}

/** A bad line becomes the reason why it's refused, with how it begins, among the events, so that the good ones are taken all the same. */
async function eventsOfLines(body: Uint8Array): Promise<unknown[]> {
  const events: unknown[] = [];
  let line = 0;
  let taken = 0;
  for (let start = 0; start < body.byteLength; ) {
    const found = body.indexOf(newline, start);
    const end = found < 0 ? body.byteLength : found;
    line++;
    const bytes = body.subarray(start, end);
    start = end + 1;
    if (isBlank(bytes)) continue;
    if (events.length === mostEvents) throw tooMany();
    events.push(eventOfLine(bytes, line));
    taken += bytes.byteLength;
    if (taken < bytesAtOnce) continue;
    taken = 0;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return events;
}

function eventOfLine(bytes: Uint8Array, line: number): unknown {
  const unread = (reason: string): UnreadEvent => [`line ${line}: ${reason}`, beginningOf(bytes)];
  if (bytes.byteLength > largestBody) return unread('longer than 1 MiB');
  try {
    const value = parseStrictJsonBytes(bytes, { maximumDepth });
    return isObject(value) ? value : unread(`expected an object, got ${kindOf(value)}`);
  } catch (error) {
    if (error instanceof FormatError) return unread(error.message);
    throw error;
  }
}

function beginningOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, shownOfUnread)).toString('utf8');
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

function parse(body: Uint8Array): unknown {
  try {
    return parseStrictJsonBytes(body, { maximumDepth });
  } catch (error) {
    if (error instanceof FormatError) throw new ProblemError('request/malformed', error.message, { cause: error });
    throw error;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

function tooMany(): ProblemError {
  return new ProblemError('request/too-large', `a batch may have at most ${mostEvents} events; send it in parts`);
}

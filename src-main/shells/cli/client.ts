// The command line's client of a running console: one call over HTTPS, against the console's own CA.
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { type } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { commandLineAgent } from '../../../src-shared/contract/access.ts';
import {
  type CallInput,
  declarationOf,
  type OperationName,
  type Output,
} from '../../../src-shared/contract/contract.ts';
import { requestFor } from '../../../src-shared/http-request.ts';
import type { ProblemBody } from '../../../src-shared/problem.ts';
import { connectionWords } from '../../base/connection-words.ts';
import { reasonOf } from '../../base/file-words.ts';
import { version } from '../project.ts';
import { CommandFailure } from './failure.ts';

export type Target = {
  readonly url: string;
  /** PEM text of the CA that signed the console's certificate; the system's CAs when undefined. */
  readonly ca: string | undefined;
  readonly token: string | undefined;
};

/** A refusal of the console. */
export class Refused extends CommandFailure {
  readonly problem: ProblemBody;

  constructor(problem: ProblemBody) {
    super(problem.detail, hintFor(problem));
    this.problem = problem;
  }
}

export type Client = Disposable & {
  /** @throws Refused, CommandFailure when the console can't be reached */
  call<N extends OperationName>(name: N, input: CallInput<N>): Promise<Output<N>>;
  /** A document part by part, and how long it is. @throws as `call`, and CommandFailure where it breaks off. */
  download(
    name: OperationName,
    input: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<{ size: number; parts: AsyncIterable<Uint8Array> }>;
};

/** Longest wait for a rate limit before giving up. */
const patienceMs = 120_000;

export function createClient(target: Target): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 2, ...(target.ca === undefined ? {} : { ca: target.ca }) });

  async function ask(
    name: OperationName,
    input: Readonly<Record<string, unknown>>,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> {
    const { method, target: path, contentType, body } = requestFor(declarationOf(name), input);
    const headers: Record<string, string> = {
      accept: 'application/json, application/problem+json, */*',
      'user-agent': `${commandLineAgent}/${version} (${type()})`,
    };
    if (contentType !== undefined) headers['content-type'] = contentType;
    if (body !== undefined) headers['content-length'] = String(Buffer.byteLength(body));
    if (target.token !== undefined) headers.authorization = `Bearer ${target.token}`;
    return new Promise((resolve, reject) => {
      const options = { method, headers, agent, ...(signal === undefined ? {} : { signal }) };
      const send = (again: boolean): void => {
        const sent = request(new URL(path, target.url), options, resolve);
        sent.on('error', (error: NodeJS.ErrnoException) => {
          // The console ends a connection that was idle; what meets that end was not read, and goes by a new one.
          if (again && sent.reusedSocket && error.code === 'ECONNRESET') send(false);
          else reject(error);
        });
        sent.end(body);
      };
      send(true);
    });
  }

  async function once(
    name: OperationName,
    input: Readonly<Record<string, unknown>>,
  ): Promise<{ status: number; text: string }> {
    const response = await ask(name, input);
    return { status: response.statusCode ?? 0, text: await textOf(response) };
  }

  return {
    async call(name, input) {
      const deadline = Date.now() + patienceMs;
      for (;;) {
        const { status, text } = await once(name, input as Record<string, unknown>).catch((cause: unknown) => {
          throw unreachable(target, cause);
        });
        if (status < 300) return parseOutput(name, text) as Output<typeof name>;
        const problem = parseProblem(status, text);
        const retryMs = (problem.retry_after_seconds ?? 0) * 1000;
        // A long import runs into the rate limit; waiting is what the answer asks for.
        if (problem.code !== 'limits/rate' || Date.now() + retryMs > deadline) throw new Refused(problem);
        await wait(retryMs);
      }
    },
    async download(name, input, signal) {
      const response = await ask(name, input, signal).catch((cause: unknown) => {
        throw unreachable(target, cause);
      });
      const status = response.statusCode ?? 0;
      if (status >= 300) throw new Refused(parseProblem(status, await textOf(response)));
      return { size: Number(response.headers['content-length'] ?? 0), parts: wholeOf(response) };
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

async function textOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

async function* wholeOf(response: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    for await (const part of response) yield part as Buffer;
  } catch (cause) {
    throw new CommandFailure('the console broke off while it sent the file', {
      cause,
      hint: 'its log says why; run the command again',
    });
  }
}

export function readCa(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CommandFailure(`cannot read the CA file ${path}: ${reasonOf(cause)}`, {
      cause,
      hint: 'GATEHOUSE_CA names the file ca.pem in the data folder',
    });
  }
}

function parseOutput(name: OperationName, text: string): unknown {
  return declarationOf(name).document === undefined ? JSON.parse(text === '' ? '{}' : text) : text;
}

function parseProblem(status: number, text: string): ProblemBody {
  try {
    const body = JSON.parse(text) as ProblemBody;
    if (typeof body.detail === 'string' && typeof body.code === 'string') return body;
  } catch {
    // Not ours: something else answers there.
  }
  throw new CommandFailure(`what answers there is not Gatehouse (status ${status})`, { hint: 'check GATEHOUSE_URL' });
}

function hintFor(problem: ProblemBody): { hint?: string } {
  switch (problem.code) {
    case 'access/unauthenticated':
      return { hint: 'set GATEHOUSE_API_KEY, or sign in with: gatehouse login' };
    case 'access/step-up':
      return { hint: 'sign in again with: gatehouse login' };
    case 'console/locked':
      return { hint: 'unlock it with: gatehouse unlock' };
    case 'access/forbidden':
      return { hint: 'use a key whose scopes hold that permission' };
    default:
      return {};
  }
}

function unreachable(target: Target, cause: unknown): CommandFailure {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ECONNREFUSED') {
    return new CommandFailure(`nothing answers at ${target.url}`, {
      cause,
      hint: 'start it with: npm start, or set GATEHOUSE_URL',
    });
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(code)) {
    return new CommandFailure(`the certificate at ${target.url} is not from the CA given`, {
      cause,
      hint: "set GATEHOUSE_CA to the console's ca.pem",
    });
  }
  const { words } = connectionWords(
    cause instanceof Error ? cause : new Error(String(cause)),
    new URL(target.url),
    "set GATEHOUSE_CA to the console's ca.pem",
  );
  return new CommandFailure(`cannot reach ${target.url}: ${words}`, {
    cause,
    hint: 'check that the console runs there, and GATEHOUSE_URL',
  });
}

// One route per operation of the contract: bytes become an arrival, dispatch's answer becomes bytes. Nothing is decided here that
// dispatch decides; what is refused here can't be made into an arrival at all.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { declarationOf, type OperationName, operationNames } from '../../../src-shared/contract/contract.ts';
import type { Operation } from '../../../src-shared/contract/grammar.ts';
import { ProblemError } from '../../../src-shared/contract/problems.ts';
import { bodyFormOf } from '../../../src-shared/http-request.ts';
import type { Arrival, Console, Origin } from '../../core/dispatch/arrival.ts';
import type { Answers } from './answers.ts';
import { type BodyBudget, largestBodyOf, readBody, requireMediaType } from './bodies.ts';
import { traceIdOf } from './caller.ts';
import { cookieOf, type Presented, presented, requireOwnPage } from './credentials.ts';
import { type Gate, ownOrigin } from './gate.ts';
import { planInput, readFields } from './input-fields.ts';

export type OperationParts = {
  readonly console: Console;
  readonly answers: Answers;
  readonly gate: Gate;
  readonly bodies: BodyBudget;
  originOf(request: FastifyRequest['raw']): Origin;
};

/** The path as the router writes it: `{id}` becomes `:id`; `{name+}`, the rest of the path, becomes `*`. */
export function routerPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1').replace(/\{\w+\+\}$/, '*');
}

export function registerOperations(app: FastifyInstance, parts: OperationParts): void {
  for (const name of operationNames) registerOperation(app, parts, name, declarationOf(name));
}

function registerOperation(
  app: FastifyInstance,
  parts: OperationParts,
  name: OperationName,
  operation: Operation,
): void {
  const { answers, gate } = parts;
  const cookie = cookieOf(operation);
  const form = bodyFormOf(operation);
  const plan = planInput(operation.input);
  const safe = operation.method === 'GET';
  const changes = !safe || operation.effect === 'write';
  const needsCredential = operation.access.kind !== 'open' && operation.access.kind !== 'pending';
  const url = routerPath(operation.path);
  const restField = /\{(\w+)\+\}$/.exec(operation.path)?.[1];

  if (safe) {
    const handler = attempt((request, reply) => respond(request, reply, letIn(request), fieldsOf(request)));
    app.route({ method: 'GET', url, exposeHeadRoute: true, handler });
    return;
  }
  app.route({
    method: operation.method,
    url,
    bodyLimit: largestBodyOf(form),
    onRequest: (request, reply, pass) => {
      try {
        if (mayBeRead(request, reply)) pass();
      } catch (error) {
        answers.refuse(request, reply, error);
      }
    },
    handler: attempt(async (request, reply) =>
      respond(request, reply, presented(request.headers, cookie), await read(request)),
    ),
  });

  function attempt(run: (request: FastifyRequest, reply: FastifyReply) => Promise<void>) {
    return (request: FastifyRequest, reply: FastifyReply): void => {
      try {
        run(request, reply).catch((error: unknown) => answers.refuse(request, reply, error));
      } catch (error) {
        answers.refuse(request, reply, error);
      }
    };
  }

  function letIn(request: FastifyRequest): Presented {
    const shown = presented(request.headers, cookie);
    requireOwnPage(request.headers, shown, ownOrigin(request), gate.corsOrigins, !safe);
    return shown;
  }

  /** Before the body: whether it's worth reading. Otherwise the request has been answered. */
  function mayBeRead(request: FastifyRequest, reply: FastifyReply): boolean {
    const shown = letIn(request);
    if (!hasBody(request)) return true;
    if (needsCredential && shown.credential.kind === 'none') {
      // Nobody gets megabytes read and parsed without showing a credential: dispatch says no at once.
      reply.header('connection', 'close');
      respond(request, reply, shown, {}).catch((error: unknown) => answers.refuse(request, reply, error));
      return false;
    }
    if (form !== 'none') requireMediaType(form, request.headers['content-type'], request.headers['content-encoding']);
    const announced = Number(request.headers['content-length'] ?? largestBodyOf(form));
    // A body over the limit isn't read, so it needs no room; what it gets is the router's 413.
    if (announced <= largestBodyOf(form)) reply.raw.once('close', parts.bodies.hold(announced));
    return true;
  }

  function pathFields({ '*': rest, ...named }: Record<string, string>): Record<string, string> {
    return restField === undefined || rest === undefined ? named : { ...named, [restField]: rest };
  }

  function fieldsOf(request: FastifyRequest): Record<string, unknown> {
    const target = request.raw.url ?? '';
    const mark = target.indexOf('?');
    const query = mark < 0 ? '' : target.slice(mark + 1);
    if (query !== '' && form !== 'none') {
      // What stands in a URL is kept in histories and proxies' logs; a changed record or a password doesn't belong there.
      throw new ProblemError('request/invalid', 'this operation takes its fields in the body, not in the query');
    }
    return readFields(plan, pathFields(request.params as Record<string, string>), query);
  }

  async function read(request: FastifyRequest): Promise<Record<string, unknown>> {
    const fields = fieldsOf(request);
    const body = request.body as Uint8Array | undefined;
    if (body === undefined || body.byteLength === 0) {
      return form === 'bytes' ? { ...fields, data: new Uint8Array(0) } : fields;
    }
    const mediaType = form === 'none' ? '' : requireMediaType(form, request.headers['content-type'], undefined);
    const given = await readBody(form, mediaType, body);
    for (const field of Object.keys(fields)) {
      if (!Object.hasOwn(given, field)) continue;
      const message = 'stands in the path already';
      throw new ProblemError('request/invalid', `${field} ${message}`, { fields: [{ path: field, message }] });
    }
    return { ...given, ...fields };
  }

  async function respond(
    request: FastifyRequest,
    reply: FastifyReply,
    shown: Presented,
    input: unknown,
  ): Promise<void> {
    const key = changes ? idempotencyKey(request) : undefined;
    const arrival: Arrival = {
      operation: name,
      via: 'https',
      origin: parts.originOf(request.raw),
      credential: shown.credential,
      input,
      ...(key === undefined ? {} : { idempotencyKey: key }),
      traceId: traceIdOf(request.headers),
    };
    answers.send(reply, name, operation, await parts.console.dispatch(arrival), shown.cookie);
  }
}

function hasBody(request: FastifyRequest): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

function idempotencyKey(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key)) {
    throw new ProblemError('request/invalid', 'Idempotency-Key must be 1 to 200 printable characters without spaces');
  }
  return key;
}

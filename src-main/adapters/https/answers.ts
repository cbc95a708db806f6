// Answers on the wire: success, document, refusal. Everything that leaves this server as a refusal is problem+json and passes here.
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OperationName } from '../../../src-shared/contract/contract.ts';
import type { Operation } from '../../../src-shared/contract/grammar.ts';
import { type ProblemCode, ProblemError, problemBody } from '../../../src-shared/contract/problems.ts';
import type { ProblemBody } from '../../../src-shared/problem.ts';
import { type Answer, type Origin, StreamedDocument } from '../../core/dispatch/arrival.ts';
import type { Clock, Log, RateState } from '../../core/ports.ts';
import { type CookiePurpose, forgottenCookie, grantedCookie } from './credentials.ts';
import { rateHeaders } from './headers.ts';

/**
 * Counts a request that was refused before dispatch saw it. Where it gives a rate state, that is shown in the answer, and once it
 * allows no more the answer is 429.
 */
export type CountRefusal = (
  reason: ProblemCode,
  origin: Origin,
) => RateState | undefined | Promise<RateState | undefined>;

export type Answers = {
  /** What dispatch answered. */
  send(reply: FastifyReply, name: OperationName, operation: Operation, answer: Answer, cookie?: CookiePurpose): void;
  problem(reply: FastifyReply, problem: ProblemBody, rate?: RateState): void;
  /** A refusal of this adapter's own, counted. Anything but a ProblemError is a bug: logged, answered as `internal`. */
  refuse(request: FastifyRequest, reply: FastifyReply, error: unknown): void;
  /** Last answers on their connections: from now on each says `Connection: close`. */
  stopping: boolean;
};

export type AnswerParts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly countRefusal: CountRefusal | undefined;
  originOf(request: FastifyRequest['raw']): Origin;
};

export function createAnswers(parts: AnswerParts): Answers {
  const answers: Answers = { stopping: false, send, problem, refuse };
  return answers;

  function send(
    reply: FastifyReply,
    name: OperationName,
    operation: Operation,
    answer: Answer,
    cookie: CookiePurpose | undefined,
  ): void {
    if (answer.kind === 'problem') {
      // The cookie's session is over or unknown: the browser shouldn't go on showing it.
      if (answer.problem.code === 'access/unauthenticated' && cookie !== undefined) {
        reply.header('set-cookie', forgottenCookie(cookie));
      }
      problem(reply, answer.problem, answer.rate);
      return;
    }
    prepare(reply, answer.rate);
    if (answer.ended && cookie !== undefined) reply.header('set-cookie', forgottenCookie(cookie));
    if (answer.granted !== undefined) reply.header('set-cookie', grantedCookie(answer.granted, parts.clock.now()));
    reply.code(answer.status);
    if (answer.status === 204) {
      reply.send();
    } else if (operation.document !== undefined) {
      const { type, extension } = operation.document;
      const stamp = new Date(parts.clock.now()).toISOString().replaceAll(/[-:]|\.\d+/g, '');
      reply.header(
        'content-disposition',
        `attachment; filename="gatehouse-${name.replace('.', '-')}-${stamp}.${extension}"`,
      );
      reply.type(type);
      if (answer.output instanceof StreamedDocument) sendParts(reply, answer.output);
      else reply.send(String(answer.output));
    } else {
      reply.type('application/json; charset=utf-8').send(answer.json ?? JSON.stringify(answer.output));
    }
  }

  /** As fast as the caller takes it. What breaks off ends the connection: the file is then shorter than was announced. */
  function sendParts(reply: FastifyReply, { size, parts: made }: StreamedDocument): void {
    reply.header('content-length', size);
    const stream = Readable.from(reply.request.method === 'HEAD' ? [] : made, { objectMode: false });
    stream.once('error', (error) => {
      if (!reply.raw.destroyed) parts.log.warn('a document broke off', { error: String(error) });
    });
    reply.send(stream);
  }

  function problem(reply: FastifyReply, body: ProblemBody, rate?: RateState): void {
    prepare(reply, rate);
    if (body.status === 401) reply.header('www-authenticate', 'Bearer realm="gatehouse"');
    if (body.retry_after_seconds !== undefined) reply.header('retry-after', String(body.retry_after_seconds));
    reply.code(body.status).type('application/problem+json').send(JSON.stringify(body));
  }

  function prepare(reply: FastifyReply, rate: RateState | undefined): void {
    if (rate !== undefined) reply.headers(rateHeaders(rate, parts.clock.now()));
    reply.header('cache-control', 'no-store');
    if (answers.stopping) reply.header('connection', 'close');
  }

  function refuse(request: FastifyRequest, reply: FastifyReply, error: unknown): void {
    countAndRefuse(request, reply, error).catch((cause: unknown) => {
      // Not even the refusal could be made: nothing is left to say on this connection.
      unexpected(cause);
      request.raw.destroy();
    });
  }

  async function countAndRefuse(request: FastifyRequest, reply: FastifyReply, error: unknown): Promise<void> {
    const refusal = error instanceof ProblemError ? error : unexpected(error);
    // Whatever of the body wasn't read would be taken for the next request, or be waited for: the connection ends here.
    if (!request.raw.complete) reply.header('connection', 'close');
    const rate = await parts.countRefusal?.(refusal.code, parts.originOf(request.raw));
    if (rate === undefined || rate.allowed) {
      problem(reply, problemBody(refusal), rate);
      return;
    }
    const seconds = Math.max(1, Math.ceil(rate.retryAfterMs / 1000));
    const limited = new ProblemError('limits/rate', `Rate limit exceeded. Try again in ${seconds} seconds.`, {
      retry_after_seconds: seconds,
    });
    problem(reply, problemBody(limited), rate);
  }

  function unexpected(error: unknown): ProblemError {
    const incident = randomUUID();
    parts.log.error('https.failed', {
      incident_id: incident,
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    return new ProblemError('internal', `something went wrong inside Gatehouse; its log has incident ${incident}`, {
      incident_id: incident,
    });
  }
}

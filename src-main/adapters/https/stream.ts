// The live stream as server-sent events (HTML Living Standard section 9.2). The core decides who may listen and what is announced;
// here announcements become lines, silence becomes heartbeats, and a reader that doesn't read is reported as too slow.

import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { stream, streamAccess } from '../../../src-shared/contract/console.ts';
import { type ProblemCode, ProblemError } from '../../../src-shared/contract/problems.ts';
import type { Announcement, Console, Origin } from '../../core/dispatch/arrival.ts';
import type { Answers } from './answers.ts';
import { cookieOf, presented, requireOwnPage } from './credentials.ts';
import { type Gate, ownOrigin } from './gate.ts';

/** What may wait for a reader before it's cut off. */
const mostWaitingBytes = 256 * 1024;
const retryMs = 3000;
const cookie = cookieOf({ access: streamAccess, method: 'GET', path: stream.path });

export type StreamParts = {
  readonly console: Console;
  readonly answers: Answers;
  readonly gate: Gate;
  readonly heartbeatMs: number;
  originOf(request: FastifyRequest['raw']): Origin;
};

export type Streams = {
  /** Ends every stream; browsers come back by themselves. */
  endAll(): void;
};

export function registerStream(app: FastifyInstance, parts: StreamParts): Streams {
  const { answers } = parts;
  const open = new Set<ServerResponse>();

  app.route({
    method: 'GET',
    url: stream.path,
    exposeHeadRoute: false,
    handler: (request, reply) => {
      try {
        listen(request, reply);
      } catch (error) {
        answers.refuse(request, reply, error);
      }
    },
  });

  function listen(request: FastifyRequest, reply: FastifyReply): void {
    if (request.raw.url?.includes('?') === true) {
      throw new ProblemError('request/invalid', 'the stream takes no query: it carries every topic that you may read');
    }
    const shown = presented(request.headers, cookie);
    requireOwnPage(request.headers, shown, ownOrigin(request), parts.gate.corsOrigins, false);
    const response = reply.raw;
    // What the core says while it opens waits here until the head of the answer is written.
    const early: (() => void)[] = [];
    let state: 'opening' | 'open' | 'closed' = 'opening';
    const opening = parts.console.openStream({
      credential: shown.credential,
      origin: parts.originOf(request.raw),
      lastEventId: lastEventId(request),
      deliver: (announcement) => {
        if (state === 'open') return write(response, eventText(announcement));
        if (state === 'opening') early.push(() => write(response, eventText(announcement)));
        return state === 'opening';
      },
      ended: (reason) => {
        if (state === 'open') end(response, reason);
        else if (state === 'opening') early.push(() => end(response, reason));
      },
    });
    if (opening.kind === 'problem') {
      const { code, detail, retry_after_seconds } = opening.problem;
      // Counted like every refusal before dispatch: tokens can't be tried here without limit.
      const extras = retry_after_seconds === undefined ? {} : { retry_after_seconds };
      answers.refuse(request, reply, new ProblemError(code as ProblemCode, detail, extras));
      return;
    }
    reply.hijack();
    response.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    response.write(`retry: ${retryMs}\n\n`);
    state = 'open';
    open.add(response);
    const heartbeat = setInterval(() => {
      // A reader that doesn't even take heartbeats is gone.
      if (!write(response, ': still here\n\n')) response.destroy();
    }, parts.heartbeatMs);
    response.once('close', () => {
      state = 'closed';
      clearInterval(heartbeat);
      open.delete(response);
      opening.close();
    });
    for (const say of early) say();
  }

  return {
    endAll() {
      for (const response of open) end(response, 'the console is stopping');
    },
  };
}

/** Answers whether the reader keeps up. */
function write(response: ServerResponse, text: string): boolean {
  if (response.destroyed || response.writableEnded) return false;
  response.write(text);
  return response.writableLength <= mostWaitingBytes;
}

function eventText({ id, topic, workspace, ref, revision }: Announcement): string {
  return `id: ${id}\nevent: ${topic}\ndata: ${JSON.stringify({ topic, workspace, ref, revision })}\n\n`;
}

function end(response: ServerResponse, reason: string): void {
  if (response.destroyed || response.writableEnded) return;
  // A slow reader would keep what is waiting for it in memory for as long as it likes.
  if (response.writableLength > mostWaitingBytes) response.destroy();
  else response.end(`event: ended\ndata: ${JSON.stringify({ reason })}\n\n`);
}

function lastEventId(request: FastifyRequest): number | undefined {
  const given = request.headers['last-event-id'];
  // Browsers send it empty where no event had an id.
  if (given === undefined || given === '') return undefined;
  if (typeof given === 'string' && /^\d{1,15}$/.test(given)) return Number(given);
  throw new ProblemError(
    'request/malformed',
    'Last-Event-ID must be the id of an event of this stream, a whole number',
  );
}

// The first look at every request, before any byte of its body is read: an address and a host that are ours, allowed
// origin, console not stopping.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemError } from '../../../src-shared/contract/problems.ts';
import type { Answers } from './answers.ts';

const slash = 0x2f;

export type Gate = {
  /** Values of Host that are ours; known once the port is. */
  hosts: ReadonlySet<string>;
  readonly corsOrigins: ReadonlySet<string>;
  readonly headers: Readonly<Record<string, string>>;
};

/** Whether the request may go on; otherwise it has been answered. */
export function guard(gate: Gate, answers: Answers, request: FastifyRequest, reply: FastifyReply): boolean {
  reply.headers(gate.headers);
  if (request.raw.url?.charCodeAt(0) !== slash) {
    answers.refuse(request, reply, new ProblemError('request/malformed', 'the address must begin with a slash'));
    return false;
  }
  // RFC 9112 section 3.2: which of two is meant, the next on the way may read otherwise.
  if (request.raw.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length > 1) {
    answers.refuse(request, reply, new ProblemError('request/malformed', 'Host must be given once'));
    return false;
  }
  // SECURITY: DNS rebinding brings a page of another site to this address, but under that site's name (spec 02).
  if (!gate.hosts.has((request.headers.host ?? '').toLowerCase())) {
    answers.refuse(
      request,
      reply,
      new ProblemError(
        'request/host',
        'this console does not answer to that host name; use its own, or add it to host_names',
      ),
    );
    return false;
  }
  if (answers.stopping) {
    answers.refuse(request, reply, new ProblemError('console/stopping', 'the console is stopping; try again later'));
    return false;
  }
  const { origin } = request.headers;
  if (gate.corsOrigins.size > 0) reply.header('vary', 'Origin');
  if (origin !== undefined && gate.corsOrigins.has(origin)) {
    // Never with Allow-Credentials: a listed origin calls with a key of its own, not with the cookie of whoever looks at it.
    reply.header('access-control-allow-origin', origin);
    reply.header('cross-origin-resource-policy', 'cross-origin');
    reply.header(
      'access-control-expose-headers',
      'Retry-After, RateLimit, RateLimit-Policy, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset',
    );
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
      reply.header('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE');
      reply.header(
        'access-control-allow-headers',
        'Authorization, Content-Type, Idempotency-Key, X-API-Key, traceparent',
      );
      reply.header('access-control-max-age', '600');
      reply.code(204).send();
      return false;
    }
  }
  return true;
}

/** A target in absolute form, as programs behind a proxy may send it (RFC 9112 section 3.2.2), as one in origin form where it is ours. */
export function originForm(target: string, hosts: ReadonlySet<string>): string {
  const [, host, rest] = /^https:\/\/([^/?#]+)(.*)$/i.exec(target) ?? [];
  if (host === undefined || rest === undefined || !hosts.has(host.toLowerCase())) return target;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** The origin of this console's own pages, by the host name that the request used and that has been checked. */
export function ownOrigin(request: FastifyRequest): string {
  return `https://${(request.headers.host ?? '').toLowerCase()}`;
}

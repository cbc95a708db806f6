// What a browser gets: the built console, the API's documentation, and the last word on addresses that nothing answers.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { stream } from '../../../src-shared/contract/console.ts';
import { declarationOf, operationNames } from '../../../src-shared/contract/contract.ts';
import { ProblemError } from '../../../src-shared/contract/problems.ts';
import { openApiDocument } from '../../../src-shared/openapi.ts';
import type { Answers } from './answers.ts';
import { docsPage, docsStyle } from './docs-page.ts';
import { type StaticFile, type StaticFiles, staticAnswer } from './static-files.ts';

const notBuilt = `Gatehouse is running, but the pages of its console have not been built.
Run "npm run build" in its folder, then start it again. The API answers already: see /api/docs.
`;

/** The methods of every path of the contract, for addresses that exist but don't answer the method. */
const knownPaths = [
  ...operationNames
    .map((name) => declarationOf(name))
    .map(({ path, method }) => ({ pattern: patternOf(path), method })),
  { pattern: patternOf(stream.path), method: 'GET' },
];

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}

export function registerDocs(app: FastifyInstance, version: string, url: () => string): void {
  let page: string | undefined;
  app.get('/api/docs', { exposeHeadRoute: true }, (_request, reply) => {
    page ??= docsPage(openApiDocument({ version, serverUrl: url() }));
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(page);
  });
  app.get('/api/docs.css', { exposeHeadRoute: true }, (_request, reply) => {
    reply.type('text/css; charset=utf-8').header('cache-control', 'no-cache').send(docsStyle);
  });
}

/** Answers a request that no route takes. */
export function answerElsewhere(
  request: FastifyRequest,
  reply: FastifyReply,
  answers: Answers,
  files: StaticFiles,
): void {
  const path = (request.raw.url ?? '').split('?')[0] ?? '';
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const file = reads ? files.get(path) : undefined;
  if (file !== undefined) {
    sendFile(request, reply, file);
    return;
  }
  const allowed = knownPaths.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
  if (allowed.length > 0) {
    reply.header(
      'allow',
      [...new Set(allowed.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))].join(', '),
    );
    answers.refuse(request, reply, new ProblemError('request/method', `${path} does not answer ${request.method}`));
    return;
  }
  // The console keeps its place behind `#`, so it has one address. Whatever is below /api is for programs, which get no page.
  const accepted = request.headers.accept ?? '*/*';
  const isPage = accepted.includes('text/html') || (path === '/' && accepted.includes('*/*'));
  if (reads && !/^\/api(?:\/|$)/.test(path) && isPage) {
    reply.header('cache-control', 'no-store');
    const index = files.get('/index.html');
    if (index === undefined) reply.code(404).type('text/plain; charset=utf-8').send(notBuilt);
    else if (path === '/') sendFile(request, reply, index);
    else reply.redirect('/', 302);
    return;
  }
  answers.refuse(request, reply, new ProblemError('request/not-found', 'there is nothing at this address'));
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: StaticFile): void {
  const { status, headers, body } = staticAnswer(file, request.headers);
  reply.code(status).headers(headers).send(body);
}

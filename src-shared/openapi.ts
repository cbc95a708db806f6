// The OpenAPI 3.1 document, derived from the contract. Nothing is described here by hand but what the contract can't say: how to
// authenticate, the headers of every answer, and the event stream.
import { z } from 'zod';
import { stream, topics } from './contract/console.ts';
import { declarationOf, type OperationName, operationNames } from './contract/contract.ts';
import { sentEvent, sentLine, sentRecord } from './contract/events.ts';
import type { Operation } from './contract/grammar.ts';
import { problems } from './contract/problems.ts';
import { bodyFormOf, isRepeatable } from './http-request.ts';
import { problemResponses, problemSchema, refusals } from './openapi-refusals.ts';

type Json = Record<string, unknown>;

export type OpenApiOptions = { readonly version: string; readonly serverUrl: string };

const tags: Readonly<Record<string, string>> = {
  setup: 'Setting up a new console',
  auth: 'Signing in and out, second factor, lock',
  sessions: 'Who is signed in',
  keys: 'API keys of tools',
  events: 'Sending and searching events',
  imports: 'Importing log files in chunks',
  alerts: 'Alerts and their triage',
  detections: 'Detectors',
  audit: 'The audit log and its evidence',
  console: 'The console itself',
};

/**
 * The document, in the contract's order, the same for the same contract and options.
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function openApiDocument(options: OpenApiOptions): Json {
  const paths: Record<string, Json> = {};
  for (const name of operationNames) {
    const operation = declarationOf(name);
    // OpenAPI has no form for the rest of a path; its slashes may be sent as they are or as %2F.
    const path = operation.path.replace('+}', '}');
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(name, operation) };
  }
  paths[stream.path] = { get: describeStream() };
  const used = new Set(operationNames.map(tagOf));
  return {
    openapi: '3.1.1',
    info: {
      title: 'Gatehouse',
      version: options.version,
      summary: 'Local HTTPS API of the Gatehouse security console',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: options.serverUrl }],
    tags: [...used].map((name) => ({ name, ...(tags[name] === undefined ? {} : { description: tags[name] }) })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: "A session's token or an API key" },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-gatehouse',
          description:
            'Browser console only. Changes also need the header X-CSRF-Token with csrf_token of auth.session.',
        },
        setup: { type: 'apiKey', in: 'cookie', name: '__Host-gatehouse-setup', description: 'The claim of the set-up' },
      },
      headers: rateLimitHeaders,
      schemas: { Problem: problemSchema() },
      responses: problemResponses(),
    },
    'x-problems': Object.entries(problems).map(([code, row]) => ({ code, ...row })),
  };
}

function describe(name: OperationName, operation: Operation): Json {
  const input = schemaOf(operation.input, 'input');
  const properties = (input.properties ?? {}) as Record<string, Json>;
  const inPath = [...operation.path.matchAll(/\{(\w+)\+?\}/g)].map((match) => match[1] ?? '');
  const body = requestBody(operation, input, inPath);
  const parameters = Object.entries(properties)
    .filter(([field]) => inPath.includes(field) || (body === undefined && operation.body !== 'bytes'))
    .map(([field, schema]) => parameter(field, schema, inPath.includes(field), (input.required ?? []) as string[]));
  if (isRepeatable(operation)) parameters.push(operation.reveals === true ? idempotencyKeyOfSecret : idempotencyKey);
  return {
    operationId: name,
    summary: operation.summary,
    tags: [tagOf(name)],
    security: securityOf(operation),
    'x-permission': operation.access.kind === 'permission' ? operation.access.permission : operation.access.kind,
    'x-audit': typeof operation.audit === 'string' ? operation.audit : `none: ${operation.audit.none}`,
    'x-rate-class': operation.rate,
    ...(operation.reveals ? { 'x-reveals-secret': true } : {}),
    ...(operation.stepUp ? { 'x-step-up': true } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: {
      [String(operation.success ?? 200)]: success(operation),
      ...refusals(tagOf(name), operation, Object.keys(properties).length > 0),
    },
  };
}

function parameter(name: string, { description, ...schema }: Json, inPath: boolean, required: readonly string[]): Json {
  return {
    name,
    in: inPath ? 'path' : 'query',
    ...(inPath || required.includes(name) ? { required: true } : {}),
    ...(description === undefined ? {} : { description }),
    schema,
    // Several values are written with commas.
    ...(schema.type === 'array' ? { style: 'form', explode: false } : {}),
  };
}

const idempotencyKey: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'The same key with the same body gives the first answer again instead of a second change',
  schema: { type: 'string', minLength: 1, maxLength: 200 },
};
const idempotencyKeyOfSecret: Json = {
  ...idempotencyKey,
  description:
    'The same key with the same body gives the first answer again instead of a second change, until the console is started anew; then it is refused (409), for the answer is stored nowhere',
};

function requestBody(operation: Operation, input: Json, inPath: readonly string[]): Json | undefined {
  switch (bodyFormOf(operation)) {
    case 'none':
      return undefined;
    case 'bytes':
      return {
        required: true,
        content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
      };
    case 'events': {
      const event = { anyOf: [sentEvent, sentRecord, sentLine].map((form) => schemaOf(form, 'input')) };
      return {
        required: true,
        content: {
          'application/json': {
            schema: { oneOf: [event, { type: 'array', items: event, minItems: 1, maxItems: 10_000 }] },
          },
          'application/x-ndjson': { schema: { type: 'string', description: 'one event a line' } },
        },
      };
    }
    case 'json': {
      const kept = Object.entries((input.properties ?? {}) as Json).filter(([field]) => !inPath.includes(field));
      const required = ((input.required ?? []) as string[]).filter((field) => !inPath.includes(field));
      if (kept.length === 0) return undefined;
      const schema = { ...input, properties: Object.fromEntries(kept), required };
      return { ...(required.length > 0 ? { required: true } : {}), content: { 'application/json': { schema } } };
    }
  }
}

function success(operation: Operation): Json {
  const described = { description: operation.reveals ? 'Done; holds a secret that is shown once' : 'Done' };
  const headers = Object.fromEntries(
    Object.keys(rateLimitHeaders).map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  );
  if (operation.success === 204) return { ...described, headers };
  if (operation.document !== undefined) {
    return { ...described, headers, content: { [operation.document.type]: { schema: { type: 'string' } } } };
  }
  return { ...described, headers, content: { 'application/json': { schema: schemaOf(operation.output, 'output') } } };
}

const rateLimitHeaders: Json = {
  'X-RateLimit-Limit': { schema: { type: 'integer' }, description: 'requests that a full bucket allows' },
  'X-RateLimit-Remaining': { schema: { type: 'integer' }, description: 'requests left now' },
  'X-RateLimit-Reset': { schema: { type: 'integer' }, description: 'when the bucket is full again, in epoch seconds' },
  RateLimit: { schema: { type: 'string' }, description: 'draft-ietf-httpapi-ratelimit-headers' },
  'RateLimit-Policy': { schema: { type: 'string' }, description: 'draft-ietf-httpapi-ratelimit-headers' },
};

function describeStream(): Json {
  return {
    operationId: 'console.stream',
    summary: stream.summary,
    tags: ['console'],
    security: [{ bearer: [] }, { apiKey: [] }, { session: [] }],
    'x-permission': 'session',
    'x-audit': 'none: announcements hold no content',
    parameters: [{ name: 'Last-Event-ID', in: 'header', schema: { type: 'integer', minimum: 0 } }],
    responses: {
      '200': {
        description: `Events named after their topic: ${Object.keys(topics).join(', ')}; \`ended\` before the console ends the stream`,
        content: { 'text/event-stream': { schema: { type: 'string' } } },
      },
      ...Object.fromEntries(
        [400, 401, 403, 421, 422, 429, 503].map((status) => [
          status,
          { $ref: `#/components/responses/Problem${status}` },
        ]),
      ),
    },
  };
}

function securityOf(operation: Operation): Json[] {
  switch (operation.access.kind) {
    case 'open':
      return [];
    case 'setup':
      return [{ bearer: [] }, { setup: [] }];
    case 'pending':
      // The temporary token may stand in the body instead.
      return [{ bearer: [] }, {}];
    default:
      return [{ bearer: [] }, { apiKey: [] }, { session: [] }];
  }
}

function tagOf(name: OperationName): string {
  return name.split('.')[0] ?? name;
}

/** JSON Schema 2020-12, which OpenAPI 3.1 takes as it is. What has no JSON form (bytes) is described by the body's media type. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // Bounds that only say "exact in a double" would drown those that mean something.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      // So would the patterns by which zod checks a well-known format.
      if (jsonSchema.format === 'uuid' || jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    },
  });
  // Also drops what zod hangs on beside the schema itself.
  return JSON.parse(JSON.stringify(json)) as Json;
}

// Each operation of the contract as a request, read back by the server's own code: what goes in must come out.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readBody } from '../../../src-main/adapters/https/bodies.ts';
import { planInput, readFields } from '../../../src-main/adapters/https/input-fields.ts';
import { NetworkFailure, ProblemFailure } from '../../../src-renderer/api/failures.ts';
import { buildRequest, readAnswer } from '../../../src-renderer/api/https-request.ts';
import { declarationOf, type OperationName, operationNames } from '../../../src-shared/contract/contract.ts';
import { bodyFormOf } from '../../../src-shared/http-request.ts';

type JsonSchema = {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
};

// What an address can carry: anything but control characters, 200 at most, and no comma, which separates the items of a list.
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((each) => !each.includes(','));

function valueFor(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(valueFor));
  switch (schema.type) {
    case 'string':
      return text;
    case 'integer':
    case 'number':
      return fc.integer({ min: 0, max: 1_000_000 });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valueFor(schema.items ?? {}), { minLength: 1, maxLength: 4 });
    case 'object':
      return fc.record(
        Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, each]) => [name, valueFor(each)])),
        { requiredKeys: schema.required ?? [] },
      );
    default:
      return fc.jsonValue({ maxDepth: 1 });
  }
}

function inputFor(name: OperationName): fc.Arbitrary<Record<string, unknown>> {
  const declared = declarationOf(name);
  if (bodyFormOf(declared) === 'bytes') {
    const named = declared.path.includes('{name}') ? { name: text } : {};
    return fc.record({
      id: fc.uuid(),
      ...named,
      offset: fc.nat(),
      data: fc.uint8Array({ minLength: 1, maxLength: 20 }),
    });
  }
  if (bodyFormOf(declared) === 'events') {
    return fc.record({ events: fc.array(fc.record({ message: fc.string() }), { minLength: 2, maxLength: 3 }) });
  }
  const schema = z.toJSONSchema(declared.input, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const input = valueFor(schema) as fc.Arbitrary<Record<string, unknown>>;
  const rest = /\{(\w+)\+\}/.exec(declared.path)?.[1];
  if (rest === undefined) return input;
  // The rest of a path keeps its slashes, so its fields are paths: no empty and no dot segment (the contract refuses those).
  const path = fc.array(fc.stringMatching(/^[\w.-]{0,8}\w$/), { minLength: 1, maxLength: 4 });
  return fc.tuple(input, path).map(([given, segments]) => ({ ...given, [rest]: segments.join('/') }));
}

/** The path's fields, as a router would find them. */
function parametersOf(pattern: string, path: string): Record<string, string> {
  const names = [...pattern.matchAll(/\{(\w+)\+?\}/g)].map((match) => match[1]!);
  const segments = pattern.replace(/\{\w+\+\}/g, '(.+)').replace(/\{\w+\}/g, '([^/]+)');
  const found = new RegExp(`^${segments}$`).exec(path);
  expect(found, `${path} fits ${pattern}`).not.toBeNull();
  return Object.fromEntries(names.map((name, position) => [name, decodeURIComponent(found![position + 1]!)]));
}

describe('requests', () => {
  test.each(operationNames)('%s reaches the server with the fields it was given', async (name) => {
    const declared = declarationOf(name);
    const plan = planInput(declared.input);
    await fc.assert(
      fc.asyncProperty(inputFor(name), async (input) => {
        const request = buildRequest(name, input);
        expect(request.method).toBe(declared.method);
        const url = new URL(request.target, 'https://localhost');
        const fields = readFields(plan, parametersOf(declared.path, url.pathname), url.search.slice(1));
        const body = request.body;
        if (body === undefined) {
          expect(fields).toEqual(input);
          return;
        }
        const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : (body as Uint8Array);
        const given = await readBody(bodyFormOf(declared), request.headers['content-type']!, bytes);
        expect({ ...given, ...fields }).toEqual(input);
      }),
      { numRuns: 60 },
    );
  });

  test('leaves out fields that are undefined', () => {
    expect(buildRequest('keys.list', { state: undefined, limit: 5 }).target).toBe('/api/v1/admin/keys?limit=5');
  });

  test('cannot leave its path: a field of the path is one segment', () => {
    expect(buildRequest('keys.revoke', { id: '../sessions?x=1#y' }).target).toBe(
      '/api/v1/admin/keys/..%2Fsessions%3Fx%3D1%23y',
    );
  });

  test('refuses a missing field of the path as a bug', () => {
    expect(() => buildRequest('keys.revoke', {})).toThrow('keys.revoke: id cannot be written in an address');
  });
});

describe('answers', () => {
  test('a refusal of the console is a ProblemFailure with its code', async () => {
    const body = { type: 't', title: 'x', status: 404, code: 'alerts/not-found', detail: 'no such alert', error: 'x' };
    const failure = await readAnswer('alerts.get', Response.json(body, { status: 404 })).catch((error) => error);
    expect(failure).toBeInstanceOf(ProblemFailure);
    expect((failure as ProblemFailure).problem).toEqual(body);
  });

  test.each([
    ['a page of a proxy', new Response('<html>Bad gateway</html>', { status: 502 })],
    ['JSON that is no problem', Response.json({ message: 'no' }, { status: 500 })],
    ['an answer that was cut off', new Response('{"items": [', { status: 200 })],
  ])('%s is a NetworkFailure', async (_, response) => {
    await expect(readAnswer('alerts.list', response)).rejects.toBeInstanceOf(NetworkFailure);
  });

  test('a document is text', async () => {
    await expect(readAnswer('audit.export', new Response('{"not": "parsed"}'))).resolves.toBe('{"not": "parsed"}');
  });
});

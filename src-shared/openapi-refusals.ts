// The refusals in the OpenAPI document: which an operation can give, and what they look like. The rows are the contract's.
import type { Operation } from './contract/grammar.ts';
import { problems } from './contract/problems.ts';

type Json = Record<string, unknown>;

/** Whose problems an operation may give besides those named after it. */
const featuresOf: Readonly<Record<string, readonly string[]>> = {
  auth: ['access'],
  sessions: ['access'],
  keys: ['access'],
  events: ['search'],
  imports: ['events'],
  searches: ['search', 'events'],
  detections: ['rules', 'alerts'],
  packs: ['rules'],
  exceptions: ['rules'],
  mappings: ['rules'],
  bundles: ['audit'],
  vault: ['encryption'],
  setup: ['backups', 'encryption', 'access'],
};

/**
 * Every refusal that the layers before the handler can give, and those of the operation's own feature.
 * @param tag the first part of the operation's name.
 */
export function refusals(tag: string, operation: Operation, takesInput: boolean): Json {
  return Object.fromEntries(
    [...refusalStatuses(tag, operation, takesInput)]
      .sort((a, b) => a - b)
      .map((status) => [String(status), { $ref: `#/components/responses/Problem${status}` }]),
  );
}

export function refusalStatuses(tag: string, operation: Operation, takesInput: boolean): ReadonlySet<number> {
  const statuses = new Set([400, 421, 429, 500, 503]);
  if (operation.access.kind !== 'open') statuses.add(401).add(403);
  if (takesInput) statuses.add(422);
  if (operation.method !== 'GET') statuses.add(403).add(409).add(413).add(415);
  if (operation.path.includes('{')) statuses.add(404);
  const features = [tag, ...(featuresOf[tag] ?? [])];
  for (const [code, row] of Object.entries(problems)) {
    // A list can't miss what it lists.
    if (features.includes(code.split('/')[0] ?? '') && (row.status !== 404 || operation.method !== 'GET'))
      statuses.add(row.status);
  }
  return statuses;
}

/** One shared response per status, which names the problems that have it. */
export function problemResponses(): Json {
  const byStatus = new Map<number, string[]>();
  for (const [code, row] of Object.entries(problems)) {
    byStatus.set(row.status, [...(byStatus.get(row.status) ?? []), `\`${code}\`: ${row.title}`]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, lines]) => [
      `Problem${status}`,
      {
        description: lines.join('\n\n'),
        ...(status === 429 || status === 503
          ? { headers: { 'Retry-After': { description: 'seconds', schema: { type: 'integer' } } } }
          : {}),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

export function problemSchema(): Json {
  const text = { type: 'string' };
  return {
    description: 'Problem details (RFC 9457). `code` is stable; `error` repeats `detail` for simple clients.',
    type: 'object',
    required: ['type', 'title', 'status', 'code', 'detail', 'error'],
    properties: {
      type: text,
      title: text,
      status: { type: 'integer' },
      code: { enum: Object.keys(problems) },
      detail: text,
      error: text,
      fields: {
        type: 'array',
        items: { type: 'object', required: ['path', 'message'], properties: { path: text, message: text } },
      },
      retry_after_seconds: { type: 'integer' },
      incident_id: text,
    },
  };
}

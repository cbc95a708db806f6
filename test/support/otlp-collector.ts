// A collector of OpenTelemetry logs over HTTP: takes what fits the protocol's JSON form, and refuses what doesn't.
import { z } from 'zod';
import { createLocalServer, type LocalServer } from './local-server.ts';

const anyValue: z.ZodType = z.lazy(() =>
  z.union([
    z.strictObject({ stringValue: z.string() }),
    z.strictObject({ boolValue: z.boolean() }),
    z.strictObject({ intValue: z.string().regex(/^-?\d+$/) }),
    z.strictObject({ doubleValue: z.number() }),
    z.strictObject({ arrayValue: z.strictObject({ values: z.array(anyValue) }) }),
    z.strictObject({ kvlistValue: z.strictObject({ values: z.array(keyValue) }) }),
    z.strictObject({}),
  ]),
);
const keyValue = z.strictObject({ key: z.string(), value: anyValue });
const nanoseconds = z.string().regex(/^\d{1,20}$/);
const logRecord = z.strictObject({
  timeUnixNano: nanoseconds,
  observedTimeUnixNano: nanoseconds,
  severityNumber: z.int().min(1).max(24),
  severityText: z.string(),
  eventName: z.string(),
  body: anyValue,
  attributes: z.array(keyValue),
});
const scope = z.strictObject({ name: z.string(), version: z.string() });
const request = z.strictObject({
  resourceLogs: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes: z.array(keyValue) }),
      scopeLogs: z.array(z.strictObject({ scope, logRecords: z.array(logRecord).min(1) })),
    }),
  ),
});

export type TakenLog = z.output<typeof logRecord> & { readonly scope: string; readonly seq: number };

export type OtlpCollector = LocalServer & { readonly logs: TakenLog[]; rejected: number };

export async function createOtlpCollector(): Promise<OtlpCollector> {
  const logs: TakenLog[] = [];
  const server = await createLocalServer((taken, response) => {
    if (taken.path !== '/v1/logs') return void response.writeHead(404).end();
    if (taken.headers['content-type'] !== 'application/json') return void response.writeHead(415).end();
    const parsed = request.safeParse(JSON.parse(taken.body.toString('utf8')));
    if (!parsed.success) return void response.writeHead(400).end(z.prettifyError(parsed.error));
    for (const { scopeLogs } of parsed.data.resourceLogs) {
      for (const { scope, logRecords } of scopeLogs) {
        for (const one of logRecords) logs.push({ ...one, scope: scope.name, seq: seqOf(one) });
      }
    }
    const partialSuccess =
      collector.rejected === 0
        ? {}
        : { rejectedLogRecords: String(collector.rejected), errorMessage: 'too much of it' };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ partialSuccess }));
  });
  const collector: OtlpCollector = Object.assign(server, { logs, rejected: 0 });
  return collector;
}

function seqOf({ attributes }: z.output<typeof logRecord>): number {
  const found = attributes.find(({ key }) => key === 'gatehouse.seq')?.value as { intValue?: string } | undefined;
  return Number(found?.intValue);
}

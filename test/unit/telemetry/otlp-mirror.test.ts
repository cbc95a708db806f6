// OTLP over HTTP to a real collector: its answers, its faults, and whom we send to at all.
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { anyValue, otlpRequest } from '../../../src-main/adapters/telemetry/otlp-logs.ts';
import { createOtlpMirror } from '../../../src-main/adapters/telemetry/otlp-mirror.ts';
import type { TlsTrust } from '../../../src-main/adapters/telemetry/tls-trust.ts';
import { MirrorFault } from '../../../src-main/core/features/mirrors/index.ts';
import { parseOtlpTarget } from '../../../src-main/core/mirror-targets.ts';
import { createOtlpCollector, type OtlpCollector } from '../../support/otlp-collector.ts';
import { createServerPair, fingerprintOf } from '../../support/tls-pairs.ts';
import { never, record, records } from './records.ts';

const pair = await createServerPair();

async function collecting(): Promise<OtlpCollector> {
  const made = await createOtlpCollector();
  onTestFinished(() => made[Symbol.asyncDispose]());
  return made;
}

function mirrorTo(text: string, headers = {}, trust: Partial<TlsTrust> = {}) {
  return createOtlpMirror({
    name: text,
    target: parseOtlpTarget(text),
    trust: { ca: pair.ca, client: undefined, ...trust },
    headers: () => headers,
    version: '1.2.3',
    timeoutMs: 500,
  });
}

test('records arrive with time, severity, id and number; headers go with them', async () => {
  const collector = await collecting();
  const mirror = mirrorTo(`${collector.address}/v1/logs`, { authorization: 'Bearer x y' });
  expect(
    await mirror.send(
      [...records(1, 3), record(4, { stream: 'alerts', level: 'critical', kind: 'alert_raised' })],
      never,
    ),
  ).toBe(0);
  expect(collector.taken[0]?.headers.authorization).toBe('Bearer x y');
  expect(collector.logs.map(({ scope, seq }) => `${scope} ${seq}`)).toEqual([
    'gatehouse.audit 1',
    'gatehouse.audit 2',
    'gatehouse.audit 3',
    'gatehouse.alerts 4',
  ]);
  expect(collector.logs[3]).toMatchObject({
    timeUnixNano: '1795269782037000000',
    severityNumber: 21,
    eventName: 'gatehouse.alert_raised',
    attributes: expect.arrayContaining([{ key: 'log.record.uid', value: { stringValue: record(4).id } }]),
    body: { kvlistValue: { values: expect.arrayContaining([{ key: 'seq', value: { intValue: '4' } }]) } },
  });
});

test('CEF goes as text', async () => {
  const collector = await collecting();
  await mirrorTo(`${collector.address}/v1/logs format=cef`).send([record(1, { line: 'CEF:0|Gatehouse' })], never);
  expect(collector.logs[0]?.body).toEqual({ stringValue: 'CEF:0|Gatehouse' });
});

test('what the collector refuses for good is counted', async () => {
  const collector = await collecting();
  collector.rejected = 2;
  expect(await mirrorTo(`${collector.address}/v1/logs`).send(records(1, 5), never)).toBe(2);
});

test.each([
  [{ kind: 'status', status: 429, headers: { 'retry-after': '30' } }, /is busy \(429\)/, 30_000],
  [{ kind: 'status', status: 503, headers: { 'retry-after': 'soon' } }, /is busy \(503\)/, undefined],
  [{ kind: 'status', status: 401 }, /refuses our credentials \(401\); see GATEHOUSE_MIRROR_OTLP_HEADERS/, undefined],
  [{ kind: 'status', status: 404 }, /there is no OTLP at that address/, undefined],
  [{ kind: 'status', status: 302, headers: { location: 'http://127.0.0.1:1/' } }, /sends us elsewhere/, undefined],
  [{ kind: 'status', status: 400 }, /answered with status 400/, undefined],
  [
    { kind: 'status', status: 200, body: '<html>Welcome', headers: { 'content-type': 'text/html' } },
    /does not speak OTLP/,
    undefined,
  ],
  [
    { kind: 'status', status: 200, body: '[1', headers: { 'content-type': 'application/json' } },
    /does not speak OTLP/,
    undefined,
  ],
  [{ kind: 'drop' }, /dropped the connection/, undefined],
  [{ kind: 'break-off' }, /broke off its answer|dropped the connection/, undefined],
  [{ kind: 'silence' }, /did not answer within 0.5 s/, undefined],
  [{ kind: 'huge' }, /is too long/, undefined],
] as const)('%o is a fault, and the next try works', async (fault, words, retryAfterMs) => {
  const collector = await collecting();
  const mirror = mirrorTo(`${collector.address}/v1/logs`);
  collector.fault(fault);
  const error = await mirror.send(records(1, 3), never).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(MirrorFault);
  expect(error).toMatchObject({ message: expect.stringMatching(words), retryAfterMs });
  expect(await mirror.send(records(1, 3), never)).toBe(0);
  expect(collector.logs.map(({ seq }) => seq)).toEqual([1, 2, 3]);
});

test('a receiver that is no collector is said', async () => {
  await expect(mirrorTo('http://127.0.0.1:9/v1/logs').send(records(1, 1), never)).rejects.toThrow(
    'nothing listens at 127.0.0.1:9',
  );
});

test('over TLS: its CA, or the pinned certificate, or nothing is sent, headers neither', async () => {
  let asked = 0;
  const server = createServer({ cert: pair.cert, key: pair.key }, (_request, response) => {
    asked += 1;
    response.writeHead(204).end();
  }).on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = `https://localhost:${(server.address() as AddressInfo).port}/v1/logs`;
  expect(await mirrorTo(address).send(records(1, 1), never)).toBe(0);
  const pinned = `${address} pin=sha256:${fingerprintOf(pair.cert.slice(0, pair.cert.indexOf('-----END') + 25))}`;
  expect(await mirrorTo(pinned, {}, { ca: undefined }).send(records(1, 1), never)).toBe(0);
  expect(asked).toBe(2);
  await expect(mirrorTo(address, {}, { ca: undefined }).send(records(1, 1), never)).rejects.toThrow(/not from a CA/);
  await expect(
    mirrorTo(`${address} pin=sha256:${'0'.repeat(64)}`, { authorization: 'x' }).send(records(1, 1), never),
  ).rejects.toThrow('shows another certificate than the pinned one');
  expect(asked).toBe(2);
});

test('any JSON becomes an AnyValue of the same content', () => {
  const back = (value: Readonly<Record<string, unknown>>): unknown => {
    if ('stringValue' in value) return value.stringValue;
    if ('boolValue' in value) return value.boolValue;
    if ('intValue' in value) return Number(value.intValue);
    if ('doubleValue' in value) return value.doubleValue;
    if ('arrayValue' in value) return (value.arrayValue as { values: Record<string, unknown>[] }).values.map(back);
    if ('kvlistValue' in value) {
      const { values } = value.kvlistValue as { values: { key: string; value: Record<string, unknown> }[] };
      return Object.fromEntries(values.map((member) => [member.key, back(member.value)]));
    }
    return null;
  };
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      expect(back(anyValue(plain))).toEqual(plain);
      expect(
        JSON.parse(JSON.stringify(otlpRequest([record(1, { line: JSON.stringify(plain) })], 'json', '1'))),
      ).toBeDefined();
    }),
  );
});

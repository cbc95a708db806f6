// Events in the formats of other tools: valid by those tools' rules whatever stands in the event, one line each, and nothing an attacker
// wrote gets out of its field.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Event, eventTypes, fieldLimits, type JsonObject } from '../../../src-main/engine/event.ts';
import { ocsfEvent } from '../../../src-main/engine/outputs/ocsf.ts';
import { createOutput } from '../../../src-main/engine/outputs/output.ts';
import type { OutputEvent } from '../../../src-main/engine/outputs/output-event.ts';
import { outputFormat } from '../../../src-shared/contract/search.ts';
import { createOcsfValidator, ocsfFolder } from './ocsf-schema.ts';

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    'a|b\\|c',
    'x=1 suser=root',
    'line\nCEF:0|evil|',
    'a\r\n<13>1 -',
    '=cmd|calc',
    '@SUM(A1)',
    '"quoted", comma',
    '\u2028next',
    '\u202ertl',
    '\u061cmark\u2066',
    '\uff1dcmd|calc',
    ' =1+1',
    '\x1b[2J',
    '] evil="1"',
    '\u0085nel',
    ' leading',
    'tab\there',
    '%s%n',
    '\\',
    '漢字',
    '',
  ),
);
const text = (longest: number) => hostile.map((value) => value.toWellFormed().slice(0, longest).toWellFormed() || 'x');
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const outputEvent: fc.Arbitrary<OutputEvent> = fc
  .record({
    id: fc.uuid(),
    timeMs: fc.integer({ min: Date.UTC(1950, 0), max: Date.UTC(2200, 0) }),
    source: text(fieldLimits.source),
    event_type: fc.oneof(fc.constantFrom(...Object.keys(eventTypes)), text(fieldLimits.event_type)),
    actor: some(text(fieldLimits.actor)),
    success: some(fc.boolean()),
    ip_address: some(fc.oneof(fc.ipV4(), fc.ipV6(), text(fieldLimits.ip_address))),
    user_agent: some(text(fieldLimits.user_agent)),
    resource_type: some(text(fieldLimits.resource_type)),
    resource_id: some(text(fieldLimits.resource_id)),
    action: some(fc.oneof(fc.constantFrom('GET', 'post', 'DELETE'), text(fieldLimits.action))),
    session_id: some(text(fieldLimits.session_id)),
    trace_id: some(text(fieldLimits.trace_id)),
    bytes: some(fc.nat()),
    signed_by: some(fc.constant('0123456789ab')),
    details: fc.dictionary(
      fc.oneof(fc.constantFrom('message', 'target', '__proto__'), hostile),
      fc.oneof(hostile, fc.integer(), fc.boolean(), fc.constant(null), fc.array(hostile, { maxLength: 2 })),
      { maxKeys: 4 },
    ),
  })
  .map((fields) => {
    const kept = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    const event = { ...kept, details: JSON.parse(JSON.stringify(fields.details)) as JsonObject } as Event;
    return { event, format: 'api', receivedAtMs: Date.UTC(2026, 10, 21), sha256: new Uint8Array(32).fill(7) };
  });

const source = { version: '1.2.3' };
const line = (format: (typeof outputFormat.options)[number], event: OutputEvent) =>
  createOutput(format, source).line(event);
const sample: OutputEvent = {
  event: {
    id: '0a1b2c3d-0000-4000-8000-00000000000f',
    timeMs: Date.UTC(2026, 10, 21, 14, 5, 6, 7),
    source: 'web-1',
    event_type: 'login',
    actor: 'a=b|c\\d',
    success: false,
    ip_address: '2001:db8::1',
    details: { message: 'no\nsuch user' },
  },
  format: 'auth',
  receivedAtMs: Date.UTC(2026, 10, 21, 14, 6),
  sha256: new Uint8Array(32).fill(0xab),
};

test.each(outputFormat.options)('%s: one line for any event', (format) => {
  fc.assert(
    fc.property(outputEvent, (event) => {
      const written = line(format, event);
      expect(written).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      expect(written.isWellFormed()).toBe(true);
      if (format !== 'csv' && format !== 'cef' && format !== 'rfc5424') JSON.parse(written);
    }),
    { numRuns: 500 },
  );
});

describe.each(['1.1.0', '1.8.0'] as const)('OCSF %s', (version) => {
  const folder = ocsfFolder(version);
  if (folder === undefined)
    process.stderr.write(`OCSF ${version}: its schema is not on this machine, so events are not held against it\n`);

  test.skipIf(folder === undefined)('any event is valid by the schema', { timeout: 60_000 }, () => {
    const validate = createOcsfValidator(folder ?? '');
    const seen = new Set<unknown>();
    fc.assert(
      fc.property(outputEvent, (event) => {
        const written = JSON.parse(line(`ocsf-${version}`, event)) as Record<string, unknown>;
        seen.add(written.class_uid);
        expect(validate(written)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
    expect([...seen].sort()).toEqual([0, 3001, 3002, 6003]);
  });

  test.skipIf(folder === undefined)('what is wrong is seen by the validator', () => {
    const validate = createOcsfValidator(folder ?? '');
    const good = ocsfEvent(sample, version, source);
    expect(validate(good)).toEqual([]);
    const wrong: [object, RegExp][] = [
      [{ user: undefined }, /user: required/],
      [{ service: undefined }, /needs one of/],
      [{ status_id: 7 }, /enumeration/],
      [{ time: 'now' }, /not a long_t/],
      [{ src_endpoint: { ip: 'here' } }, /not a ip_t/],
      [{ misspelt: 1 }, /unknown attribute/],
      [{ type_uid: 1 }, /type_uid/],
      [{ class_uid: 3003 }, /./],
    ];
    for (const [change, said] of wrong) expect(validate({ ...good, ...change }).join('; ')).toMatch(said);
  });

  test('the ids of classes and activities', () => {
    const uids = (fields: Partial<Event>) => {
      const { class_uid, activity_id, type_uid } = ocsfEvent(
        { ...sample, event: { ...sample.event, ...fields } },
        version,
        source,
      );
      return [class_uid, activity_id, type_uid];
    };
    expect(uids({ event_type: 'login' })).toEqual([3002, 1, 300201]);
    expect(uids({ event_type: 'logout' })).toEqual([3002, 2, 300202]);
    expect(uids({ event_type: 'user_create' })).toEqual([3001, 1, 300101]);
    expect(uids({ event_type: 'user_delete' })).toEqual([3001, 6, 300106]);
    expect(uids({ event_type: 'role_change' })).toEqual([3001, 99, 300199]);
    expect(uids({ event_type: 'api_call', action: 'post' })).toEqual([6003, 1, 600301]);
    expect(uids({ event_type: 'api_call', action: 'toString' })).toEqual([6003, 99, 600399]);
    expect(uids({ event_type: 'process_start' })).toEqual([0, 99, 99]);
    expect(uids({ event_type: '__proto__' })).toEqual([0, 99, 99]);
  });
});

/** A reader of CEF as its specification has it: the header at unescaped bars, then `key=value` pairs. */
function readCef(written: string): { header: string[]; pairs: Map<string, string> } {
  const header: string[] = [];
  let field = '';
  let at = 0;
  for (; at < written.length && header.length < 7; at++) {
    if (written[at] === '\\') field += written[++at];
    else if (written[at] === '|') {
      header.push(field);
      field = '';
    } else field += written[at];
  }
  const rest = written.slice(at);
  const begins = [...rest.matchAll(/(?:^| )([A-Za-z][A-Za-z0-9]*)=/g)];
  const pairs = new Map<string, string>();
  for (const [index, begin] of begins.entries()) {
    const value = rest.slice((begin.index ?? 0) + begin[0].length, begins[index + 1]?.index ?? rest.length);
    pairs.set(
      begin[1] ?? '',
      value.replace(/\\(.)/g, (_, one: string) => (one === 'n' ? '\n' : one === 'r' ? '\r' : one)),
    );
  }
  return { header, pairs };
}

test('CEF: a reader gets back what was written, and no field that the event made up', () => {
  const plain = (value: string | undefined) =>
    value?.replace(/(?![\n\r])[\p{Cc}\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ');
  fc.assert(
    fc.property(outputEvent, (event) => {
      const { header, pairs } = readCef(line('cef', event));
      expect(header.slice(0, 4)).toEqual(['CEF:0', 'Gatehouse', 'Gatehouse', '1.2.3']);
      expect(header).toHaveLength(7);
      expect(pairs.get('suser')?.trimEnd()).toBe(plain(event.event.actor)?.trimEnd());
      expect(pairs.get('externalId')).toBe(event.event.id);
      expect(pairs.get('outcome')).toBe(
        event.event.success === undefined ? undefined : event.event.success ? 'success' : 'failure',
      );
      const known =
        /^(rt|externalId|dvchost|cat|act|outcome|suser|src|shost|c6a2|requestClientApplication|out|cs[1-6]|deviceCustomDate1)(Label)?$/;
      for (const key of pairs.keys()) expect(key).toMatch(known);
    }),
    { numRuns: 1_000 },
  );
  expect(line('cef', sample)).toBe(
    'CEF:0|Gatehouse|Gatehouse|1.2.3|login|login|5|rt=1795269906007 externalId=0a1b2c3d-0000-4000-8000-00000000000f dvchost=web-1 cat=login outcome=failure suser=a\\=b|c\\\\d c6a2=2001:db8::1 c6a2Label=Source IPv6 Address cs5={"message":"no\\\\nsuch user"} cs5Label=details cs6=auth cs6Label=format deviceCustomDate1=1795269960000 deviceCustomDate1Label=received',
  );
});

test('RFC 5424: header of printable ASCII, a registered element, the whole event as JSON', () => {
  const grammar =
    /^<(\d{1,3})>1 (\S+) ([\x21-\x7e]{1,255}) ([\x21-\x7e]{1,48}) - ([\x21-\x7e]{1,32}) (\[origin software="Gatehouse" swVersion="(?:[^"\\\]]|\\.)*"\]) (\{.*\})$/;
  fc.assert(
    fc.property(outputEvent, (event) => {
      const written = line('rfc5424', event);
      expect(written).toMatch(/^[\x20-\x7e]*$/);
      const parts = grammar.exec(written);
      expect(Number(parts?.[1])).toBe(event.event.success === false ? 108 : 109);
      const message = JSON.parse(parts?.[7] ?? '') as Record<string, unknown>;
      expect(message.actor).toBe(event.event.actor);
      expect(message.details).toEqual(event.event.details);
    }),
    { numRuns: 1_000 },
  );
});

test('CSV: a reader gets a cell for each column, and no spreadsheet a formula', () => {
  const { header } = createOutput('csv', source);
  fc.assert(
    fc.property(outputEvent, (event) => {
      const cells = [...`${line('csv', event)},`.matchAll(/("(?:[^"]|"")*"|[^",]*),/g)].map(([, cell = '']) =>
        cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
      );
      expect(cells).toHaveLength(header?.split(',').length ?? 0);
      for (const cell of cells) expect(cell.trimStart()).not.toMatch(/^[=+@\uFF1D\uFF0B\uFF0D\uFF20]|^-\D/);
    }),
    { numRuns: 1_000 },
  );
});

test.each(outputFormat.options)(
  '%s: no line break and no mark of direction, whatever stands in the event',
  (format) => {
    fc.assert(
      fc.property(outputEvent, (event) => {
        expect(line(format, event)).not.toMatch(/[\p{Cc}\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
      }),
      { numRuns: 500 },
    );
  },
);

test('ECS: the fields of the schema', () => {
  expect(JSON.parse(line('ecs', sample))).toMatchObject({
    '@timestamp': '2026-11-21T14:05:06.007Z',
    event: { kind: 'event', category: ['authentication'], type: ['start'], outcome: 'failure', action: 'login' },
    user: { name: 'a=b|c\\d' },
    source: { ip: '2001:db8::1' },
    host: { name: 'web-1' },
    gatehouse: { details: { message: 'no\nsuch user' } },
  });
});

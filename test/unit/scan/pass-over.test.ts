// Records that are told by their bytes: never one that would have matched, or been refused, had it been read.
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRecordReader } from '../../../src-main/engine/formats/record-reader.ts';
import { compileRules } from '../../../src-main/engine/rules/compile.ts';
import { parseLogSourceFile } from '../../../src-main/engine/rules/log-source-file.ts';
import { createMatching, type Matching } from '../../../src-main/shells/scan/matching.ts';
import type { Match } from '../../../src-main/shells/scan/messages.ts';
import { canPassOver, isPlainWindowsRecord } from '../../../src-main/shells/scan/pass-over.ts';
import { createSpill } from '../../../src-main/shells/scan/spill.ts';

const rules = `title: A
id: 11111111-1111-4111-8111-111111111111
logsource: {product: windows, service: security}
detection: {s: {EventID: [1, 4625], NewValue|contains: x}, condition: s}
---
title: B
id: 22222222-2222-4222-8222-222222222222
logsource: {product: windows, category: process_creation}
detection: {s: {CommandLine|endswith: whoami}, not: {User|startswith: a}, condition: s and not not}
---
title: C
id: 33333333-3333-4333-8333-333333333333
logsource: {product: windows}
detection: {s: {Missing: null, Other|exists: false}, t: {Data.Inner: 5}, condition: s and t}
`
  .replaceAll('not:', 'filter:')
  .replaceAll('not not', 'not filter');

function matchingOf(text: string): Matching {
  const options = {
    sources: [{ name: 'r.yml', text }],
    mapping: undefined,
    placeholders: {},
    zone: undefined,
    columns: undefined,
    nowMs: 0,
    sinceMs: undefined,
    leastLevel: 'info' as const,
    tags: [],
    spillFolder: tmpdir(),
  };
  return createMatching(options, createSpill(tmpdir(), 'unused'));
}

function outcome(matching: Matching, line: Uint8Array): string[] {
  const reader = createRecordReader('windows', {
    referenceTimeMs: 0,
    keepTimeless: true,
    keepText: true,
    aRecordALine: true,
  });
  return [...reader.push(line), ...reader.end()].flatMap((result) => {
    if (result.kind === 'rejected') return [result.reason];
    const found: Match[] = [];
    const place = {
      task: 0,
      inner: undefined,
      record: 0,
      line: 1,
      timeless: false,
      text: result.text,
      format: 'windows' as const,
    };
    matching.take(result.event, place, (match) => void found.push(match));
    return found.map(({ ruleId }) => ruleId);
  });
}

const text = fc.oneof(
  fc.constantFrom('x', 'axb', 'whoami', 'C:\\whoami', 'a b": ', '"Event":', '", "x y":'),
  fc.string({ maxLength: 8 }),
);
const value = fc.oneof(
  text,
  fc.integer({ min: -1, max: 70_000 }),
  fc.constant(null),
  fc.boolean(),
  fc.record({ Inner: fc.constantFrom(5, 6) }),
);
const plain = {
  EventID: fc.oneof(fc.constantFrom<unknown>(1, 4625, '1', '4625'), fc.nat(9999)),
  Channel: fc.constantFrom<unknown>('Security', 'security', 'Microsoft-Windows-Sysmon/Operational', 'X', 5),
  NewValue: value,
  CommandLine: value,
  User: value,
  Data: value,
  Other: value,
  TimeCreated: fc.constant('2026-11-21T00:00:00Z'),
};
const odd = {
  ...plain,
  EventID: fc.constantFrom<unknown>(1, 4625, 70_000, 'one', null),
  'New Value': value,
  Event: fc.constantFrom<unknown>('x', { System: { EventID: 1, Channel: 'Security' }, EventData: { NewValue: 'x' } }),
};
const record = fc.oneof(
  { weight: 3, arbitrary: fc.record(plain, { requiredKeys: ['EventID', 'Channel'] }) },
  { weight: 1, arbitrary: fc.record(odd, { requiredKeys: [] }) },
);

describe('what is passed over', () => {
  const matching = matchingOf(rules);

  it('would have matched nothing, and been read', () => {
    let passed = 0;
    fc.assert(
      fc.property(record, fc.constantFrom<number | undefined>(undefined, 1), (fields, indent) => {
        const line = Buffer.from(JSON.stringify(fields, null, indent).replaceAll('\n', ''));
        if (matching.passOver?.(line) !== true) return;
        passed++;
        expect(outcome(matching, line)).toEqual([]);
      }),
      { numRuns: 3000 },
    );
    expect(passed).toBeGreaterThan(100);
  });

  it('is nothing that changed bytes could make of it', () => {
    const good = JSON.stringify({
      EventID: 4625,
      Channel: 'Security',
      NewValue: 'y',
      TimeCreated: '2026-11-21T00:00:00Z',
    });
    expect(matching.passOver?.(Buffer.from(good))).toBe(true);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(127)), { minLength: 1, maxLength: 3 }),
        (changes) => {
          const line = Buffer.from(good);
          for (const [at, byte] of changes) line[at] = byte === 10 ? 32 : byte;
          if (matching.passOver?.(line) === true) expect(outcome(matching, line)).toEqual([]);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

function passesOver(text: string, mapping?: string): boolean {
  const options = mapping === undefined ? {} : { mapping: parseLogSourceFile('map.yml', mapping) };
  const { refused, asked } = compileRules([{ name: 'r.yml', text }], {}, options);
  expect(refused).toEqual([]);
  return canPassOver(asked());
}
const ruleOf = (logSource: string, search: string, more = '') =>
  `title: T${more}\nlogsource: ${logSource}\ndetection:\n  s:\n    ${search}\n  condition: s\n`;

it.each([
  ['a rule for Windows fields', '{product: windows}', '- CommandLine: a', true],
  ['a rule of another product with a field of that name', '{product: azure}', 'action: a', true],
  ['a rule for events', '{product: gatehouse}', 'a: b', false],
  ['a Windows rule that asks for an event’s field', '{product: windows}', 'actor|contains: a', false],
  ['the same in a list of maps', '{product: windows}', '- {EventID: 1, ip_address|cidr: 10.0.0.0/8}', false],
  ['… by a name that is written otherwise', '{product: windows}', '"act\\u006fr | contains": a', false],
  ['… as an explicit key', '{product: windows}', '? actor\n    : a', false],
  ['… as the other field', '{product: windows}', 'User|fieldref: [CommandLine, actor]', false],
  ['… by its time', '{product: windows}', 'time|hour: 3', false],
  ['… inside of it', '{product: windows}', 'details.command: a', false],
  ['a rule for web servers', '{category: webserver}', 'cs-uri-query: a', true],
  ['a rule for any product', '{category: webserver}', '- details.status: 5', false],
])('%s: %#', (_what, logSource, search, expected) => {
  expect(passesOver(ruleOf(logSource, search))).toBe(expected);
});

it('a rule that waits for events of its log source keeps no Windows record, unless the file has another that does not wait', () => {
  const waits = ruleOf('{category: firewall}', 'action: accept');
  expect(passesOver(waits)).toBe(true);
  expect(passesOver(`${waits}---\n${ruleOf('{product: windows}', 'action: accept', '2')}`)).toBe(false);
});

it('a mapping or a filter may lead to an event’s field', () => {
  const asks = ruleOf('{product: windows}', 'User: 1');
  const mapping = (target: string) =>
    `logsources:\n  a:\n    product: windows\n    fieldmappings:\n      User: ${target}\n`;
  expect(passesOver(asks, mapping('SubjectUserName'))).toBe(true);
  expect(passesOver(asks, mapping('actor'))).toBe(false);
  expect(passesOver(asks, mapping('[SubjectUserName, actor]'))).toBe(false);
  const filter = 'title: F\nlogsource: {product: windows}\nfilter: {rules: any, s: {actor: a}, condition: not s}\n';
  expect(passesOver(`${asks}---\n${filter}`)).toBe(false);
});

it('a record is matched by what only its event has', () => {
  const own = matchingOf(ruleOf('{product: windows, service: security}', 'TargetUserName|fieldref: actor', '\nid: r1'));
  const line = Buffer.from('{"EventID":4625,"Channel":"Security","TargetUserName":"bob"}');
  expect([own.passOver?.(line) ?? false, outcome(own, line)]).toEqual([false, ['r1']]);
});

it('only plain records are', () => {
  const plain = (line: string) => isPlainWindowsRecord(Buffer.from(line));
  expect(plain('{"EventID":1,"Channel":"X"}')).toBe(true);
  for (const line of [
    '{"EventID":70000,"Channel":"X"}',
    '{"EventID":1,"Channel":"X","logsource.category":"firewall"}',
    '{"LogSource.Product":"x","EventID":1,"Channel":"X"}',
    '{"EventID":"one","Channel":"X"}',
    '{"EventID":1}',
    '{"EventID":1,"Channel":"X","New\\u0020Value":"x"}',
    '{"EventID":1,"Channel":"X","EventID":"one"}',
    '{"EventID":4E25,"Channel":"X"}',
    '{"EventID":"4 ","Channel":"X"}',
    '{"Data":{"EventID":1},"Channel":"X"}',
    '{"EventID":1,"Channel":"X","New Value":"x"}',
    '{"EventID":1,"Channel":"X","New Value" : "x"}',
    '{"Event":{"EventID":1},"Channel":"X"}',
  ])
    expect(plain(line)).toBe(false);
});

// Records matched from their bytes: what JSON.parse makes of the same bytes decides, whatever they are.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src-main/engine/event.ts';
import { recordEvent } from '../../../src-main/engine/plan/record.ts';
import { createRecordScanner } from '../../../src-main/engine/plan/record-scanner.ts';
import { compileRules } from '../../../src-main/engine/rules/compile.ts';

const keys = ['a', 'b', 'Image', 'é', '', 'a.b', 'x y', '__proto__', '\ufffd', '\ud800', 'constructor', 'EventID'];
const scanner = createRecordScanner(keys);

/** What JSON.parse says; undefined when it is not an object. */
function parsed(bytes: Uint8Array): JsonObject | undefined {
  try {
    // Not TextDecoder, which would take a byte order mark away.
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

function expectSame(bytes: Uint8Array): void {
  const wanted = parsed(bytes);
  expect(scanner.scan(bytes)).toBe(wanted !== undefined);
  const values = keys.map((_, key) => scanner.value(key));
  expect(values).toEqual(
    keys.map((key) => (wanted !== undefined && Object.hasOwn(wanted, key) ? wanted[key] : undefined)),
  );
  keys.forEach((_, key) => {
    expect(scanner.kind(key) === 'absent').toBe(values[key] === undefined);
    if (scanner.kind(key) === 'text' || scanner.kind(key) === 'escaped') expect(typeof values[key]).toBe('string');
  });
}

const key = fc.oneof(fc.constantFrom(...keys), fc.string({ unit: 'binary', maxLength: 4 }));
const tree = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(fc.string({ unit: 'binary' }), fc.double(), fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs)),
  ),
})).value;

/** JSON with blanks, equal keys and needless escapes, as JSON.stringify never writes it. */
const written = fc
  .array(fc.tuple(key, tree, fc.constantFrom('', ' ', '\n\t', '\r\n'), fc.boolean()), { maxLength: 6 })
  .map((pairs) => {
    const entries = pairs.map(([name, value, blank, spelled]) => {
      const quoted = spelled
        ? `"${Array.from({ length: name.length }, (_, at) => `\\u${name.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`
        : JSON.stringify(name);
      return `${blank}${quoted}${blank}:${blank}${JSON.stringify(value)}${blank}`;
    });
    return `{${entries.join(',')}}`;
  });
/** Pieces that make nearly JSON. */
const nearly = fc
  .array(
    fc.constantFrom(
      ...[
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"',
        '\\',
        '"a"',
        '"Image"',
        'true',
        'false',
        'null',
        'nul',
        '0',
        '-',
        '01',
        '1.',
        '.5',
        '1e',
        'E+',
        '1e9',
      ],
      ...[
        '\\u',
        '\\u00e9',
        '\\x',
        '\\n',
        '\n',
        '\t',
        ' ',
        '\u0000',
        '\u001f',
        'é',
        '𝒳',
        '\ufeff',
        '"b":',
        '"a":1',
        '{"a":',
        '{"a":[',
        '"abcdefgh',
      ],
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(''));

describe('the scanner', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(written, (text) => expectSame(Buffer.from(text))),
      { numRuns: 3000 },
    );
  });

  it('refuses what JSON.parse refuses', () => {
    fc.assert(
      fc.property(nearly, fc.boolean(), (text, wrapped) => expectSame(Buffer.from(wrapped ? `{"a":${text}}` : text))),
      { numRuns: 20_000 },
    );
  });

  it('reads damaged bytes as they would be decoded', () => {
    fc.assert(
      fc.property(
        written,
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 3 }),
        fc.nat(),
        (text, damage, cut) => {
          const bytes = Buffer.from(text);
          for (const [at, byte] of damage) bytes[at % bytes.length] = byte;
          expectSame(bytes);
          expectSame(bytes.subarray(0, cut % (bytes.length + 1)));
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('takes a hundred thousand levels, and a mebibyte of backslashes', () => {
    expect(scanner.scan(Buffer.from(`{"a":${'[{"b":'.repeat(100_000)}1${'}]'.repeat(100_000)},"b":2}`))).toBe(true);
    expect(scanner.value(1)).toBe(2);
    expect(scanner.scan(Buffer.from(`{"a":${'['.repeat(1_000_000)}`))).toBe(false);
    const text = '\\'.repeat(1_048_576);
    expect(scanner.scan(Buffer.from(JSON.stringify({ a: text })))).toBe(true);
    expect(scanner.value(0)).toBe(text);
  });
});

function matcherOf(...detections: string[]) {
  const sources = detections.map((detection, at) => ({
    name: `${at}.yml`,
    text: `title: T${at}\nlogsource: {product: gatehouse}\ndetection: {s: ${detection}, condition: s}\n`,
  }));
  const { ruleSet, refused } = compileRules(sources, {});
  expect(refused).toEqual([]);
  return ruleSet.matcher;
}

it('rules see a record as they see the event that it becomes', () => {
  const matcher = matcherOf(
    ...[
      '{a: x}',
      '{a.b: x}',
      '{details.a.b: x}',
      '{a b: x}',
      '{time|exists: true}',
      '{source: ""}',
      '{source: x}',
      '[needle]',
    ],
    ...[
      '{actor: x}',
      '{a: null}',
      '{a|exists: false}',
      '{a|re: "^x+$"}',
      '{n|gt: 4}',
      '{a|fieldref: b}',
      '{__proto__: x}',
    ],
    ...['{signals.sql_injection|exists: true}', '{n: 5}', '{a: ["1", "true"]}', '{l: x}', '{l.m: x}'],
  );
  const records = [
    '{"a":"x","b":"X"}',
    '{"a":{"b":"x"}}',
    '{"a":"y","a":"x"}',
    '{"a.b":"x","a":1}',
    '{"ab":"x","source":"x","actor":"x"}',
    '{"a b":null,"ab":"x"}',
    '{"__proto__":"x","a":true}',
    '{"a":null,"n":5}',
    '{"n":"5.0","a":"\\u0078"}',
    '{"m":{"k":["a needle"]}}',
    '{"query":"id=1\' or \'1\'=\'1","a":1}',
    '{"l":["y",null,"x"]}',
    '{"l":[{"m":"x"},[{"m":"y"}]]}',
    '{"a":{"__proto__":{"b":"x"}}}',
    '{}',
  ];
  for (let round = 0; round < 3; round++) {
    for (const text of records) {
      const event = recordEvent(JSON.parse(text) as JsonObject);
      expect([text, matcher.matchRecord(Buffer.from(text))]).toEqual([text, [...matcher.match(event)]]);
    }
  }
  expect(matcher.matchRecord(Buffer.from('{"a":"x"'))).toBeUndefined();
  expect(matcher.matchRecord(Buffer.from('["a"]'))).toBeUndefined();
});

it('remembers values without mixing them up, however many there are', () => {
  const matcher = matcherOf('{a|contains: needle}', '{a|endswith: "17"}', '{b|contains: needle}', '{a: x*, b: x*}');
  for (let n = 0; n < 60_000; n++) {
    const a = n % 3 === 0 ? `value ${n % 7000}` : n % 50 === 0 ? `needle${n}` : `x${n}`;
    const record = { a, b: n % 11 === 0 ? `a needle ${n % 5}` : n % 2 === 0 ? 'x' : a };
    const found = matcher.matchRecord(Buffer.from(JSON.stringify(record)));
    const wanted = [
      a.includes('needle'),
      a.endsWith('17'),
      record.b.includes('needle'),
      a.startsWith('x') && record.b.startsWith('x'),
    ];
    expect(found).toEqual(wanted.flatMap((one, at) => (one ? [at] : [])));
    expect([...matcher.match(recordEvent(record))]).toEqual(found);
  }
});

it('keeps the values of one record apart when they take each other’s place among those remembered', () => {
  const names = Array.from({ length: 200 }, (_, n) => `f${n}`);
  const rare = names.map((name, n) => `{${name}|contains: needle${n}x}`);
  // Searched for one thing, then asked for another, when the values of all fields have been put among those remembered.
  const every = `{start: go, ${names.map((name, n) => `${name}|contains: mark${n}_`).join(', ')}}`;
  const matcher = matcherOf(...rare, every);
  for (let n = 0; n < 300; n++) {
    // What stays the same is remembered, and what changes is put in its place.
    const record = Object.fromEntries(names.map((name, at) => [name, `mark${at}_${at % 4 === 0 ? '' : n * 7919}`]));
    expect(matcher.matchRecord(Buffer.from(JSON.stringify({ start: 'go', ...record })))).toEqual([200]);
  }
});

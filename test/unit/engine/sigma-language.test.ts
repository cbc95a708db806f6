// Sigma 2.1 beyond the everyday: modifiers that change values, placeholders, log sources, filters, correlations of every type.
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src-main/engine/evaluate.ts';
import type { Event } from '../../../src-main/engine/event.ts';
import { createMemoryWindowState } from '../../../src-main/engine/memory-window-state.ts';
import { type CompileOptions, compileRules } from '../../../src-main/engine/rules/compile.ts';
import { parseLogSourceFile } from '../../../src-main/engine/rules/log-source-file.ts';

function event(details: Record<string, unknown>, timeMs = 0): Event {
  return { id: `e${timeMs}`, timeMs, source: 's', event_type: 'other', details } as unknown as Event;
}

function rule(search: string, more = ''): string {
  return `title: T\nid: r1\nlogsource: {product: gatehouse}\ndetection:\n  s:\n    ${search}\n  condition: s\n${more}`;
}

function compile(text: string, options: CompileOptions = {}) {
  const compiled = compileRules([{ name: 'r.yml', text }], {}, options);
  expect(compiled.refused).toEqual([]);
  return compiled;
}

function fires(text: string, details: Record<string, unknown>, options: CompileOptions = {}): boolean {
  return evaluate(compile(text, options).ruleSet, [event(details)], createMemoryWindowState()).length > 0;
}

const base64 = (text: string, encoding: BufferEncoding = 'utf8') => Buffer.from(text, encoding).toString('base64');

describe('modifiers', () => {
  it.each<[string, unknown, boolean]>([
    ['a|base64: foo', base64('foo'), true],
    ['a|base64|contains: foobar', `x ${base64('foobar')} y`, true],
    ['a|base64offset|contains: http://', base64('xhttp://evil'), true],
    ['a|base64offset|contains: http://', base64('xyhttp://evil'), true],
    ['a|base64offset|contains: http://', base64('https://evil'), false],
    ['a|wide|base64offset|contains: IEX', base64('x; IEX (1)', 'utf16le'), true],
    ['a|wide|base64offset|contains: IEX', base64('x; IEX (1)'), false],
    ['a|utf16be|base64: a', base64('\u6100', 'utf16le'), true],
    ['a|utf16|base64: a', Buffer.from([0xff, 0xfe, 0x61, 0]).toString('base64'), true],
    ['a|wide: ab', 'a\0b\0', true],
    ['a|windash|contains: " -ma "', 'x /ma y', true],
    ['a|windash|contains: " -ma "', 'x –MA y', true],
    ['a|windash|contains: " -ma "', 'x —ma y', true],
    ['a|windash|contains: " /ma "', 'x ―ma y', true],
    ['a|windash|contains: " -ma "', 'x ma y', false],
    ['a|windash|all|contains: [" -a", "-b"]', 'x /a /b', true],
    ['a|windash|endswith: -x*y', 'a/x11y', true],
    ['a|contains|all: [one, two]', 'two one', true],
    ['a|contains|all: [one, two]', 'one', false],
    ['a|neq|contains: x', 'ay', true],
    ['a|neq|contains: x', 'axy', false],
    ['a|neq|re: ^x', 'ax', true],
    ['a|neq: null', 'x', true],
    ['a|neq: null', null, false],
    ['a|neq: x', null, false],
    ['a|neq|contains|all: [x, y]', 'x', true],
    ['a|exists: true', null, true],
    ['a|exists: false', null, false],
    ['a: null', null, true],
    ["a: ''", '', true],
    ["a: ''", null, false],
    ['a|contains: ""', '', true],
    ['a|contains: ""', null, false],
    ['a|hour: 7', '2026-11-21T07:50:12Z', true],
    ['a|hour|gte: 22', '2026-11-21 23:00', true],
    ['a|hour|gte: 22', '2026-11-21 03:00', false],
    ['a|week: 47', '2026-11-21', true],
    ['a|year|neq: 2026', '2026-11-21', false],
    ['a|month: [1, 11]', '2026-11-21', true],
    ['a|minute|lt: 1', 'not a date', false],
    ['a|gt: 5', '0x10', false],
    ['a|gt: 5', ' ', false],
    ['a|gt: -5', '-4.5', true],
    ['a|cidr: [10.0.0.0/8, "::1/128"]', '::1', true],
    ['a|cidr: 10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['a|fieldref: b', 'x', false],
    ['a|fieldref|neq: b', 'x', false],
    ['a|re|i: É', 'é', true],
    ['a|cased: É', 'é', false],
    ['a: ΑΣ', 'ας', true],
    ['a|contains: Σ', 'ΑΣ', true],
    ['a: ["x", 5, true]', true, true],
    ['a: x', ['y', 'X'], true],
    ['a: x', { b: 'x' }, false],
    ['a.b: x', [{ b: 'y' }, { b: 'x' }], true],
    ["a: 'C:\\\\x\\*'", 'C:\\x*', true],
    ["a: 'a\\\\\\\\b'", 'a\\\\b', true],
    ["a: 'a\\\\b'", 'a\\b', true],
    ["a: 'a\\\\*'", 'a\\xyz', true],
    ["a: 'a\\\\\\*'", 'a\\*', true],
  ])('%s of %j is %s', (search, value, expected) => {
    expect(fires(rule(search), { a: value })).toBe(expected);
  });

  it('compare two fields, absent ones with nothing', () => {
    expect(fires(rule('a|fieldref|neq: b'), { a: 'x', b: 'y' })).toBe(true);
    expect(fires(rule('a|fieldref|neq: b'), { a: 'x', b: 'X' })).toBe(false);
    expect(fires(rule('a|fieldref|cased: b'), { a: 'x', b: 'X' })).toBe(false);
    expect(fires(rule('a|fieldref: b'), {})).toBe(false);
  });

  it('expand placeholders, and note those without values', () => {
    const placeholders = { servers: ['srv*', 'db-1'] };
    expect(fires(rule('a|expand: "%servers%.local"'), { a: 'SRV9.local' }, { placeholders })).toBe(true);
    expect(fires(rule('a|expand: "%servers%.local"'), { a: 'web.local' }, { placeholders })).toBe(false);
    expect(fires(rule('a|contains|expand: "\\\\%x\\\\%"'), { a: '1%x%2' }, { placeholders })).toBe(true);
    expect(fires(rule('a: "%servers%"'), { a: '%servers%' }, { placeholders })).toBe(true);
    const { notes, ruleSet } = compile(rule('a|expand: "%nobody%"'));
    expect(notes[0]?.reason).toContain('placeholder %nobody% has no values');
    expect(evaluate(ruleSet, [event({ a: '%nobody%' })], createMemoryWindowState())).toEqual([]);
    const versions = [['a'], ['b']].map(
      (servers) => compile(rule('a|expand: "%servers%"'), { placeholders: { servers } }).ruleSet.rules[0]?.version,
    );
    expect(versions[0]).not.toBe(versions[1]);
  });
});

describe('log sources', () => {
  const windows = (logsource: string) =>
    `title: T\nid: r1\nlogsource: ${logsource}\ndetection: {s: {Image|endswith: x}, condition: s}\n`;
  const sysmon = { Channel: 'Microsoft-Windows-Sysmon/Operational', EventID: 1, Image: 'x' };

  it('are Sigma’s taxonomy, and declarations where that is silent', () => {
    const creation = windows('{product: windows, category: process_creation}');
    expect(fires(creation, sysmon)).toBe(true);
    expect(fires(creation, { ...sysmon, EventID: 3 })).toBe(false);
    const exotic = windows('{product: acme, service: door}');
    expect(compile(exotic).notes[0]?.reason).toContain('logsource.product: acme, logsource.service: door');
    expect(fires(exotic, { Image: 'x', logsource: { product: 'acme', service: 'door' } })).toBe(true);
    expect(fires(exotic, { Image: 'x', logsource: { product: 'acme' } })).toBe(false);
    expect(compile(windows('{product: windows, service: unheard-of}')).notes).toHaveLength(1);
  });

  it('see web requests under the names of a web log', () => {
    const web = `title: T\nid: r1\nlogsource: {category: webserver}\ndetection: {s: {cs-uri-query|contains: ../}, n: {c-ip: null}, condition: s and not n}\n`;
    const { ruleSet } = compile(web);
    const request = { ...event({ path: '/a/../b' }), resource_type: 'url', ip_address: '203.0.113.7' };
    expect(evaluate(ruleSet, [request], createMemoryWindowState())).toHaveLength(1);
    expect(fires(web, { 'cs-method': 'GET', 'cs-uri-query': '../', 'c-ip': '1' })).toBe(true);
  });

  it('can be mapped by a file, in the form of the rule repository’s tests', () => {
    const mapping = parseLogSourceFile(
      'map.yml',
      `logsources:
  one: {product: windows, category: process_creation, conditions: {EventID: 1}, rewrite: {product: windows, service: sysmon}}
  two:
    product: windows
    category: process_creation
    conditions: {EventID: 4688}
    rewrite: {product: windows, service: security}
    fieldmappings: {Image: NewProcessName}
  sysmon: {product: windows, service: sysmon, sources: ["WinEventLog:Microsoft-Windows-Sysmon/Operational"]}
  security: {product: windows, service: security, sources: ["WinEventLog:Security"]}
`,
    );
    const creation = windows('{product: windows, category: process_creation}');
    expect(fires(creation, sysmon, { mapping })).toBe(true);
    expect(fires(creation, { Channel: 'Security', EventID: 4688, NewProcessName: 'x' }, { mapping })).toBe(true);
    expect(fires(creation, { Channel: 'System', EventID: 4688, NewProcessName: 'x' }, { mapping })).toBe(false);
    const byRule = parseLogSourceFile('map.json', '{"r1": {"channel": ["Here"], "eventid": []}}');
    expect(fires(creation, { Channel: 'here', Image: 'x' }, { mapping: byRule })).toBe(true);
  });

  it.each([
    ['[]', 'expected a map with logsources'],
    ['{', 'not valid JSON'],
    ['{"r": 1}', 'r is not a map'],
    ['logsources: {a: 1}', 'logsources.a is not a map'],
    ['logsources: {a: {conditions: {b: {c: 1}}}}', 'is not a text or number'],
  ])('refuse the mapping %s', (text, words) => {
    expect(() => parseLogSourceFile('map', text)).toThrow(words);
  });
});

describe('filters', () => {
  const base = rule('a: 1');
  const filter = (condition: string, rules = '[r1]', logsource = '{product: gatehouse}') =>
    `---\ntitle: F\nid: f1\nlogsource: ${logsource}\nfilter:\n  rules: ${rules}\n  selection: {User|startswith: adm_}\n  condition: ${condition}\n`;

  it.each(['selection', 'not selection'])('suppress, written as %s', (condition) => {
    const text = base + filter(condition);
    expect(fires(text, { a: 1, User: 'adm_x' })).toBe(false);
    expect(fires(text, { a: 1, User: 'bob' })).toBe(true);
    expect(fires(text, { a: 1 })).toBe(true);
  });

  it('apply to the rules named, of their log source, and change their version', () => {
    expect(compile(base + filter('selection')).ruleSet.rules[0]?.version).not.toBe(
      compile(base).ruleSet.rules[0]?.version,
    );
    expect(fires(base + filter('selection', 'any'), { a: 1, User: 'adm_x' })).toBe(false);
    const strange = compileRules(
      [{ name: 'r.yml', text: base + filter('selection', '[r1]', '{product: windows}') }],
      {},
    );
    expect(strange.refused[0]?.reason).toContain('names no loaded rule of its log source');
    const partly = compile(base + filter('selection', '[r1, gone]'));
    expect(partly.notes[0]?.reason).toContain('"gone", which is not loaded');
  });
});

const minute = 60_000;

function correlation(body: string, bases = ''): string {
  return `title: C\nid: c1\ncorrelation:\n${body.replace(/^/gm, '  ')}\n---\n${rule('kind: a', 'name: a\n')}---\n${rule('kind: b', 'name: b\n').replace('r1', 'r2')}${bases}`;
}

/** The rules that find something at each event in turn. */
function findings(text: string, events: readonly Event[]): string[][] {
  const { ruleSet } = compile(text);
  const windows = createMemoryWindowState();
  return events.map((one) =>
    evaluate(ruleSet, [one], windows).map(({ ruleId, state, value }) => `${ruleId} ${state} ${value}`),
  );
}

describe('correlations', () => {
  const values = (...list: (number | string)[]) => list.map((v, at) => event({ kind: 'a', v, u: 'x' }, at * 1000));
  it.each<[string, (number | string)[], string[][]]>([
    [
      '{type: value_avg, rules: [a], timespan: 1m, condition: {field: v, gt: 10}}',
      [5, 15, 30],
      [[], [], ['c1 opened 16.666666666666668']],
    ],
    [
      '{type: value_median, rules: [a], timespan: 1m, condition: {field: v, gte: 5}}',
      [1, 9, 5],
      [[], [], ['c1 opened 5']],
    ],
    [
      '{type: value_percentile, rules: [a], timespan: 1m, condition: {field: v, percentile: 100, gt: 8}}',
      [1, 'x', 9],
      [[], [], ['c1 opened 9']],
    ],
    [
      '{type: value_percentile, rules: [a], timespan: 1m, condition: {field: v, lte: 25}}',
      ['p', 'p', 'p', 'q'],
      [[], [], [], ['c1 opened 25']],
    ],
    ['{type: event_count, rules: [a], timespan: 1m, condition: {gt: 1, lte: 2}}', [1, 1, 1], [[], ['c1 opened 2'], []]],
    ['{type: event_count, rules: [a], timespan: 1m, condition: {lt: 2}}', [1, 1], [['c1 opened 1'], []]],
    ['{type: event_count, rules: [a], timespan: 1m, condition: {neq: 1}}', [1, 1], [[], ['c1 opened 2']]],
    ['{type: event_count, rules: [a], timespan: 1m, condition: {eq: 2}}', [1, 1, 1], [[], ['c1 opened 2'], []]],
    [
      '{type: value_count, rules: [a], timespan: 1m, condition: {field: [v, u], gte: 2}}',
      [1, 1, 2],
      [[], [], ['c1 opened 2']],
    ],
    [
      '{type: value_sum, rules: [a], timespan: 1m, condition: {field: v, gte: 10}}',
      [6, -5, 4],
      [[], [], ['c1 opened 10']],
    ],
  ])('%s', (body, list, expected) => {
    expect(findings(correlation(body), values(...list))).toEqual(expected);
  });

  const of = (kinds: string, every = minute) => [...kinds].map((kind, at) => event({ kind, u: 'x' }, at * every));
  it.each<[string, string, string[][]]>([
    ['{type: temporal, rules: [a, b], timespan: 5m, group-by: [u]}', 'ba', [[], ['c1 opened 2']]],
    ['{type: temporal, rules: [a, b], timespan: 5m, condition: {gte: 1}}', 'a', [['c1 opened 1']]],
    ['{type: temporal_ordered, rules: [a, b], timespan: 5m, group-by: [u]}', 'ba', [[], []]],
    ['{type: temporal_ordered, rules: [a, b], timespan: 5m, group-by: [u]}', 'bab', [[], [], ['c1 opened 2']]],
    ['{type: temporal_ordered, rules: [a, b], timespan: 90s}', 'aaxb', [[], [], [], []]],
  ])('%s of %s', (body, kinds, expected) => {
    expect(findings(correlation(body), of(kinds))).toEqual(expected);
  });

  it('rest on each other, and group by the events’ own fields', () => {
    const text = `title: Guessed\nid: c1
correlation: {type: temporal_ordered, rules: [many, b], group-by: [u], timespan: 10m}
---
title: Many\nid: c2\nname: many
correlation: {type: event_count, rules: [a], group-by: [u, h], timespan: 5m, condition: {gte: 3}}
---
${rule('kind: a', 'name: a\n')}---\n${rule('kind: b', 'name: b\n').replace('r1', 'r2')}`;
    const at = (kind: string, n: number, u = 'x') => event({ kind, u, h: 'h' }, n * minute);
    expect(findings(text, [at('a', 0), at('a', 1), at('b', 2), at('a', 3), at('b', 4, 'y'), at('b', 5)])).toEqual([
      [],
      [],
      [],
      [],
      [],
      ['c1 opened 2'],
    ]);
    expect(compile(text).ruleSet.longestWindowMs).toBe(15 * minute);
  });

  it('count a run below once', () => {
    const text = `title: Bursts\nid: c1
correlation: {type: event_count, rules: [burst], timespan: 1h, condition: {gte: 2}}
---
title: Burst\nid: c2\nname: burst
correlation: {type: event_count, rules: [a], timespan: 1m, condition: {gte: 2}}
---
${rule('kind: a', 'name: a\n')}`;
    const times = [0, 1000, 2000, 10 * minute, 10 * minute + 1000];
    expect(
      findings(
        text,
        times.map((time) => event({ kind: 'a' }, time)),
      ),
    ).toEqual([[], [], [], [], ['c1 opened 2']]);
  });

  it('refuse circles, and what rests on them', () => {
    const one = (id: string, on: string) =>
      `title: ${id}\nid: ${id}\ncorrelation: {type: event_count, rules: [${on}], timespan: 1m, condition: {gte: 1}}\n`;
    const { refused, ruleSet } = compileRules(
      [
        { name: 'a.yml', text: one('a', 'b') },
        { name: 'b.yml', text: one('b', 'a') },
        { name: 'c.yml', text: rule('a: 1') },
      ],
      {},
    );
    expect(refused.map(({ reason }) => reason)).toEqual([
      'a.yml: correlation rests on itself',
      'b.yml: correlation rests on itself',
    ]);
    expect(ruleSet.rules.map(({ id }) => id)).toEqual(['r1']);
  });

  it('hide the rules they name unless they generate', () => {
    const body = 'type: event_count\nrules: [a]\ntimespan: 1m\ncondition: {gte: 1}';
    expect(findings(correlation(body), of('a'))).toEqual([['c1 opened 1']]);
    expect(findings(correlation(`${body}\ngenerate: true`), of('a'))).toEqual([['r1 opened 1', 'c1 opened 1']]);
  });
});

describe('old aggregations', () => {
  const old = (condition: string, timeframe = '5m') =>
    `title: O\nid: o1\nlogsource: {product: gatehouse}\ndetection:\n  a: {kind: a}\n  b: {kind: b}\n  c: {kind: c}\n  timeframe: ${timeframe}\n  condition: ${condition}\n`;
  const of = (kinds: string) => [...kinds].map((kind, at) => event({ kind, u: `u${at % 2}`, n: at }, at * minute));
  it.each<[string, string, boolean[]]>([
    ['a | count() > 2', 'aaa', [false, false, true]],
    ['a | count() by u >= 2', 'aaa', [false, false, true]],
    ['a | count(u) > 1', 'aaa', [false, true, true]],
    ['a | sum(n) > 2', 'aaa', [false, false, true]],
    ['a | max(n) >= 2', 'aaa', [false, false, true]],
    ['a | min(n) = 0', 'aa', [true, true]],
    ['a or b | count() > 1', 'ab', [false, true]],
    ['a | near b', 'ba', [false, true]],
    ['a | near b and c', 'cab', [false, false, true]],
    ['a | near b and not c', 'ab', [false, true]],
    ['a | near b and not c', 'cab', [false, false, false]],
    ['a | near b', 'axxxxxxb', [false, false, false, false, false, false, false, false]],
  ])('%s of %s', (condition, kinds, expected) => {
    expect(findings(old(condition), of(kinds)).map((list) => list.length > 0)).toEqual(expected);
  });

  it('understands files with a global part', () => {
    const text = `action: global\ntitle: G\nid: g1\nlevel: high\ndetection: {condition: s}\n---\nlogsource: {product: gatehouse}\ndetection: {s: {a: 1}}\n---\nlogsource: {product: gatehouse}\ndetection: {s: {b: 1}}\n`;
    const { ruleSet } = compile(text);
    expect(ruleSet.rules.map(({ title, level }) => [title, level])).toEqual([
      ['G', 'high'],
      ['G', 'high'],
    ]);
    expect(fires(text, { b: 1 })).toBe(true);
  });
});

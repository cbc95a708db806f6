// The rule language: what Sigma rules match, what is refused and in which words, and files made to harm.
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src-main/engine/evaluate.ts';
import type { Event } from '../../../src-main/engine/event.ts';
import { createMemoryWindowState } from '../../../src-main/engine/memory-window-state.ts';
import { compileRules } from '../../../src-main/engine/rules/compile.ts';

function event(fields: Record<string, unknown>): Event {
  const { details = {}, ...rest } = fields;
  return { id: 'e', timeMs: 0, source: 's', event_type: 'other', ...rest, details } as unknown as Event;
}

function rule(detection: string, head = 'logsource: {product: gatehouse}'): string {
  const indented = detection
    .trim()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
  return `title: T\nid: 11111111-1111-4111-8111-111111111111\n${head}\ndetection:\n${indented}\n`;
}

function compile(text: string) {
  return compileRules([{ name: 'r.yml', text }], {});
}

function matches(detection: string, fields: Record<string, unknown>): boolean {
  const { ruleSet, refused } = compile(rule(detection));
  expect(refused).toEqual([]);
  return evaluate(ruleSet, [event(fields)], createMemoryWindowState()).length > 0;
}

function refusal(text: string): string {
  const { ruleSet, refused } = compile(text);
  expect(ruleSet.rules).toEqual([]);
  return refused[0]?.reason ?? '';
}

describe('values', () => {
  it.each([
    ['a: foo', { a: 'FOO' }, true],
    ['a|cased: foo', { a: 'FOO' }, false],
    ['a|cased: foo', { a: 'foo' }, true],
    ['a: 4625', { a: '4625' }, true],
    ["a: '4625'", { a: 4625 }, true],
    ['a: true', { a: true }, true],
    ['a: true', { a: 'True' }, true],
    ['a: null', {}, true],
    ['a: null', { a: null }, true],
    ['a: null', { a: '' }, false],
    ["a: ''", { a: '' }, true],
    ["a: ''", {}, false],
    ['a: [x, y]', { a: 'y' }, true],
    ['a: x', { a: ['w', 'x'] }, true],
    ['a: fo*r', { a: 'four' }, true],
    ['a: fo?r', { a: 'four' }, true],
    ['a: fo?r', { a: 'for' }, false],
    ['a: "*oo*"', { a: 'a foot' }, true],
    ['a: "*"', { a: '' }, true],
    ['a: "*"', {}, false],
    ['a: fo\\*r', { a: 'fo*r' }, true],
    ['a: fo\\*r', { a: 'fooor' }, false],
    ["a: 'c:\\\\*'", { a: 'C:\\temp' }, true],
    ["a: 'c:\\temp'", { a: 'c:\\temp' }, true],
    ['a|contains: b*d', { a: 'xabcde' }, true],
    ['a|startswith: ab', { a: 'ABC' }, true],
    ['a|endswith: bc', { a: 'ABC' }, true],
    ['a|contains|all: [a, c]', { a: 'abc' }, true],
    ['a|contains|all: [a, d]', { a: 'abc' }, false],
    ['a|re: ^f.o$', { a: 'foo' }, true],
    ['a|re: ^F', { a: 'foo' }, false],
    ['a|re|i: ^F', { a: 'foo' }, true],
    ['a|re: b.c', { a: 'b\nc' }, false],
    ['a|re|s: b.c', { a: 'b\nc' }, true],
    ['a|re|m: ^c', { a: 'b\nc' }, true],
    ['a|cidr: 203.0.113.0/24', { a: '203.0.113.9' }, true],
    ['a|cidr: 203.0.113.0/24', { a: '203.0.114.9' }, false],
    ['a|cidr: 203.0.113.0/24', { a: 'nonsense' }, false],
    ['a|cidr: 2001:db8::/32', { a: '2001:DB8::1' }, true],
    ['a|gt: 5', { a: 6 }, true],
    ['a|gt: 5', { a: '5' }, false],
    ['a|gte: 5', { a: '5' }, true],
    ['a|lt: 5', { a: 'x' }, false],
    ['a|lte: 5', {}, false],
    ['a|exists: true', { a: 0 }, true],
    ['a|exists: false', {}, true],
    ['a|exists: false', { a: 1 }, false],
    ['a|neq: x', { a: 'y' }, true],
    ['a|neq: x', { a: 'X' }, false],
    ['a|neq: x', {}, false],
    ['a|neq: [x, y]', { a: 'y' }, false],
    ['a|fieldref: b', { a: 'x', b: 'X' }, true],
    ['a|fieldref: b', { a: 'x' }, false],
    ['a|fieldref|endswith: b', { a: 'ex\\bob', b: 'bob' }, true],
    ['a.b: x', { a: { b: 'x' } }, true],
    ['details.a.b: x', { a: { b: 'x' } }, true],
    ['a.b: x', { 'a.b': 'x' }, true],
    ['A: x', { a: 'x' }, false],
    ['constructor|exists: true', {}, false],
    ['__proto__|exists: true', {}, false],
  ])('%s of %j is %s', (search, details, expected) => {
    expect(matches(`s:\n  ${search}\ncondition: s`, { details })).toBe(expected);
  });

  it('reads the event’s own fields, and keywords anywhere', () => {
    expect(matches('s: {actor: alice, success: false}\ncondition: s', { actor: 'Alice', success: false })).toBe(true);
    expect(matches('s: ["needle", other]\ncondition: s', { details: { deep: { list: ['a Needle b'] } } })).toBe(true);
    expect(matches('s: ["need*e"]\ncondition: s', { user_agent: 'x needle y' })).toBe(true);
    expect(matches('s: {"|all": [a1, b2]}\ncondition: s', { details: { x: 'a1', y: 'b2' } })).toBe(true);
    expect(matches('s: {"|all": [a1, b3]}\ncondition: s', { details: { x: 'a1', y: 'b2' } })).toBe(false);
    expect(matches('s: [needle]\ncondition: s', { actor: 'alice' })).toBe(false);
  });

  it('joins maps in a list by or, entries of a map by and', () => {
    const search = 's:\n  - {a: 1, b: 2}\n  - {c: 3}\ncondition: s';
    expect(matches(search, { details: { a: 1, b: 2 } })).toBe(true);
    expect(matches(search, { details: { c: 3 } })).toBe(true);
    expect(matches(search, { details: { a: 1, b: 3 } })).toBe(false);
  });
});

describe('conditions', () => {
  const searches = 'a1: {a: 1}\na2: {b: 1}\nfilter_x: {x: 1}\n_hidden: {h: 1}\ncondition: ';
  it.each([
    ['a1 and not filter_x', { a: 1 }, true],
    ['a1 and not filter_x', { a: 1, x: 1 }, false],
    ['not a1', {}, true],
    ['not not a1', { a: 1 }, true],
    ['1 of a*', { b: 1 }, true],
    ['any of a*', { b: 1 }, true],
    ['all of a*', { b: 1 }, false],
    ['all of a*', { a: 1, b: 1 }, true],
    ['1 of them', { h: 1 }, false],
    ['all of them', { a: 1, b: 1, x: 1 }, true],
    ['a1 or a2 and filter_x', { a: 1 }, true],
    ['(a1 or a2) and filter_x', { a: 1 }, false],
    ['not (a1 or a2)', { x: 1 }, true],
    ['a1 AND NOT 1 OF filter_*', { a: 1 }, true],
  ])('%s of %j is %s', (condition, details, expected) => {
    expect(matches(searches + condition, { details })).toBe(expected);
  });

  it.each([
    ['a1 and', 'expected a search name, found the end'],
    ['a1 a2', 'expected and, or, or the end, found "a2"'],
    ['(a1', 'expected a closing parenthesis, found the end'],
    ['nothing', 'condition names "nothing"'],
    ['2 of them', 'is not supported; use 1 of'],
    ['1 of z*', 'no search name fits "z*"'],
    ['a1 | count() > many', 'after the pipe, expected count(field)'],
    ['a1 | near', 'after the pipe'],
    ['a1 | near a2 or filter_x', 'near takes search names'],
    [`${'('.repeat(60)}a1${')'.repeat(60)}`, 'nested deeper than 50'],
    [`${'not '.repeat(60)}a1`, 'nested deeper than 50'],
  ])('refuses %s', (condition, words) => {
    expect(refusal(rule(searches + condition))).toContain(words);
  });
});

describe('refusals', () => {
  it.each([
    ['s: {a|base64: "x*"}\ncondition: s', 'base64 of a value with wildcards is not defined'],
    ['s: {a|re|cased: x}\ncondition: s', 'cased cannot be combined with re'],
    ['s: {a|hour|re: x}\ncondition: s', 'hour goes with gt'],
    ['s: {a|contians: x}\ncondition: s', 'modifier "contians" does not exist in Sigma 2.1'],
    ['s: {a|re: "(a"}\ncondition: s', 'regular expression refused'],
    ['s: {a|re: "(?=a)b"}\ncondition: s', 'regular expression refused'],
    ['s: {a|cidr: 10.0.0.0/99}\ncondition: s', 'is not a network'],
    ['s: {a|gt: x}\ncondition: s', 'gt needs a number'],
    ['s: {}\ncondition: s', 'detection.s is empty'],
    ['s: {a: {b: c}}\ncondition: s', 'expected a text, number or boolean'],
    ['s: {signals.nonsense: 1}\ncondition: s', 'no derived field signals.nonsense'],
    ['s: {a: 1}', 'condition is missing'],
  ])('%s', (detection, words) => {
    expect(refusal(rule(detection))).toContain(words);
  });

  it.each([
    ['title: T\ndetection: {}\n', 'logsource is missing'],
    ['- a\n', 'a rule is a map'],
    ['', 'holds no rule'],
    ['title: T\ntitle: U\n', 'line 2'],
    ['title: !!js/function x\n', 'r.yml'],
    [rule('s: {a: 1}\ncondition: s', 'logsource: {definition: x}'), 'names no product, category or service'],
    [rule('s: {a: 1}\ncondition: s', 'taxonomy: ecs\nlogsource: {product: aws}'), 'taxonomy "ecs" is not known'],
    [`${rule('s: {a: 1}\ncondition: s')}level: urgent\n`, 'level is one of informational'],
    [`${rule('s: {a: 1}\ncondition: s')}gatehouse: {runbok: [a]}\n`, 'gatehouse'],
    [`${rule('s: {a: 1}\ncondition: s')}gatehouse: {title: "{a"}\n`, 'brace without its partner'],
    ['title: T\ncorrelation: {type: event_count, rules: [x], timespan: 5m, condition: {gt: 1}}\n', 'names "x"'],
    ['title: T\ncorrelation: {type: event_count, rules: [x], timespan: 5m, condition: {about: 1}}\n', 'does not exist'],
    ['title: T\ncorrelation: {type: value_avg, rules: [x], timespan: 5m, condition: {gt: 1}}\n', 'condition.field'],
  ])('%j', (text, words) => {
    expect(refusal(text)).toContain(words);
  });

  it('lets the other files work, and names the file', () => {
    const good = rule('s: {a: 1}\ncondition: s');
    const { ruleSet, refused } = compileRules(
      [
        { name: 'bad.yml', text: 'x' },
        { name: 'good.yml', text: good },
        { name: 'twice.yml', text: good },
      ],
      {},
    );
    expect(ruleSet.rules.map(({ name }) => name)).toEqual(['good']);
    expect(refused.map(({ name }) => name)).toEqual(['bad.yml', 'twice.yml']);
  });
});

describe('files made to harm', () => {
  it.each([
    [
      'alias bomb',
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n`,
    ],
    ['deep flow', `a: ${'['.repeat(50_000)}`],
    ['deep maps', `a: ${'{a: '.repeat(50_000)}`],
    ['deep sequence', `${'- '.repeat(50_000)}x`],
    ['deep indentation', Array.from({ length: 300 }, (_, n) => `${' '.repeat(n)}a:`).join('\n')],
    ['too large', `title: ${'x'.repeat(1_100_000)}`],
    ['many documents', '---\na: 1\n'.repeat(60)],
  ])('%s is refused', (_, text) => {
    expect(refusal(text)).toMatch(/^r\.yml/);
  });

  it('catastrophic patterns run in linear time', () => {
    const text = `${'a'.repeat(30_000)}!`;
    expect(matches('s: {a|re: "^(a+)+$"}\ncondition: s', { details: { a: text } })).toBe(false);
    expect(matches('s: {a|re: "(x+x+)+y"}\ncondition: s', { details: { a: 'x'.repeat(30_000) } })).toBe(false);
    expect(matches(`s: {a: "${'*a'.repeat(500)}*b"}\ncondition: s`, { details: { a: text } })).toBe(false);
  });

  it('a pattern of a hundred thousand characters is no problem', () => {
    const long = 'a?'.repeat(60_000);
    expect(matches(`s: {a: "${long}"}\ncondition: s`, { details: { a: 'ab'.repeat(60_000) } })).toBe(true);
  });
});

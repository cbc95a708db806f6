// Rules and events made to harm: whatever comes, there is an answer, and it is the right one. That they end at all is the point.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Event, JsonObject, JsonValue } from '../../../src-main/engine/event.ts';
import { compileRules } from '../../../src-main/engine/rules/compile.ts';

function rules(...details: string[]) {
  const sources = details.map((detection, at) => ({
    name: `${at}.yml`,
    text: `title: T${at}\nlogsource: {product: gatehouse}\ndetection: {s: ${detection}, condition: s}\n`,
  }));
  const { ruleSet, refused } = compileRules(sources, {});
  expect(refused).toEqual([]);
  return (record: JsonObject) => [...ruleSet.matcher.match(eventOf(record))];
}

function eventOf(details: JsonObject): Event {
  return { id: 'e', timeMs: 0, source: 's', event_type: 'other', details };
}

const mebibyte = 1_048_576;

describe('values of a mebibyte', () => {
  it('are searched to their end by texts, and in their first 32 KiB by expressions', () => {
    const match = rules(
      '{a|contains: needle}',
      '{a|endswith: end}',
      '{a: "*x*needle*end"}',
      '[needle]',
      '{a|re: needle}',
      '{a|re: "^x{5}"}',
    );
    const text = `${'x'.repeat(mebibyte)}NEEDLE end`;
    expect(match({ a: text })).toEqual([0, 1, 2, 3, 5]);
  });

  it('meet patterns that make others run for years', () => {
    const patterns = ['(a+)+$', '(a|aa)+$', '(a|a?)+$', '(.*a){12}b', '([a-z]+)*[0-9]', '.*.*.*=.*', '(a*)*b'];
    const match = rules(
      ...patterns.map((pattern) => `{a|re: '${pattern}'}`),
      `{a: '${'*a'.repeat(400)}*b'}`,
      "{a|windash|contains: '-a/b'}",
    );
    expect(match({ a: 'a'.repeat(mebibyte) })).toEqual([0, 1, 2]);
  });

  it('nearly fit many literals at every place', () => {
    const literals = Array.from({ length: 500 }, (_, n) => `${'a'.repeat(40)}${n}b`);
    const match = rules(`{a|contains: [${literals.join(', ')}]}`, `{a|endswith: ${literals[7]}}`);
    expect(match({ a: 'a'.repeat(mebibyte) })).toEqual([]);
    expect(match({ a: `${'a'.repeat(mebibyte)}7b` })).toEqual([0, 1]);
  });
});

describe('events of strange shape', () => {
  it('have ten thousand fields, or one ten thousand deep', () => {
    const match = rules('{f9999: x}', '[needle]', '{a.b.c: x}', '{a|exists: true}');
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`f${n}`, 'x']));
    expect(match(wide)).toEqual([0]);
    let deep: JsonValue = 'needle';
    for (let n = 0; n < 10_000; n++) deep = n % 2 === 0 ? [deep] : { a: deep };
    expect(match({ a: deep })).toEqual([1, 3]);
  });

  it('name what objects inherit', () => {
    const match = rules(
      '{constructor: x}',
      '{toString|exists: true}',
      '{__proto__|exists: true}',
      '{a.__proto__.b: x}',
    );
    expect(match({ a: {} })).toEqual([]);
    expect(match(JSON.parse('{"constructor": "x", "toString": null}') as JsonObject)).toEqual([0, 1]);
  });

  it('differ in what selects the plan, a hundred thousand times', () => {
    const match = rules(
      '{Channel: c1, EventID: 1, a: x}',
      '{Channel: c2, EventID: 2}',
      '{Channel|startswith: c9, b: y}',
    );
    for (let n = 0; n < 100_000; n++)
      expect(match({ Channel: `c${n}`, EventID: n, a: 'x' }).length).toBe(n === 1 || n === 2 ? 1 : 0);
    expect(match({ Channel: 'C99', EventID: '1', b: 'Y' })).toEqual([2]);
    expect(match({ Channel: ['c1', 'c9'], EventID: [1], a: 'x', b: 'y' })).toEqual([0, 2]);
  });
});

describe('rule files', () => {
  it('of twenty thousand values work', () => {
    const match = rules(`{a: [${Array.from({ length: 20_000 }, (_, n) => `v${n}`).join(', ')}]}`);
    expect(match({ a: 'V19999' })).toEqual([0]);
    expect(match({ a: 'v20000' })).toEqual([]);
  });

  it('of any text are compiled or refused with a reason', () => {
    const words = fc.constantFrom(
      ...[
        'title: T\n',
        'logsource:\n',
        '  product: windows\n',
        'detection:\n',
        '  s:\n',
        '    a|re: "("\n',
        '    a|contains|all: [x]\n',
        '  condition: s\n',
      ],
      ...[
        'correlation:\n',
        '  type: temporal\n',
        '  rules: [a]\n',
        'filter:\n',
        '---\n',
        'action: global\n',
        '- x\n',
        '&a [*a]\n',
        '<<: *a\n',
        '{',
        ']',
        '"',
        ': ',
        '\t',
      ],
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string({ maxLength: 6 })), { maxLength: 25 }), (pieces) => {
        const { ruleSet, refused } = compileRules([{ name: 'r.yml', text: pieces.join('') }], {});
        expect(ruleSet.rules.length + refused.length).toBeGreaterThan(0);
        for (const { reason } of refused) expect(reason).toMatch(/^r\.yml/);
      }),
      { numRuns: 2000 },
    );
  });
});

// Rules and events made to harm: whatever comes, there is an answer, and it is the right one. That they end at all is the point.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Event, JsonObject, JsonValue } from '../../../src-main/engine/event.ts';
import { compileRules } from '../../../src-main/engine/rules/compile.ts';
import { compileGlob, parsePattern } from '../../../src-main/engine/rules/wildcard.ts';

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

describe('pairs of rule and text that multiply', () => {
  it('question marks after stars, at every place of a long text', () => {
    const match = rules(
      `{a: '*b${'?'.repeat(3000)}c*x'}`,
      `{a: '*${'?b'.repeat(1500)}c*x'}`,
      `{a: '*b${'?'.repeat(90)}x'}`,
    );
    expect(match({ a: `${'b'.repeat(mebibyte)}x` })).toEqual([2]);
    expect(match({ a: `${'b'.repeat(mebibyte)}cx` })).toEqual([0, 1, 2]);
  });

  it('two fields of many values, and many networks with many addresses', () => {
    const networks = Array.from({ length: 500 }, (_, n) => `10.0.${n & 255}.${n >> 8}/32`);
    const match = rules('{a|fieldref: b}', `{a|cidr: [${networks.join(', ')}]}`);
    const list = (of: string) => Array.from({ length: 2000 }, (_, n) => `${of}.${n >> 8}.${n & 255}`);
    expect(match({ a: list('11.0'), b: list('12.0') })).toEqual([]);
    expect(match({ a: [...list('11.0'), '10.0.7.1'], b: [...list('12.0'), '11.0.7.7'] })).toEqual([0, 1]);
  });

  it('wildcards find what an expression finds', () => {
    const piece = fc.constantFrom('a', 'b', '?', '*', 'ab', '?'.repeat(17), 'a'.repeat(20));
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 8 }),
        fc.array(fc.constantFrom('a', 'b', 'a'.repeat(30)), { maxLength: 12 }),
        (pieces, parts) => {
          const pattern = pieces.join('');
          const expression = new RegExp(`^${pattern.replace(/\*+/g, '[^]*').replace(/\?/g, '[^]')}$`);
          expect(compileGlob(parsePattern(pattern))(parts.join(''))).toBe(expression.test(parts.join('')));
        },
      ),
      { numRuns: 5000 },
    );
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

  it.each([
    [
      'more keys than are compared in reasonable time',
      `{${Array.from({ length: 5000 }, (_, n) => `k${n}: v`).join(', ')}}`,
      's',
      /more than 4000 keys/,
    ],
    [
      'conditions that name everything again and again',
      '{a: x}',
      Array(1900).fill('1 of s*').join(' and '),
      /more than 2000 words/,
    ],
    ['expressions whose repetitions multiply', "{a|re: '(a{1,1000}){1,1000}'}", 's', /expression too large/],
    [
      'expressions of two thousand parentheses',
      `{a|re: '${'('.repeat(2000)}a${')'.repeat(2000)}'}`,
      's',
      /nests too deeply/,
    ],
    ['lists of lists of lists', `{a: ${'['.repeat(1000)}${']'.repeat(1000)}}`, 's', /nested deeper than 32 levels/],
    ['nine hundred parentheses', '{a: x}', `${'('.repeat(900)}s${')'.repeat(900)}`, /nested deeper than 50 levels/],
    ['a file beyond a mebibyte', `{a: '${'x'.repeat(mebibyte)}'}`, 's', /larger than 1 MiB/],
  ])('are refused for %s', (_, detection, condition, reason) => {
    const text = `title: T\nlogsource: {product: gatehouse}\ndetection: {s: ${detection}, condition: '${condition}'}\n`;
    const { refused } = compileRules([{ name: 'r.yml', text }], {});
    expect(refused.map((one) => one.reason)).toEqual([expect.stringMatching(reason)]);
  });

  it('whose condition names all of many searches many times are refused', () => {
    const searches = Array.from({ length: 200 }, (_, n) => `  s${n}: {k: v${n}}`).join('\n');
    const condition = Array(150).fill('1 of s*').join(' and ');
    const text = `title: T\nlogsource: {product: gatehouse}\ndetection:\n${searches}\n  condition: ${condition}\n`;
    expect(compileRules([{ name: 'r.yml', text }], {}).refused.map(({ reason }) => reason)).toEqual([
      'r.yml: condition names more than 20000 searches',
    ]);
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

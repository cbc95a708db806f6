// Random rules of the whole language, and random events made of the same pieces.
import fc from 'fast-check';
import type { JsonObject } from '../../src-main/engine/event.ts';
import type { Condition, NaiveRule } from './naive-rules.ts';

const fields = ['EventID', 'Channel', 'Image', 'CommandLine', 'x.y', 'when', 'ip'] as const;
const field = fc.constantFrom(...fields);
const piece = fc.constantFrom(
  ...['a', 'b', 'A', 'cmd', 'CMD.exe', '\\', '/', '-', '–', ' ', 'é', 'É', 'ς', 'Σ', 'ſ', 'S', 'K', '1', '42', '.'],
  ...['powershell', 'İ', 'Sysmon', 'x', '𝒳', '*', '?', '%', '"', "'", '\n', 'dQBz', 'YQ==', 'abcd', 'abce', 'zzzz'],
);
const text = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(''));
const rulePiece = fc.oneof(piece, fc.constantFrom('*', '?', '\\*', '\\?', '\\\\', '\\\\*', '**'));
const ruleText = fc.array(rulePiece, { maxLength: 4 }).map((pieces) => pieces.join(''));
const plainText = fc
  .array(fc.constantFrom('a', 'b', 'cmd', 'é', '42', ' ', '-'), { minLength: 1, maxLength: 4 })
  .map((pieces) => pieces.join(''));
const regex = fc.constantFrom(
  ...[
    'a+b',
    '^a',
    'b$',
    '[ab]c',
    '(cmd|power)s?',
    'a.c',
    '\\d{2}',
    '(?:a|b)(?:1|4)',
    '.{3,}',
    'cm[dD]\\.exe',
    'é|x',
    '^$',
  ],
  ...['[Cc][Mm][Dd]', '(abc)?d', 'a*b+', '\\\\', 'powers(hell)?', '(a|)b', '[^a]b', 'x{0}y', '(ab){2}', '\\bcmd\\b'],
);
const address = fc.tuple(fc.nat(3), fc.nat(3)).map(([c, d]) => `10.0.${c}.${d}`);
const date = fc
  .date({ min: new Date(Date.UTC(2019, 11, 25)), max: new Date(Date.UTC(2027, 0, 10)), noInvalidDate: true })
  .map((one) => one.toISOString());
const oneOrMore = <T>(value: fc.Arbitrary<T>) => fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 12 }));

const placement = fc.constantFrom('', '|contains', '|startswith', '|endswith');
const flags = (...names: string[]) => fc.subarray(names).map((chosen) => chosen.map((name) => `|${name}`).join(''));
const item: fc.Arbitrary<[string, unknown]> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(
      fc.tuple(field, placement, flags('all', 'cased', 'windash', 'neq')).map((parts) => parts.join('')),
      oneOrMore(ruleText),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(
      fc.tuple(field, placement).map((parts) => parts.join('')),
      oneOrMore(ruleText),
    ),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constant('EventID'), oneOrMore(fc.nat(3))) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constant('Channel'), oneOrMore(fc.constantFrom('Sysmon', 'security', 'System'))),
  },
  fc.tuple(field, fc.constant(null)),
  fc.tuple(
    field.map((name) => `${name}|exists`),
    fc.boolean(),
  ),
  fc.tuple(
    fc.tuple(field, fc.constant('|re'), flags('i', 's'), flags('neq', 'all')).map((parts) => parts.join('')),
    oneOrMore(regex),
  ),
  fc.tuple(
    fc.tuple(field, fc.constantFrom('|gt', '|gte', '|lt', '|lte'), flags('neq')).map((parts) => parts.join('')),
    fc.integer({ min: -2, max: 50 }),
  ),
  fc.tuple(
    fc.tuple(fc.constant('ip|cidr'), flags('neq')).map((parts) => parts.join('')),
    oneOrMore(fc.nat({ max: 8 }).map((n) => `10.0.1.0/${32 - n}`)),
  ),
  fc.tuple(
    fc.tuple(field, fc.constant('|fieldref'), placement, flags('cased', 'neq')).map((parts) => parts.join('')),
    field,
  ),
  fc.tuple(
    fc
      .tuple(
        field,
        fc.constantFrom(
          '|base64',
          '|base64offset',
          '|wide',
          '|wide|base64',
          '|wide|base64offset',
          '|utf16le|base64offset',
        ),
        placement,
        flags('cased'),
      )
      .map((parts) => parts.join('')),
    oneOrMore(plainText),
  ),
  fc.tuple(
    fc
      .tuple(
        fc.constant('when'),
        fc.constantFrom('|minute', '|hour', '|day', '|week', '|month', '|year'),
        fc.constantFrom('', '|gt', '|lte'),
        flags('neq'),
      )
      .map((parts) => parts.join('')),
    oneOrMore(fc.oneof(fc.nat(60), fc.constant(2026))),
  ),
);
const searchMap = fc.array(item, { minLength: 1, maxLength: 3 }).map((entries) => Object.fromEntries(entries));
const keyword = fc.oneof(ruleText, fc.nat(50));
const search: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: searchMap },
  { weight: 2, arbitrary: fc.array(searchMap, { minLength: 1, maxLength: 3 }) },
  fc.array(keyword, { minLength: 1, maxLength: 3 }),
  fc.array(keyword, { minLength: 1, maxLength: 3 }).map((list) => ({ '|all': list })),
  fc.array(regex, { minLength: 1, maxLength: 2 }).map((list) => ({ '|re': list })),
);
const names = ['sel_a', 'sel_b', 'filter_x', '_hidden'] as const;
const condition: fc.Arbitrary<Condition> = fc.letrec<{ tree: Condition }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ kind: fc.constant('name' as const), name: fc.constantFrom(...names) }),
    fc.record({
      kind: fc.constant('of' as const),
      quantity: fc.constantFrom('1', 'any', 'all'),
      pattern: fc.constantFrom('them', 'sel_*', '*_x', 'filter*', '_h*'),
    }),
    fc.record({ kind: fc.constantFrom('and', 'or'), left: tie('tree'), right: tie('tree') }),
    fc.record({ kind: fc.constant('not' as const), inner: tie('tree') }),
  ),
})).tree;
export const rule: fc.Arbitrary<NaiveRule> = fc.record({
  searches: fc
    .tuple(search, search, search, search)
    .map((list) => Object.fromEntries(names.map((name, at) => [name, list[at]]))),
  condition,
});
const scalar = fc.oneof({ weight: 6, arbitrary: text }, fc.nat(50), fc.boolean(), fc.constant(null), address, date);
const value = fc.oneof({ weight: 5, arbitrary: scalar }, fc.array(scalar, { maxLength: 3 }), fc.record({ y: scalar }));
export const details: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      EventID: fc.oneof({ weight: 4, arbitrary: fc.nat(4) }, value),
      Channel: fc.oneof({ weight: 4, arbitrary: fc.constantFrom('Sysmon', 'SYSMON', 'Security', 'other') }, value),
      Image: value,
      CommandLine: value,
      x: fc.record({ y: scalar }),
      'x.y': scalar,
      when: fc.oneof(date, value),
      ip: fc.oneof(address, value),
    },
    { requiredKeys: [] },
  )
  .map((record) => ({ ...record }) as JsonObject);

/** Values that rules ask for, put into an event: chance alone would seldom fit. */
export interface Hint {
  readonly pick: number;
  readonly before: string;
  readonly after: string;
}
export const hint: fc.Arbitrary<Hint> = fc.record({
  pick: fc.nat(),
  before: fc.oneof(fc.constant(''), text),
  after: fc.oneof(fc.constant(''), text),
});

export function withHints(record: JsonObject, rules: readonly NaiveRule[], hints: readonly Hint[]): JsonObject {
  const wanted = rules.flatMap(({ searches }) => Object.values(searches).flatMap(entriesOf));
  const changed: Record<string, unknown> = { ...record };
  for (const { pick, before, after } of hints) {
    const [name, wish] = wanted[pick % Math.max(1, wanted.length)] ?? [];
    if (name !== undefined && wish !== undefined) changed[name] = `${before}${wish}${after}`;
  }
  return changed as JsonObject;
}

/** A date with the number in one of its parts. */
const dates: Readonly<Record<string, string>> = {
  year: 'NN-05-05T05:05:05Z',
  month: '2026-NN-05T05:05:05Z',
  day: '2026-05-NNT05:05:05Z',
  week: '2026-05-NNT05:05:05Z',
  hour: '2026-05-05TNN:05:05Z',
  minute: '2026-05-05T05:NN:05Z',
};

function entriesOf(one: unknown): [string, string][] {
  if (Array.isArray(one)) return one.flatMap(entriesOf);
  if (typeof one !== 'object' || one === null) return [['Image', literalOf(String(one))]];
  return Object.entries(one).flatMap(([key, values]): [string, string][] => {
    const [name = '', ...modifiers] = key.split('|');
    return (Array.isArray(values) ? values : [values]).map((each): [string, string] => {
      const literal = literalOf(String(each));
      const part = modifiers.find((modifier) => Object.hasOwn(dates, modifier));
      if (part !== undefined) return [name, (dates[part] ?? '').replace('NN', String(each).padStart(2, '0'))];
      const encoding = modifiers.includes('wide') || modifiers.includes('utf16le') ? 'utf16le' : 'utf8';
      const encoded = modifiers.some((modifier) => modifier.startsWith('base64'));
      return [name || 'Image', encoded ? Buffer.from(literal, encoding).toString('base64') : literal];
    });
  });
}

function literalOf(value: string): string {
  return value.replace(/\\([*?\\])|[*?]/g, (_, escaped?: string) => escaped ?? 'b');
}

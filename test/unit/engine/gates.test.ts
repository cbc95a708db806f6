// Rules that wait behind a field which events of their product have, and keywords looked for in records that nobody parsed: what matches
// is what each rule compiled alone makes of the whole event.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src-main/engine/event.ts';
import { createPlainSearch } from '../../../src-main/engine/plan/plain-search.ts';
import { recordEvent } from '../../../src-main/engine/plan/record.ts';
import { compileRules } from '../../../src-main/engine/rules/compile.ts';

const logSources = [
  '{product: linux}',
  '{product: linux, service: auditd}',
  '{category: webserver}',
  '{category: proxy}',
  '{product: zeek, service: dns}',
  '{product: kubernetes, service: audit}',
  '{category: antivirus}',
  '{category: nobody-mapped-this}',
  '{product: windows, service: security}',
  '{product: windows}',
];
const detections = [
  '{s: {a: 1}, condition: s}',
  '{s: {a|contains: needle}, condition: s}',
  '{s: {a: 1}, condition: not s}',
  '{s: {b|exists: false}, condition: s}',
  '{s: {a: null}, condition: s}',
  '{s: {cs-uri: x, path: x}, t: {a: 1}, condition: 1 of *}',
  "{k: ['needle', '\\mimilib.dll', 'v::x'], condition: k}",
];
const sources = logSources.flatMap((logSource, at) =>
  detections.map((detection, number) => ({
    name: `${at}-${number}.yml`,
    text: `title: R\nid: ${at}-${number}\nlogsource: ${logSource}\ndetection: ${detection}\n`,
  })),
);

const all = compileRules(sources, {});
const alone = sources.map((source) => compileRules([source], {}).ruleSet);

function matchesOfAll(give: (matcher: typeof all.ruleSet.matcher) => readonly number[] | undefined): string[] {
  return (give(all.ruleSet.matcher) ?? []).map((index) => all.ruleSet.detections[index]?.ruleId ?? '');
}

const text = fc.constantFrom('1', 'x', 'needle', 'a NEEDLE', 'C:\\mimilib.dll', 'v::x', 'needl', '\u017f', 'dns');
const value = fc.oneof(text, fc.constantFrom(1, true, null, 'nEEdle'), fc.array(text, { maxLength: 2 }));
const names = ['a', 'b', 'path', 'app', 'type', 'msg', 'resource_type', 'cs-method', 'cs-uri', 'c-uri', '_path'].concat(
  ['verb', 'objectRef', 'Signature', 'EventID', 'Channel', 'source'],
);
const record = fc
  .array(
    fc.oneof(
      fc.tuple(fc.constantFrom(...names), value),
      fc.constantFrom<[string, JsonObject[string]]>(
        ['logsource', { category: 'nobody-mapped-this' }],
        ['resource_type', 'url'],
        ['_path', 'dns'],
        ['Channel', 'Security'],
        ['needle', 'only the name of a field'],
      ),
    ),
    { maxLength: 8 },
  )
  .map((entries): JsonObject => Object.fromEntries(entries));

/** The same JSON with characters by their numbers. */
function spelled(details: JsonObject): string {
  return JSON.stringify(details).replace(
    /(?<!\\)[a-z](?=[^"]*"[,}\]])/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

describe('rules behind gates', () => {
  it('match what each of them matches alone, as events and from their bytes', () => {
    expect(all.refused).toEqual([]);
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 10 }), fc.boolean(), (records, prepared) => {
        for (const details of records) {
          const event = recordEvent(details);
          const wanted = alone.flatMap((one) => (one.matcher.match(event).length > 0 ? [one.rules[0]?.id ?? ''] : []));
          if (prepared) for (const _ of all.ruleSet.matcher.prepare([event]) ?? []);
          expect(matchesOfAll((matcher) => matcher.match(event))).toEqual(wanted);
          for (const json of [JSON.stringify(details), spelled(details)])
            expect(matchesOfAll((matcher) => matcher.matchRecord(Buffer.from(json)))).toEqual(wanted);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('keywords in JSON that nobody parsed', () => {
  const json = JSON.stringify({ a: 'say "Kiwi\\gentil"', n: 1 });
  const holds = (...texts: string[]) => createPlainSearch(texts)?.(json);

  it('may be there, or certainly are not', () => {
    expect(holds('gentil')).toBe(true);
    expect(holds('"kiwi\\gentil"')).toBe(true);
    expect(holds('kiwi gentil')).toBe(false);
    expect(createPlainSearch(['needle'])?.('{"a":"\\u006eeedle"}')).toBe(true);
    // The kelvin sign in lower case is a k.
    expect(createPlainSearch(['kiwi'])?.('{"a":"\u212aiwi"}')).toBe(true);
  });

  it('are not told where a number, an escape or another alphabet may spell them otherwise', () => {
    for (const wanted of ['1000', 'true', 'finity', 'als', '"\\"', 'ab', '/', 'übung'.slice(0, 1)])
      expect(createPlainSearch(['needle', wanted])).toBe(undefined);
  });

  it('are never missed', () => {
    const pieces = fc.constantFrom('needle', 'n', 'e', '\\', '"', '/', '1', '1e400', '\u212a', 'é', '\n', ' ', 'x.y');
    const written = fc.array(pieces, { maxLength: 6 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(written, { minLength: 1, maxLength: 3 }), written, (wanted, around) => {
        const folded = wanted.filter((one) => one !== '').map((one) => one.toLowerCase());
        const search = createPlainSearch(folded);
        for (const one of folded) expect(search?.(JSON.stringify({ k: around + one + around }))).not.toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

// Large batches of events are parsed element by element: the same answer as for the whole, and others have their turn meanwhile.
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBody } from '../../../src-main/adapters/https/bodies.ts';
import { arrayElements } from '../../../src-main/adapters/https/json-array.ts';
import { FormatError } from '../../../src-shared/evidence/format-error.ts';
import { parseStrictJsonBytes } from '../../../src-shared/evidence/strict-json.ts';

function whole(bytes: Uint8Array): string {
  try {
    const value = parseStrictJsonBytes(bytes, { maximumDepth: 32 });
    return Array.isArray(value) ? JSON.stringify(value) : 'no array';
  } catch (error) {
    if (error instanceof FormatError) return 'refused';
    throw error;
  }
}

function byElements(bytes: Uint8Array): string {
  try {
    const elements = arrayElements(bytes);
    if (elements === undefined) return whole(bytes);
    return JSON.stringify(Array.from(elements, (one) => parseStrictJsonBytes(one, { maximumDepth: 31 })));
  } catch (error) {
    if (error instanceof FormatError) return 'refused';
    throw error;
  }
}

const text = (value: string) => new TextEncoder().encode(value);

describe('an array taken apart', () => {
  test.each(['[]', ' [ ] ', '[ 1 , "a,]" , {"b":[1,{"c":"\\"]"}]} ]\n', '["\\\\",2]', '["\\\\\\"",{}]', '[[],[[]]]'])(
    '%s is what it is as a whole',
    (json) => {
      expect(byElements(text(json))).toBe(whole(text(json)));
      expect(byElements(text(json))).not.toBe('refused');
    },
  );

  test.each([
    '[',
    '[1',
    '[1,',
    '[1,]',
    '[,1]',
    '[1 2]',
    '[1]]',
    '[1],',
    '[}]',
    '[{]}]',
    '[{"a":1]',
    '["a]',
    '["a\\"]',
    '[1]\u0000',
    '[{"a":1,"a":2}]',
    '[{"__proto__":1}]',
    '[1,\ufeff2]',
    `[${'['.repeat(40)}${']'.repeat(40)}]`,
  ])('%s is refused, as it is as a whole', (json) => {
    expect([byElements(text(json)), whole(text(json))]).toEqual(['refused', 'refused']);
  });

  test('gives the same answer for any value and any damage to it', () => {
    const noise = fc.constantFrom(...'[]{},:"\\ \n1a\u00e9', '');
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue({ maxDepth: 4 })),
        fc.array(fc.tuple(fc.nat(), noise, fc.nat(2)), { maxLength: 3 }),
        (value, damage) => {
          let json = JSON.stringify(value);
          for (const [at, sign, cut] of damage) {
            const place = at % (json.length + 1);
            json = json.slice(0, place) + sign + json.slice(place + cut);
          }
          expect(byElements(text(json))).toBe(whole(text(json)));
        },
      ),
      { numRuns: 3_000 },
    );
  });
});

test.each([
  ['{"a":1,"a":2}', /^a key that stands twice/],
  ['{"n":9007199254740993}', /^a whole number that a double/],
  ['{"n":1e400}', /^a number out of range/],
  ['{"a":"\\ud800"}', /^a lone surrogate/],
  ['{"__proto__":{}}', /^a key named __proto__/],
  [`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, /^nesting deeper/],
])('JSON that is not taken refuses its event alone: %s', async (element, reason) => {
  const { events } = await readBody('events', 'application/json', text(`[{"a":1},${element},{"b":2}]`));
  expect(events).toEqual([{ a: 1 }, [expect.stringMatching(reason), element], { b: 2 }]);
});

describe('a large batch', () => {
  const event = { id: 'x', details: { text: 'a'.repeat(500) } };

  test('is read in turns, and what is no event becomes a reason', async () => {
    const batch = [...Array.from({ length: 2_000 }, () => event), 'a text', null];
    let turns = 0;
    let done = false;
    const others = (async () => {
      for (; !done; turns++) await nextTurn();
    })();
    const { events } = await readBody('events', 'application/json', text(JSON.stringify(batch)));
    done = true;
    await others;
    expect(events).toEqual([
      ...batch.slice(0, 2_000),
      'expected an object, got a string',
      'expected an object, got null',
    ]);
    expect(turns).toBeGreaterThan(10);
  });

  test('says which event is malformed, rejects one that is too long by itself, and ends at ten thousand', async () => {
    const good = Array.from({ length: 200 }, () => event);
    const broken = JSON.stringify([...good, 'here']).replace('"here"', '{"a":1,}');
    await expect(readBody('events', 'application/json', text(broken))).rejects.toMatchObject({
      code: 'request/malformed',
      message: expect.stringMatching(/^event 200: /) as string,
    });
    const long = { details: { text: 'a'.repeat(1_048_576) } };
    const { events } = await readBody('events', 'application/json', text(JSON.stringify([event, long, event])));
    expect(events).toEqual([event, 'longer than 1 MiB', event]);
    await expect(readBody('events', 'application/json', text(JSON.stringify(long)))).rejects.toMatchObject({
      code: 'request/too-large',
    });
    const many = text(`[${'{"a":"bbbbbb"},'.repeat(10_000)}{}]`);
    await expect(readBody('events', 'application/json', many)).rejects.toMatchObject({ code: 'request/too-large' });
  });
});

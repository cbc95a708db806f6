// The queue's query text: what is parsed prints back to the same query, and what cannot be understood is said, not dropped.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { suggestionsFor } from '../../../src-renderer/features/queue/suggestions.ts';
import { views } from '../../../src-renderer/features/queue/views.ts';
import { replaceWord, wordBefore } from '../../../src-renderer/lib/typed-words.ts';
import { severities } from '../../../src-renderer/ui/data/severity-levels.ts';
import { type AlertQuery, conditionsOf, filtersOf, parseQuery, printQuery } from '../../../src-shared/alert-query.ts';
import {
  alertOrigins,
  alertStatuses,
  excludableFields,
  groupFields,
  mostExcluded,
  mostGroupFields,
  verdicts,
} from '../../../src-shared/alert-words.ts';
import { contract } from '../../../src-shared/contract/contract.ts';

const now = Date.UTC(2026, 10, 21, 14, 8, 22);

function choices<Word extends string>(all: readonly Word[]) {
  return fc.subarray([...all], { minLength: 1, maxLength: all.length - 1 });
}
const value = fc
  .string({ minLength: 1, maxLength: 40 })
  .filter((text) => text.trim() !== '' && !text.startsWith('!') && !/[\n\r\t\f\v]/.test(text));
const age = fc.record({ count: fc.integer({ min: 1, max: 9999 }), unit: fc.constantFrom('m', 'h', 'd') });
const freeText = fc
  .array(
    fc.string({ minLength: 1, maxLength: 12 }).filter((word) => !/\s/.test(word)),
    { minLength: 1, maxLength: 4 },
  )
  .map((words) => words.join(' '));

const anyQuery: fc.Arbitrary<AlertQuery> = fc.record(
  {
    status: fc.record({ words: choices(alertStatuses), isNegated: fc.boolean() }),
    severity: fc.record({ words: choices(severities), isNegated: fc.boolean() }),
    verdict: fc.record({ words: choices(verdicts), isNegated: fc.constant(false) }),
    detector: value,
    origin: fc.constantFrom(...alertOrigins),
    user: value,
    ip: value,
    host: value,
    key: value,
    resource: value,
    // Another character first: what is asked for can't be left out as well.
    excluded: fc.uniqueArray(
      fc.record({ key: fc.constantFrom(...excludableFields), value: value.map((text) => `!${text}`) }),
      { minLength: 1, maxLength: mostExcluded, selector: ({ key, value: text }) => `${key}:${text}` },
    ),
    suppressed: fc.boolean(),
    assignee: value,
    riskMin: fc.integer({ min: 0, max: 100 }),
    youngerThan: age,
    olderThan: age,
    text: freeText,
    groupBy: fc.shuffledSubarray([...groupFields], { minLength: 1, maxLength: mostGroupFields }),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<AlertQuery>;

describe('query text', () => {
  it('prints every query so that parsing gives it back', () => {
    fc.assert(
      fc.property(anyQuery, (query) => {
        expect(parseQuery(printQuery(query))).toEqual({ query, problems: [] });
      }),
    );
  });

  it('never throws, and printing what was understood is stable', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 120 }), (text) => {
        const printed = printQuery(parseQuery(text).query);
        expect(printQuery(parseQuery(printed).query)).toBe(printed);
        expect(parseQuery(printed).problems).toEqual([]);
      }),
    );
  });

  it('asks the service only what the contract takes', () => {
    fc.assert(
      fc.property(anyQuery, (query) => {
        expect(contract['alerts.summary'].input.safeParse(filtersOf(query, now)).error).toBeUndefined();
      }),
    );
  });

  it('turns an excluded severity into the others', () => {
    const { query } = parseQuery('-severity:info,low status:open,ack risk:>70 age:<4h failed logins');
    expect(filtersOf(query, now)).toEqual({
      status: ['open', 'acknowledged'],
      severity: ['critical', 'high', 'medium'],
      risk_min: 71,
      raised_since: '2026-11-21T10:08:22.000Z',
      text: 'failed logins',
    });
  });

  it.each([
    ['colour:red', /colour: is not a filter/],
    ['severity:purple', /purple is none of/],
    ['user:alice -user:alice', /alice is both asked for and excluded/],
    ['-user:alice user:alice', /alice is both asked for and excluded/],
    ['-assignee:alice', /assignee: cannot be excluded/],
    ['suppressed:maybe', /written suppressed:yes or suppressed:no/],
    [`-resource:${'%'.repeat(70)}`, /longer than 200/],
    [Array.from({ length: 21 }, (_, at) => `-user:u${at}`).join(' '), /At most 20 values/],
    ['-verdict:duplicate', /verdict: cannot be excluded/],
    ['user:alice user:bob', /user: is given twice/],
    ['status:open -status:closed', /both asked for and excluded/],
    ['-status:open,ack,closed', /excludes everything/],
    ['risk:200', /from 0 to 100/],
    ['age:<soon', /age: is written/],
    ['-alice', /Words cannot be excluded/],
    ['user:', /needs a value/],
    ['"open quote', /not closed/],
  ])('says what is wrong with %s', (text, problem) => {
    expect(parseQuery(text).problems.join(' ')).toMatch(problem);
  });

  it('leaves out several values, each a condition of its own, and escapes what separates them', () => {
    const { query, problems } = parseQuery('status:open -user:"doe, jane" -user:bob -ip:10.0.0.0/8 host:web-1');
    expect(problems).toEqual([]);
    expect(filtersOf(query, now)).toEqual({
      status: ['open'],
      host: 'web-1',
      exclude: ['user:doe%2C jane', 'user:bob', 'ip:10.0.0.0/8'],
    });
    expect(conditionsOf(query).map((each) => [each.written, printQuery(each.without)])).toContainEqual([
      '-user:bob',
      'status:open host:web-1 -user:"doe, jane" -ip:10.0.0.0/8',
    ]);
  });

  it('gives each condition what is left without it', () => {
    const { query } = parseQuery('status:open user:alice "two words"');
    expect(conditionsOf(query).map((each) => [each.key, printQuery(each.without)])).toEqual([
      ['status', 'user:alice two words'],
      ['user', 'status:open two words'],
      ['text', 'status:open user:alice'],
    ]);
  });

  it('has no view whose query is not understood or prints otherwise', () => {
    for (const view of views) {
      expect(parseQuery(view.query).problems).toEqual([]);
      expect(printQuery(parseQuery(view.query).query)).toBe(view.query);
    }
  });
});

describe('suggestions', () => {
  const known = {
    detector: ['failed_logins'],
    user: ['alice', 'bob b'],
    ip: ['203.0.113.7'],
    assignee: ['mira'],
    host: ['web-1'],
    key: [],
    resource: [],
  };

  it('offers keys, then values, and continues a list', () => {
    expect(suggestionsFor('sev', known).map((each) => each.insert)).toEqual(['severity:']);
    expect(suggestionsFor('user:b', known).map((each) => each.insert)).toEqual(['user:"bob b"']);
    expect(suggestionsFor('severity:critical,h', known).map((each) => each.insert)).toEqual(['severity:critical,high']);
    expect(suggestionsFor('-', known).map((each) => each.insert)).toEqual([
      '-status:',
      '-severity:',
      '-detector:',
      '-user:',
      '-ip:',
      '-host:',
      '-key:',
      '-resource:',
    ]);
  });

  it('offers nothing that is not understood', () => {
    for (const key of ['', 'status:', 'severity:', 'verdict:', 'risk:', 'age:', 'user:', 'assignee:', '-severity:']) {
      for (const { insert } of suggestionsFor(key, known)) {
        if (!insert.endsWith(':')) expect(parseQuery(insert).problems).toEqual([]);
      }
    }
  });

  it('replaces the word under the cursor alone', () => {
    expect(wordBefore('status:open sev user:x', 15)).toBe('sev');
    expect(replaceWord('status:open sev user:x', 15, 'severity:high')).toEqual({
      text: 'status:open severity:high user:x',
      cursor: 26,
    });
  });
});

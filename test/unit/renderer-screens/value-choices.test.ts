// What the menu of a value makes of a query.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  eventQueryFor,
  excludedFrom,
  groupedBy,
  included,
  onlyThis,
  valuesOf,
} from '../../../src-renderer/features/queue/value-choices.ts';
import { parseQuery, printQuery } from '../../../src-shared/alert-query.ts';
import { excludableFields } from '../../../src-shared/alert-words.ts';
import { parseEventQuery } from '../../../src-shared/event-query.ts';

const alice = { key: 'user', value: 'alice' } as const;
const of = (text: string) => parseQuery(text).query;
const text = (query: ReturnType<typeof excludedFrom>) => query && printQuery(query);

describe('a value of an alert', () => {
  it('is looked for in place of another one, and no longer left out', () => {
    expect(text(included(of('status:open user:bob -user:alice -user:eve'), alice))).toBe(
      'status:open user:alice -user:eve',
    );
  });

  it('is left out beside others, and no longer looked for', () => {
    expect(text(excludedFrom(of('user:alice severity:high -user:bob'), alice))).toBe(
      'severity:high -user:bob -user:alice',
    );
    expect(excludedFrom(of('-user:alice'), alice)).toBeUndefined();
    const full = of(Array.from({ length: 20 }, (_, at) => `-user:u${at}`).join(' '));
    expect(excludedFrom(full, alice)).toBeUndefined();
  });

  it('is all that is looked for, in the states of the view', () => {
    expect(text(onlyThis(of('status:closed age:<24h user:bob words group:ip'), alice))).toBe(
      'status:closed user:alice',
    );
  });

  it('is what groups go by, three deep and once', () => {
    expect(text(groupedBy(of('status:open group:detector'), alice))).toBe('status:open group:detector,user');
    expect(groupedBy(of('group:user'), alice)).toBeUndefined();
    expect(groupedBy(of('group:ip,host,key'), alice)).toBeUndefined();
  });

  it('ends with what raised the alert', () => {
    expect(valuesOf({ entities: [{ kind: 'ip', value: '203.0.113.7' }], detector_id: 'd' })).toEqual([
      { key: 'ip', value: '203.0.113.7' },
      { key: 'detector', value: 'd' },
    ]);
  });

  it.each([
    ['user', 'alice', 'actor:alice'],
    ['ip', '203.0.113.7', 'ip_address:203.0.113.7'],
    ['host', 'web-1', '"web-1"'],
    ['resource', '!', undefined],
    ['detector', 'failed_logins', undefined],
  ] as const)('is looked for among the events: %s %s', (key, value, query) => {
    expect(eventQueryFor({ key, value })).toBe(query);
  });

  it('makes queries that are understood, whatever it is', () => {
    const named = fc.record({
      key: fc.constantFrom(...excludableFields),
      value: fc
        .string({ minLength: 1, maxLength: 60 })
        .filter((value) => value.trim() !== '' && !/[\t\n\v\f\r]/.test(value)),
    });
    fc.assert(
      fc.property(named, (value) => {
        for (const query of [included({}, value), excludedFrom({}, value), onlyThis({}, value)]) {
          expect(parseQuery(text(query) ?? '')).toEqual({ query, problems: [] });
        }
        const events = eventQueryFor(value);
        if (events !== undefined) expect(parseEventQuery(events, 0).kind).toBe('query');
      }),
    );
  });
});

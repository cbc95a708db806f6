// Rules that cost more than their share are switched off and named; the others go on.
import { expect, it } from 'vitest';
import { evaluate } from '../../../src-main/engine/evaluate.ts';
import type { Event } from '../../../src-main/engine/event.ts';
import { createMemoryWindowState } from '../../../src-main/engine/memory-window-state.ts';
import { compileRules } from '../../../src-main/engine/rules/compile.ts';
import { limitRuleWork, type RuleOverLimit } from '../../../src-main/engine/work-limit.ts';

function rule(id: string, detection: string) {
  return {
    name: `${id}.yml`,
    text: `title: ${id}\nid: ${id}\nlogsource: {product: gatehouse}\ndetection: {s: ${detection}, condition: s}\n`,
  };
}

function event(a: string, n = 0): Event {
  return { id: `e${n}`, timeMs: n, source: 's', event_type: 'other', details: { a, b: 'x' } };
}

function fired(ruleSet: ReturnType<typeof compileRules>['ruleSet'], events: Event[]): string[] {
  return evaluate(ruleSet, events, createMemoryWindowState())
    .map(({ ruleId }) => ruleId)
    .sort();
}

it('switches off the rule whose predicates take longer than their share, and says which', () => {
  const { ruleSet } = compileRules(
    [rule('slow', '{a|re: "yes[0-9]"}'), rule('quick', '{b: x}'), rule('other', '{a|re: "zet[0-9]"}')],
    {},
  );
  // A clock on which every expensive predicate takes half a second.
  let ms = 0;
  const over: RuleOverLimit[] = [];
  limitRuleWork(ruleSet, { now: () => (ms += 500), msPerEvent: 0, burstMs: 1200, onOver: (one) => over.push(one) });
  expect(fired(ruleSet, [event('yes1', 1)])).toEqual(['quick', 'slow']);
  expect(over).toEqual([]);
  expect(fired(ruleSet, [event('yes1', 2)])).toEqual(['quick', 'slow']);
  expect(fired(ruleSet, [event('yes1', 3), event('zet1', 4)])).toEqual(['other', 'quick', 'slow']);
  expect(over).toEqual([{ ruleId: 'slow', spentMs: 1500 }]);
  expect(fired(ruleSet, [event('yes1', 5), event('zet1', 6)])).toEqual(['other', 'quick']);
  expect(over.length).toBe(1);
});

it('names such a rule once and leaves it on where that is asked for', () => {
  const { ruleSet } = compileRules([rule('slow', '{a|re: "yes[0-9]"}')], {});
  let ms = 0;
  const over: string[] = [];
  const onOver = ({ ruleId }: RuleOverLimit) => over.push(ruleId);
  limitRuleWork(ruleSet, { now: () => (ms += 500), msPerEvent: 0, burstMs: 1200, switchesOff: false, onOver });
  for (let n = 0; n < 8; n++) expect(fired(ruleSet, [event('yes1', n)])).toEqual(['slow']);
  expect(over).toEqual(['slow']);
});

it('forgives what a rule took when enough events came that cost it nothing', () => {
  const { ruleSet } = compileRules([rule('slow', '{a|re: "yes[0-9]"}')], {});
  let ms = 0;
  const over: RuleOverLimit[] = [];
  limitRuleWork(ruleSet, { now: () => (ms += 500), msPerEvent: 100, burstMs: 1200, onOver: (one) => over.push(one) });
  for (let n = 0; n < 100; n++) fired(ruleSet, [event(n % 10 === 0 ? 'yes1' : 'nothing', n)]);
  expect(over).toEqual([]);
  for (let n = 0; n < 3; n++) fired(ruleSet, [event('yes1', n)]);
  expect(over.map(({ ruleId }) => ruleId)).toEqual(['slow']);
});

it('catches, on a real clock, an expression that needs a state for each of a thousand characters', () => {
  const { ruleSet } = compileRules([rule('thousand', '{a|re: "a.{1000}Z"}'), rule('quick', '{b: x}')], {});
  const over: RuleOverLimit[] = [];
  limitRuleWork(ruleSet, { now: () => performance.now(), burstMs: 200, onOver: (one) => over.push(one) });
  let seed = 1;
  const text = Array.from({ length: 30_000 }, () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return 'abcdefgh'.charAt((seed >> 16) % 8);
  }).join('');
  const started = performance.now();
  for (let n = 0; n < 500; n++) expect(fired(ruleSet, [event(`${text}Z${n}`, n)])).toEqual(['quick']);
  expect(over.map(({ ruleId }) => ruleId)).toEqual(['thousand']);
  // Five hundred such events would take minutes.
  expect(performance.now() - started).toBeLessThan(30_000);
});

it('counts the windows of correlations: events that come late into large ones cost more than their share', () => {
  const correlation = {
    name: 'spread.yml',
    text: `title: Spread\nid: spread\ncorrelation: {type: value_sum, rules: [base], group-by: [a], timespan: 1h, condition: {field: n, gt: 1e12}}\n---\ntitle: Base\nid: base\nlogsource: {product: gatehouse}\ndetection: {s: {a: x}, condition: s}\n`,
  };
  const { ruleSet, refused } = compileRules([correlation, rule('quick', '{b: x}')], {});
  expect(refused).toEqual([]);
  const windows = createMemoryWindowState();
  const over: RuleOverLimit[] = [];
  limitRuleWork(ruleSet, { now: () => performance.now(), burstMs: 100, onOver: (one) => over.push(one) });
  const late = (n: number): Event => ({
    ...event('x', n),
    timeMs: n * 300 - (n % 2) * 500_000,
    details: { a: 'x', b: 'x', n },
  });
  let last: string[] = [];
  for (let n = 0; n < 20_000; n++) last = evaluate(ruleSet, [late(n)], windows).map(({ ruleId }) => ruleId);
  expect(over.map(({ ruleId }) => ruleId)).toEqual(['base']);
  expect(last).toEqual(['quick']);
});

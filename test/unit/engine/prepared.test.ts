// Plans that are made in steps before their events are matched: for the first event of a kind, when what was seen of such events makes a
// better one, and when a rule was switched off.
import { expect, it } from 'vitest';
import type { Event } from '../../../src-main/engine/event.ts';
import { compileRules } from '../../../src-main/engine/rules/compile.ts';
import { limitRuleWork } from '../../../src-main/engine/work-limit.ts';

function rule(id: number, detection: string) {
  return {
    name: `r${id}.yml`,
    text: `title: Rule ${id}\nid: r${id}\nlogsource: {product: gatehouse}\ndetection: {s: ${detection}, condition: s}\n`,
  };
}

function event(EventID: number, CommandLine: string): Event {
  return { id: 'e', timeMs: 0, source: 's', event_type: 'other', details: { EventID, CommandLine } };
}

const many = Array.from({ length: 1000 }, (_, at) =>
  rule(at, `{EventID: ${at % 4}, CommandLine|contains: ["word${at}", "tool${at}"]}`),
);

it('has something to do for the first event of a kind alone, in many steps', () => {
  const { matcher } = compileRules(many, {}).ruleSet;
  const events = [event(1, 'word1'), event(1, 'tool5 word9'), event(2, 'tool2')];
  const steps = [...(matcher.prepare(events) ?? [])].length;
  expect(steps).toBeGreaterThan(40);
  expect(matcher.prepare(events)).toBeUndefined();
  expect(matcher.prepare([event(3, 'word3')])).toBeDefined();
  expect(events.map((one) => [...matcher.match(one)])).toEqual([[1], [5, 9], [2]]);
});

it('gives the same answers between any two steps', () => {
  const { matcher } = compileRules(many, {}).ruleSet;
  for (const _ of matcher.prepare([event(0, 'a')]) ?? []) {
    expect([...matcher.match(event(1, 'word1 word4'))]).toEqual([1]);
    expect([...matcher.match(event(0, 'word1 word4'))]).toEqual([4]);
  }
  expect([...matcher.match(event(0, 'word8'))]).toEqual([8]);
});

it('makes a better plan in steps too, when the first one was looked at in vain', () => {
  const everyday = Array.from({ length: 40 }, (_, at) =>
    rule(at, `{CommandLine|contains|all: ["seldom-at-first-sight", "${at}-never"]}`),
  );
  const { matcher } = compileRules(everyday, {}).ruleSet;
  const often = event(0, 'seldom-at-first-sight and more');
  for (const _ of matcher.prepare([often]) ?? []);
  for (let at = 0; at < 5_000; at++) matcher.match(often);
  const steps = matcher.prepare([often]);
  expect(steps).toBeDefined();
  for (const _ of steps ?? []) expect([...matcher.match(often)]).toEqual([]);
  expect(matcher.prepare([often])).toBeUndefined();
  expect([...matcher.match(event(0, 'seldom-at-first-sight 7-never'))]).toEqual([7]);
});

it('leaves a rule out that went over its share, before and after its plan is made again', () => {
  const { ruleSet } = compileRules(
    [rule(0, '{CommandLine|re: "[0-9]$"}'), rule(1, '{CommandLine|contains: word}')],
    {},
  );
  const { matcher } = ruleSet;
  const both = event(0, 'word 7');
  for (const _ of matcher.prepare([both]) ?? []);
  let ms = 0;
  const over: string[] = [];
  limitRuleWork(ruleSet, {
    now: () => (ms += 500),
    msPerEvent: 0,
    burstMs: 1200,
    onOver: ({ ruleId }) => over.push(ruleId),
  });
  const found = Array.from({ length: 5 }, () => [...matcher.match(both)]);
  expect(over).toEqual(['r0']);
  expect(found).toEqual([[0, 1], [0, 1], [0, 1], [1], [1]]);
  const worked = ms;
  expect(matcher.match(both)).toEqual([1]);
  expect(ms).toBe(worked);
  for (const _ of matcher.prepare([both]) ?? []);
  expect([...matcher.match(both)]).toEqual([1]);
  expect(matcher.prepare([both])).toBeUndefined();
});

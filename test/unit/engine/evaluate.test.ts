// From events to findings: numbers, repetition, parameters, versions, and values that try to write the sentence themselves.
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src-main/engine/evaluate.ts';
import type { Event } from '../../../src-main/engine/event.ts';
import { createMemoryWindowState } from '../../../src-main/engine/memory-window-state.ts';
import { compileRules } from '../../../src-main/engine/rules/compile.ts';

const text = `
title: Many failures
id: 22222222-2222-4222-8222-222222222222
tags: [attack.t1110]
level: high
correlation:
  type: event_count
  rules: [failure]
  group-by: [ip_address]
  timespan: 5m
  condition: {gt: "\${limit}"}
gatehouse:
  parameters:
    limit: {setting: breach_detection.limit, label: Limit, default: 2, minimum: 1, maximum: 100}
  title: "{count} failures of {actor} from {ip_address}"
  sentence: "{count} failures of {actor} from {ip_address} in {span}. The limit is {threshold} in {window}."
  risk: {confidence: 0.9}
  entities: [{kind: ip, field: ip_address}, {kind: user, field: actor}]
---
title: Failure
id: 33333333-3333-4333-8333-333333333333
name: failure
logsource: {product: gatehouse}
detection:
  s: {event_type: login, success: false}
  condition: s
`;

function compile(parameters: Record<string, number | string> = {}) {
  return compileRules([{ name: 'many.yml', text }], parameters);
}

function failure(n: number, fields: Partial<Event> = {}): Event {
  return {
    id: `e${n}`,
    timeMs: n * 10_000,
    source: 's',
    event_type: 'login',
    success: false,
    actor: 'alice',
    ip_address: '203.0.113.7',
    details: {},
    ...fields,
  };
}

describe('a correlation', () => {
  it('gives a whole finding at the crossing and continues it afterwards', () => {
    const { ruleSet } = compile();
    const windows = createMemoryWindowState();
    expect(evaluate(ruleSet, [failure(0), failure(1)], windows)).toEqual([]);
    const [opened] = evaluate(ruleSet, [failure(2)], windows);
    expect(opened).toMatchObject({
      ruleId: '22222222-2222-4222-8222-222222222222',
      parameters: { limit: 2 },
      level: 'high',
      risk: 63,
      riskDerivation: [
        { label: 'Severity High', points: 70 },
        { label: 'Confidence 90 %', points: -7 },
      ],
      title: '3 failures of alice from 203.0.113.7',
      sentence: '3 failures of alice from 203.0.113.7 in 20 s. The limit is 2 in 5 min.',
      group: { ip_address: '203.0.113.7' },
      entities: [
        { kind: 'ip', value: '203.0.113.7' },
        { kind: 'user', value: 'alice' },
      ],
      techniques: ['T1110'],
      state: 'opened',
      count: 3,
      newEvents: 3,
      value: 3,
      firstAtMs: 0,
      lastAtMs: 20_000,
      eventIds: ['e0', 'e1', 'e2'],
      dedupWindowMs: 3_600_000,
    });
    const [continued] = evaluate(ruleSet, [failure(3, { actor: 'bob' }), failure(4)], windows);
    expect(continued).toMatchObject({
      state: 'continued',
      count: 5,
      newEvents: 2,
      eventIds: ['e3', 'e4'],
      dedupKey: opened?.dedupKey,
      sentence: '5 failures of 2 users from 203.0.113.7 in 40 s. The limit is 2 in 5 min.',
      risk: 65,
    });
  });

  it('keeps groups apart and leaves out events without the group’s field', () => {
    const { ruleSet } = compile();
    const { ip_address: _, ...nowhere } = failure(9);
    const events = [failure(0), failure(1), failure(2, { ip_address: '203.0.113.8' }), nowhere, nowhere, nowhere];
    expect(evaluate(ruleSet, events, createMemoryWindowState())).toEqual([]);
  });

  it('is rebuilt by running stored events through it', () => {
    const { ruleSet } = compile();
    const events = Array.from({ length: 8 }, (_, n) => failure(n));
    const lasting = createMemoryWindowState();
    evaluate(ruleSet, events.slice(0, 5), lasting);
    const rebuilt = createMemoryWindowState();
    evaluate(ruleSet, events.slice(0, 5), rebuilt);
    expect(evaluate(ruleSet, events.slice(5), rebuilt)).toEqual(evaluate(ruleSet, events.slice(5), lasting));
  });
});

describe('parameters', () => {
  it('change the rule, its version and its sentence', () => {
    const { ruleSet } = compile({ 'breach_detection.limit': 4 });
    expect(ruleSet.rules[0]?.parameters).toEqual({ limit: 4 });
    expect(ruleSet.rules[0]?.version).not.toBe(compile().ruleSet.rules[0]?.version);
    expect(compile({ 'breach_detection.limit': 4 }).ruleSet.rules[0]?.version).toBe(ruleSet.rules[0]?.version);
    const events = [0, 1, 2, 3, 4].map((n) => failure(n));
    expect(evaluate(ruleSet, events, createMemoryWindowState())[0]?.sentence).toContain('The limit is 4 in 5 min.');
  });

  it.each([
    [{ 'breach_detection.limit': 0 }, 'many.yml: setting breach_detection.limit is 0; expected 1 to 100'],
    [{ 'breach_detection.limit': 'ten' }, 'many.yml: setting breach_detection.limit must be a number'],
    [{ 'breach_detection.limit': Number.NaN }, 'many.yml: setting breach_detection.limit is NaN; expected 1 to 100'],
  ])('refuses %j', (parameters, reason) => {
    expect(compile(parameters as Record<string, number | string>).refused).toEqual([{ name: 'many.yml', reason }]);
  });
});

it('shows values of events so that they cannot pass for the sentence', () => {
  const { ruleSet } = compile();
  const actor = `{ip_address}\u202Ea\n\n${'x'.repeat(200)}`;
  const [finding] = evaluate(
    ruleSet,
    [0, 1, 2].map((n) => failure(n, { actor })),
    createMemoryWindowState(),
  );
  expect(finding?.title).toMatch(/^3 failures of \{ip_address\}\uFFFDa\uFFFD\uFFFDx+…x{20} from 203\.0\.113\.7$/);
  expect(finding?.entities[1]?.value).toBe(actor);
  expect(finding?.dedupKey.length).toBeLessThan(80);
});

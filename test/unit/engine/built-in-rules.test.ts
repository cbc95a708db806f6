// Every built-in rule file: compiles, is complete, and its own cases come out as they say.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src-main/engine/evaluate.ts';
import { createMemoryWindowState } from '../../../src-main/engine/memory-window-state.ts';
import { caseEvents, caseStartMs } from '../../../src-main/engine/rules/cases.ts';
import { compileRules } from '../../../src-main/engine/rules/compile.ts';

const folder = new URL('../../../resources/rules/', import.meta.url);
const sources = readdirSync(folder)
  .filter((name) => name.endsWith('.yml'))
  .sort()
  .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }));
const { ruleSet, refused } = compileRules(sources, {});

it('compiles every built-in rule', () => {
  expect(refused).toEqual([]);
  expect(sources.length).toBeGreaterThanOrEqual(15);
});

it('needs to look at no rule without a predicate that fired', () => {
  expect(ruleSet.matcher.size.always).toBe(0);
});

describe.each(ruleSet.rules.map((rule) => [rule.title, rule] as const))('%s', (_, rule) => {
  it('is complete', () => {
    expect(rule.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(rule.version).toMatch(/^[0-9a-f]{64}$/);
    expect(rule.description.length).toBeGreaterThan(20);
    expect(rule.techniques.length).toBeGreaterThan(0);
    expect(rule.references.length).toBeGreaterThan(0);
    expect(rule.falsePositives.length).toBeGreaterThan(0);
    expect(rule.runbook.length).toBeGreaterThanOrEqual(3);
    expect(new Set(rule.cases.map(({ matches }) => matches))).toEqual(new Set([true, false]));
  });

  it.each(rule.cases.map((one) => [one.name, one] as const))('%s', (__, ruleCase) => {
    const events = caseEvents(ruleCase, caseStartMs);
    const together = evaluate(ruleSet, events, createMemoryWindowState());
    const findings = together.filter(({ ruleId }) => ruleId === rule.id);
    expect(findings.length > 0).toBe(ruleCase.matches);
    const last = findings[findings.length - 1];
    if (ruleCase.sentence !== undefined) expect(last?.sentence).toBe(ruleCase.sentence);
    if (ruleCase.title !== undefined) expect(last?.title).toBe(ruleCase.title);
    for (const { risk, riskDerivation, sentence, title, eventIds, newEvents } of findings) {
      expect(riskDerivation.reduce((sum, { points }) => sum + points, 0)).toBe(risk);
      expect(risk).toBeGreaterThan(0);
      expect(risk).toBeLessThanOrEqual(100);
      expect(`${title} ${sentence}`).not.toMatch(/\{[a-z_.]+\}|undefined|NaN/);
      expect(eventIds.length).toBe(newEvents);
    }

    // One by one gives the same events in the same number of openings, only in more pieces.
    const windows = createMemoryWindowState();
    const pieces = events
      .flatMap((event) => evaluate(ruleSet, [event], windows))
      .filter(({ ruleId }) => ruleId === rule.id);
    expect(pieces.flatMap(({ eventIds }) => eventIds)).toEqual(findings.flatMap(({ eventIds }) => eventIds));
    expect(pieces.reduce((sum, { newEvents }) => sum + newEvents, 0)).toBe(
      findings.reduce((sum, { newEvents }) => sum + newEvents, 0),
    );
  });
});

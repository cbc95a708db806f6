// Files of several Sigma rules, by the specification and its older one: what actions join, and what correlations of the others find.
import { describe, expect, it } from 'vitest';
import type { Event } from '../../../src-main/engine/event.ts';
import { compileRules } from '../../../src-main/engine/rules/compile.ts';
import { refusal, sigmaEvent, sigmaHead, titles } from '../../support/sigma-titles.ts';

describe('files of several rules', () => {
  const own = (title: string, search: string) =>
    `title: ${title}\n${sigmaHead}detection:\n  s: ${search}\n  condition: s\n`;

  it('join what is global to each, maps at every depth, until it is reset', () => {
    const text = [
      `action: global\ntitle: G\nid: g1\nlevel: low\n${sigmaHead}`,
      'action: global\ndetection:\n  s: {k: a}\n  condition: s\n',
      'detection:\n  s: {u: 1}\n',
      'title: H\ndetection:\n  s: {k: b}\n',
      'action: reset\n',
      own('R', '{k: c}'),
    ].join('---\n');
    const of = (details: Record<string, unknown>) => titles(text, sigmaEvent(details))[0];
    expect(of({ k: 'a', u: 1 })).toEqual(['G']);
    expect(of({ k: 'a' })).toEqual([]);
    expect(of({ k: 'b' })).toEqual(['H']);
    expect(of({ k: 'c' })).toEqual(['R']);
  });

  it('repeat the rule before with what is different', () => {
    const text = `${own('One', '{k: a, u: 1}').replace('title', 'id: one\ntitle')}---\naction: repeat\ntitle: Two\ndetection:\n  s: {k: b}\n---\naction: repeat\ntitle: Three\ndetection:\n  s: {u: 2}\n`;
    const of = (details: Record<string, unknown>) => titles(text, sigmaEvent(details))[0];
    expect(of({ k: 'a', u: 1 })).toEqual(['One']);
    expect(of({ k: 'b', u: 1 })).toEqual(['Two']);
    expect(of({ k: 'b', u: 2 })).toEqual(['Three']);
    const { ruleSet } = compileRules([{ name: 'r.yml', text }], {});
    expect(new Set(ruleSet.rules.map(({ id }) => id)).size).toBe(3);
  });

  it('keep a search named __proto__', () => {
    const text = `action: global\ntitle: G\n${sigmaHead}detection:\n  __proto__: {k: a}\n  condition: __proto__\n---\ndetection:\n  __proto__: {u: 1}\n`;
    expect(titles(text, sigmaEvent({ k: 'a', u: 1 }), sigmaEvent({ k: 'a' }))).toEqual([['G'], []]);
  });

  it.each([
    ['action: repeat\ntitle: x\n', 'action repeat comes after the rule that it repeats'],
    ['action: reset\ntitle: x\n', 'action reset stands alone'],
    ['action: explode\n', 'action "explode" does not exist'],
  ])('are refused with the reason: %s', (text, reason) => {
    expect(refusal(text)).toContain(reason);
  });
});

describe('a correlation', () => {
  const base = (name: string) =>
    `title: ${name}\nname: ${name}\nid: ${name}1\n${sigmaHead}detection:\n  s: {k: ${name}}\n  condition: s\n`;
  const text = (correlation: string) =>
    [`title: MAIN\nid: m1\ncorrelation: ${correlation}\n`, base('ra'), base('rb'), base('rc')].join('---\n');
  const at = (seconds: number, k: string, more: Record<string, unknown> = {}) =>
    sigmaEvent({ k, ...more }, seconds * 1000);
  const fired = (correlation: string, ...events: readonly Event[]) =>
    titles(text(correlation), ...events).flatMap((list, index) => (list.includes('MAIN') ? [index] : []));

  it.each<[string, readonly Event[], number[]]>([
    [
      '{type: event_count, rules: [ra], group-by: [u], timespan: 1m, condition: {gte: 2}}',
      [at(0, 'ra', { u: 1 }), at(60, 'ra', { u: 1 })],
      [1],
    ],
    [
      '{type: event_count, rules: [ra], group-by: [u], timespan: 60s, condition: {gte: 2}}',
      [at(0, 'ra', { u: 1 }), at(60.001, 'ra', { u: 1 })],
      [],
    ],
    [
      '{type: event_count, rules: [ra, rb], group-by: [u], timespan: 1h, condition: {gt: 2}}',
      [at(0, 'ra', { u: 1 }), at(1, 'rb', { u: 1 }), at(2, 'rb', { u: 2 }), at(3, 'ra', { u: 1 })],
      [3],
    ],
    [
      '{type: event_count, rules: [ra], group-by: [u, h], timespan: 2d, condition: {gte: 2}}',
      [at(0, 'ra', { u: 1, h: 1 }), at(1, 'ra', { u: 1, h: 2 }), at(172_800, 'ra', { u: 1, h: 1 })],
      [2],
    ],
    ['{type: event_count, rules: [ra], group-by: [u], timespan: 1h, condition: {gte: 1}}', [at(0, 'ra')], []],
    [
      '{type: temporal, rules: [ra, rb, rc], group-by: [h], timespan: 5m, condition: {gte: 2}}',
      [at(0, 'rb', { h: 1 }), at(2, 'rc', { h: 1 })],
      [1],
    ],
    [
      '{type: temporal_ordered, rules: [ra, rb, rc], group-by: [h], timespan: 5m}',
      [
        at(0, 'rb', { h: 1 }),
        at(1, 'ra', { h: 1 }),
        at(2, 'rc', { h: 1 }),
        at(3, 'rb', { h: 1 }),
        at(4, 'rc', { h: 1 }),
      ],
      [4],
    ],
    // Ties count in the order in which they came; what comes late counts where it belongs.
    [
      '{type: temporal_ordered, rules: [ra, rb], group-by: [h], timespan: 5m}',
      [at(2, 'ra', { h: 1 }), at(2, 'rb', { h: 1 })],
      [1],
    ],
    [
      '{type: temporal_ordered, rules: [ra, rb], group-by: [h], timespan: 5m}',
      [at(2, 'rb', { h: 1 }), at(2, 'ra', { h: 1 })],
      [],
    ],
    [
      '{type: temporal_ordered, rules: [ra, rb], group-by: [h], timespan: 5m}',
      [at(2, 'rb', { h: 1 }), at(0, 'ra', { h: 1 })],
      [1],
    ],
    [
      '{type: temporal, rules: [ra, rb], group-by: [ip], timespan: 10s, aliases: {ip: {ra: dst, rb1: src}}}',
      [at(0, 'ra', { dst: 'x', src: 'z' }), at(1, 'rb', { src: 'z' }), at(2, 'rb', { src: 'x' })],
      [2],
    ],
    [
      '{type: value_count, rules: [ra, rb], group-by: [h], timespan: 10s, aliases: {ip: {ra: dst, rb: src}}, condition: {field: ip, gte: 2}}',
      [at(0, 'ra', { h: 1, dst: 1 }), at(1, 'rb', { h: 1, src: '1' }), at(2, 'rb', { h: 1, src: 2 })],
      [2],
    ],
  ])('%s', (correlation, events, expected) => {
    expect(fired(correlation, ...events)).toEqual(expected);
  });

  it.each([
    [
      '{type: temporal, rules: [ra, rb], group-by: [ip], timespan: 10s, aliases: {ip: {ra: dst, rd: src}}}',
      'aliases.ip names "rd", which correlation.rules does not',
    ],
    ['{type: event_count, rules: [ra], timespan: 5x, condition: {gte: 3}}', 'is not a time such as 5m'],
    ['{type: event_count, rules: [gone], timespan: 5m, condition: {gte: 3}}', 'no rule has that id or name'],
  ])('is refused with the reason: %s', (correlation, reason) => {
    expect(refusal(text(correlation))).toContain(reason);
  });

  it.each([
    [
      '{type: event_count, rules: [ra], timespan: 5m, condition: {gt: 5, lt: 3}}',
      'nothing is within all of its limits',
    ],
    [
      '{type: event_count, rules: [ra], timespan: 5m, condition: {gte: 5, lt: 5}}',
      'nothing is within all of its limits',
    ],
    [
      '{type: event_count, rules: [ra], timespan: 5m, condition: {eq: 5, neq: 5}}',
      'nothing is within all of its limits',
    ],
    ['{type: temporal, rules: [ra, rb], timespan: 5m, condition: {gte: 3}}', 'of 2 rules it asks for more'],
    ['{type: temporal_ordered, rules: [ra, rb], timespan: 5m, condition: {gt: 2}}', 'of 2 rules it asks for more'],
  ])('that can never hold is noted: %s', (correlation, reason) => {
    const { refused, notes } = compileRules([{ name: 'r.yml', text: text(correlation) }], {});
    expect([refused, notes.map((note) => note.reason)]).toEqual([
      [],
      [`correlation.condition can never hold: ${reason}`],
    ]);
  });

  it.each([
    '{type: event_count, rules: [ra], timespan: 5m, condition: {gte: 5, lte: 5}}',
    '{type: event_count, rules: [ra], timespan: 5m, condition: {gt: 5, lt: 7}}',
    '{type: temporal, rules: [ra, rb], timespan: 5m, condition: {gt: 1}}',
    '{type: temporal, rules: [ra, rb], timespan: 5m, condition: {neq: 2}}',
  ])('that can hold is not: %s', (correlation) => {
    expect(compileRules([{ name: 'r.yml', text: text(correlation) }], {}).notes).toEqual([]);
  });
});

// The detection engine over recorded events with the public Windows rules (spec 05): events a second with JSON parsing included, what
// more rules cost, load time, the slowest events, memory, and the windows of correlations. The data lies beside the checkout. What
// a naive closure evaluator does, and JSON.parse alone, is measured in the same rounds, because machines differ and drift.
import { evaluate } from '../../src-main/engine/evaluate.ts';
import type { Event, JsonObject } from '../../src-main/engine/event.ts';
import { createMemoryWindowState } from '../../src-main/engine/memory-window-state.ts';
import { compileRules } from '../../src-main/engine/rules/compile.ts';
import type { LogSourceMapping } from '../../src-main/engine/rules/log-source.ts';
import type { RuleSet } from '../../src-main/engine/rules/rule-set.ts';
import {
  coreFolders,
  type DataFile,
  dataLines,
  hasDetectionData,
  rawEvent,
  sigmaRules,
  windowsRules,
} from '../support/detection-data.ts';
import { median, percentile, report } from './measure.ts';
import { createNaiveRules } from './naive-closures.ts';

const rounds = 5;

function parsed(line: string): Event {
  return rawEvent(JSON.parse(line) as JsonObject);
}

/** Processor time, which a busy machine disturbs less than the clock does. */
function perSecond(count: number, work: () => void): number {
  const started = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(started);
  return count / ((user + system) / 1e6);
}

function throughput(ruleSet: RuleSet, lines: readonly string[]): number {
  return perSecond(lines.length, () => {
    for (const line of lines) ruleSet.matcher.match(parsed(line));
  });
}

function row(name: string, figure: number, floor: string, good: string, aim: string, unit: string, more = ''): void {
  const shown = figure >= 100 ? Math.round(figure).toLocaleString('en') : figure.toFixed(2);
  process.stdout.write(
    `${name.padEnd(44)} ${`${shown} ${unit}`.padStart(16)}   floor ${floor.padEnd(8)} good ${good.padEnd(8)} aim ${aim.padEnd(8)} ${more}\n`,
  );
}

/** The rules again, with other ids and every text in their detections changed, so that nothing of them is shared. */
function mutate(sources: readonly DataFile[], copy: number): DataFile[] {
  return sources.map(({ name, text }) => ({
    name: `${copy}/${name}`,
    text: text
      .replace(/^id: /m, `id: ${copy}-`)
      .replace(
        /^(\s+-? ?(?:[A-Za-z]+\|[a-z|0-9]+: |- )')(.)([^']*)'/gm,
        (_, head: string, first: string, rest: string) => {
          const at = Math.min(rest.length, 3);
          return `${head}${first}${rest.slice(0, at)}${String.fromCharCode(97 + copy)}q${rest.slice(at)}'`;
        },
      ),
  }));
}

/** Where a changed text is no longer a valid expression or network, the rule keeps its own, under its new id. */
function wellFormed(sources: readonly DataFile[], mutated: readonly DataFile[], mapping: LogSourceMapping): DataFile[] {
  const refused = new Set(compileRules(mutated, {}, { mapping }).refused.map(({ name }) => name));
  return mutated.map((file, at) => {
    if (!refused.has(file.name)) return file;
    const id = /^id: .*$/m.exec(file.text)?.[0] ?? '';
    return { name: file.name, text: (sources[at]?.text ?? '').replace(/^id: .*$/m, id) };
  });
}

function mappingFor(mapping: LogSourceMapping, copies: number): LogSourceMapping {
  const rules = new Map(mapping.rules);
  for (let copy = 1; copy < copies; copy++) for (const [id, one] of mapping.rules) rules.set(`${copy}-${id}`, one);
  return { entries: [], rules };
}

export async function benchDetection(): Promise<void> {
  if (!hasDetectionData) {
    process.stdout.write('detection: not measured, the detection data is not beside the checkout\n');
    return;
  }
  const lines = dataLines('otrf_50k_a.jsonl.gz');
  const { sources, mapping } = windowsRules();
  benchLoad();
  const { ruleSet } = compileRules(sources, {}, { mapping });
  benchThroughput(ruleSet, sources, mapping, lines);
  benchLatency(ruleSet, lines);
  benchCurve(sources, mapping, lines);
  benchWindows();
}

function benchLoad(): void {
  const core = sigmaRules(...coreFolders);
  const times = Array.from({ length: 3 }, () => 1 / perSecond(1, () => compileRules(core, {})));
  row(`load ${core.length} rules`, Math.min(...times), '2', '1', '0.5', 's');
}

function benchThroughput(
  ruleSet: RuleSet,
  sources: readonly DataFile[],
  mapping: LogSourceMapping,
  lines: readonly string[],
): void {
  const naive = createNaiveRules(sources, mapping);
  const few = lines.filter((_, at) => at % 10 === 0);
  const results = Array.from({ length: rounds }, () => ({
    json: perSecond(lines.length, () => {
      for (const line of lines) JSON.parse(line);
    }),
    naive: perSecond(few.length, () => {
      for (const line of few) naive(JSON.parse(line) as JsonObject);
    }),
    ours: throughput(ruleSet, lines),
  })).slice(1);
  const of = (key: 'json' | 'naive' | 'ours') => median(results.map((one) => one[key]));
  row(`events/s, ${sources.length} rules, JSON included`, of('ours'), '16,000', '50,000', '120,000', '/s');
  report('   of JSON.parse alone', of('ours') / of('json'), '≥ 0.50', `${of('json').toFixed(0)}/s`);
  report('   naive closures, by log source', of('ours') / of('naive'), '≥ 3.00', `${of('naive').toFixed(0)}/s`);
}

function benchLatency(ruleSet: RuleSet, lines: readonly string[]): void {
  const times = lines.map((line) => {
    const started = process.hrtime.bigint();
    ruleSet.matcher.match(parsed(line));
    return Number(process.hrtime.bigint() - started) / 1000;
  });
  times.sort((a, b) => a - b);
  row(
    'p99 per event, by the clock',
    percentile(times, 0.99),
    '600',
    '200',
    '100',
    'µs',
    `p50 ${percentile(times, 0.5).toFixed(1)} µs`,
  );
}

function benchCurve(sources: readonly DataFile[], mapping: LogSourceMapping, lines: readonly string[]): void {
  const measured: { count: number; seconds: number }[] = [];
  const all = mappingFor(mapping, 10);
  const tenfold = Array.from({ length: 9 }, (_, at) => wellFormed(sources, mutate(sources, at + 1), all)).flat();
  for (const set of [
    sources.slice(0, 10),
    sources.slice(0, 100),
    sources.slice(0, 1000),
    sources,
    [...sources, ...tenfold],
  ]) {
    global.gc?.();
    const { ruleSet, refused } = compileRules(set, {}, { mapping: all });
    const runs = Array.from({ length: 4 }, () => throughput(ruleSet, lines)).slice(1);
    const best = Math.max(...runs);
    measured.push({ count: set.length, seconds: 1 / best });
    const megabytes = Math.round(process.memoryUsage().rss / 1e6);
    process.stdout.write(
      `   ${String(ruleSet.rules.length).padStart(6)} rules ${best.toFixed(0).padStart(9)} events/s   ${ruleSet.matcher.size.predicates} predicates, ${megabytes} MB resident with all events as text${refused.length > 0 ? `, ${refused.length} refused` : ''}\n`,
    );
  }
  const [, , , one, ten] = measured;
  row('time with 28,200 rules ÷ with 2,820', (ten?.seconds ?? 0) / (one?.seconds ?? 1), '13', '2', '1.3', '×');
}

function benchWindows(): void {
  const text = `title: C
id: c
correlation: {type: value_count, rules: [b], group-by: [g], timespan: 1h, condition: {field: v, gt: 5000}}
---
title: B
id: b
logsource: {product: gatehouse}
detection: {s: {k: 1}, condition: s}
`;
  const { ruleSet } = compileRules([{ name: 'c.yml', text }], {});
  const events = Array.from(
    { length: 200_000 },
    (_, at): Event => ({
      id: 'e',
      timeMs: at * 500,
      source: '',
      event_type: '',
      details: { k: 1, g: 'x', v: `value-${(at * 7919) % 1800}` },
    }),
  );
  const figures = Array.from({ length: 4 }, () => {
    const windows = createMemoryWindowState();
    return perSecond(events.length, () => {
      for (let at = 0; at < events.length; at += 500) evaluate(ruleSet, events.slice(at, at + 500), windows);
    });
  }).slice(1);
  row('value_count, 1,800 values a window', median(figures), '57,000', '200,000', '500,000', '/s');
}

// The detection engine over recorded events with the public Windows rules (spec 05): events a second with JSON parsing included, what
// more rules cost, load time, the slowest events, memory, and the windows of correlations. The data lies beside the checkout. What
// a naive closure evaluator does, and JSON.parse alone, is measured in turn with it, because machines differ and drift; seconds are
// those that this thread had a processor, which others on the machine disturb least, and of the rounds the best counts for all alike.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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
import { percentile, report } from './measure.ts';
import { createNaiveRules } from './naive-closures.ts';

const rounds = 7;

function parsed(line: string): Event {
  return rawEvent(JSON.parse(line) as JsonObject);
}

function perSecond(count: number, work: () => void): number {
  const started = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(started);
  return count / ((user + system) / 1e6);
}

/** From the bytes of each event, as a scan has them. */
function throughput(ruleSet: RuleSet, records: readonly Uint8Array[]): number {
  return perSecond(records.length, () => {
    for (const record of records) ruleSet.matcher.matchRecord(record);
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
  const records = lines.map((line) => Buffer.from(line));
  const { sources, mapping } = windowsRules();
  benchLoad();
  const { ruleSet } = compileRules(sources, {}, { mapping });
  benchThroughput(ruleSet, sources, mapping, lines, records);
  benchLatency(ruleSet, records);
  benchCurve(sources, mapping, records);
  benchMemory();
  benchWindows();
}

function benchLoad(): void {
  const core = sigmaRules(...coreFolders);
  const times = Array.from({ length: 4 }, () => 1 / perSecond(1, () => compileRules(core, {})));
  const [first = 0] = times;
  row(
    `load ${core.length} rules`,
    first,
    '2',
    '1',
    '0.5',
    's',
    `the first time; ${Math.min(...times).toFixed(2)} s again`,
  );
}

function benchThroughput(
  ruleSet: RuleSet,
  sources: readonly DataFile[],
  mapping: LogSourceMapping,
  lines: readonly string[],
  records: readonly Uint8Array[],
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
    events: perSecond(lines.length, () => {
      for (const line of lines) ruleSet.matcher.match(parsed(line));
    }),
    ours: throughput(ruleSet, records),
  }));
  const of = (key: 'json' | 'naive' | 'events' | 'ours') => Math.max(...results.map((one) => one[key]));
  row(`events/s, ${sources.length} rules, JSON included`, of('ours'), '16,000', '50,000', '120,000', '/s');
  row('   the same, parsed whole by JSON.parse', of('events'), '16,000', '50,000', '120,000', '/s');
  report('   of JSON.parse alone', of('ours') / of('json'), '≥ 0.50', `${of('json').toFixed(0)}/s`);
  report('   naive closures, by log source', of('ours') / of('naive'), '≥ 3.00', `${of('naive').toFixed(0)}/s`);
}

function benchLatency(ruleSet: RuleSet, records: readonly Uint8Array[]): void {
  const times = records.map((record) => {
    const started = process.hrtime.bigint();
    ruleSet.matcher.matchRecord(record);
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

function benchCurve(sources: readonly DataFile[], mapping: LogSourceMapping, records: readonly Uint8Array[]): void {
  const measured: { count: number; seconds: number }[] = [];
  const all = mappingFor(mapping, 10);
  const tenfold = Array.from({ length: 9 }, (_, at) => wellFormed(sources, mutate(sources, at + 1), all)).flat();
  const sets = [sources.slice(0, 10), sources.slice(0, 100), sources.slice(0, 1000), sources, [...sources, ...tenfold]];
  const compiled = sets.map((set) => compileRules(set, {}, { mapping: all }));
  // In turn, so that a busy moment of the machine hits all of them.
  for (let round = 0; round < rounds; round++) {
    compiled.forEach(({ ruleSet }, at) => {
      const seconds = 1 / throughput(ruleSet, records);
      const known = measured[at];
      measured[at] = { count: sets[at]?.length ?? 0, seconds: Math.min(seconds, known?.seconds ?? seconds) };
    });
  }
  compiled.forEach(({ ruleSet, refused }, at) => {
    const perEvent = measured[at]?.seconds ?? 0;
    process.stdout.write(
      `   ${String(ruleSet.rules.length).padStart(6)} rules ${(1 / perEvent).toFixed(0).padStart(9)} events/s   ${ruleSet.matcher.size.predicates} predicates${refused.length > 0 ? `, ${refused.length} refused` : ''}\n`,
    );
  });
  const [, , , one, ten] = measured;
  row('time with 28,200 rules ÷ with 2,820', (ten?.seconds ?? 0) / (one?.seconds ?? 1), '13', '2', '1.3', '×');
}

function benchMemory(): void {
  const program = fileURLToPath(new URL('detection-memory.ts', import.meta.url));
  // As the threads of a scan are started: with a young generation this small, and with code that was prepared by a start before.
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  const env = { ...process.env, NODE_COMPILE_CACHE: folder };
  const run = () => spawnSync(process.execPath, ['--max-semi-space-size=2', program], { encoding: 'utf8', env });
  run();
  const { stdout, stderr } = run();
  rmSync(folder, { recursive: true, force: true });
  if (stdout === '') throw new Error(`the program that measures memory failed: ${stderr}`);
  const { lines, matches, kibibytes } = JSON.parse(stdout) as Record<string, number>;
  row(
    'peak memory of a scan',
    (kibibytes ?? 0) / 1000,
    '300',
    '300',
    '200',
    'MB',
    `${lines} events, ${matches} matches`,
  );
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
  const figures = Array.from({ length: rounds }, () => {
    const windows = createMemoryWindowState();
    return perSecond(events.length, () => {
      for (let at = 0; at < events.length; at += 500) evaluate(ruleSet, events.slice(at, at + 500), windows);
    });
  });
  row('value_count, 1,800 values a window', Math.max(...figures), '57,000', '200,000', '500,000', '/s');
}

// The public rules on recorded events, without log sources, against the naive evaluator: every rule is asked of every event. The data
// lies beside the checkout. GATEHOUSE_DIFFERENTIAL_RUNS sets how many events are tried.
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import type { JsonObject } from '../../../src-main/engine/event.ts';
import { compileRules } from '../../../src-main/engine/rules/compile.ts';
import {
  cloudTrailRecords,
  coreFolders,
  dataLines,
  hasDetectionData,
  rawEvent,
  regressionCases,
  sigmaRules,
} from '../../support/detection-data.ts';
import { parseNaiveCondition } from '../../support/naive-conditions.ts';
import { type NaiveRule, naiveMatch } from '../../support/naive-rules.ts';

const most = Number(process.env.GATEHOUSE_DIFFERENTIAL_RUNS ?? 8);

function spread<T>(all: readonly T[], count: number): T[] {
  const step = Math.max(1, Math.floor(all.length / count));
  return all.filter((_, at) => at % step === 0).slice(0, count);
}

it.skipIf(!hasDetectionData)('public rules agree with the naive evaluator', { timeout: 3_600_000 }, () => {
  const rules = sigmaRules(...coreFolders).flatMap(({ name, text }) => {
    const document = parse(text) as { id: string; title: string; detection: Record<string, unknown> };
    const { condition, ...searches } = document.detection;
    if (typeof condition !== 'string') return [];
    const naive: NaiveRule = { searches, condition: parseNaiveCondition(condition) };
    const source = {
      id: document.id,
      title: document.title,
      logsource: { product: 'gatehouse' },
      detection: document.detection,
    };
    return [{ name, naive, text: JSON.stringify(source) }];
  });
  const { ruleSet, refused } = compileRules(rules, {}, { placeholders: {} });
  expect(refused).toEqual([]);
  expect(rules.length).toBeGreaterThan(3700);
  const share = Math.ceil(most / 4);
  const events: JsonObject[] = [
    ...spread(
      regressionCases().flatMap(({ events: own }) => own),
      share,
    ),
    ...spread(dataLines('evtx_to_mitre_cc0_flat.jsonl.gz'), share).map((line) => JSON.parse(line) as JsonObject),
    ...spread(dataLines('otrf_50k_a.jsonl.gz'), share).map((line) => JSON.parse(line) as JsonObject),
    ...spread(cloudTrailRecords(), share),
  ];
  let matched = 0;
  const different: unknown[] = [];
  for (const event of events) {
    const found = new Set(ruleSet.matcher.match(rawEvent(event)));
    expect(ruleSet.matcher.matchRecord(Buffer.from(JSON.stringify(event)))).toEqual([...found]);
    rules.forEach(({ name, naive }, at) => {
      const wanted = naiveMatch(naive, event);
      if (wanted) matched++;
      if (wanted !== found.has(at)) different.push({ name, wanted, event: JSON.stringify(event).slice(0, 500) });
    });
  }
  expect(different).toEqual([]);
  expect(matched).toBeGreaterThan(0);
  if (process.env.GATEHOUSE_DIFFERENTIAL_RUNS !== undefined)
    process.stdout.write(`${events.length * rules.length} comparisons, ${matched} matches\n`);
});

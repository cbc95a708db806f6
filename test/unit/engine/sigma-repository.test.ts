// The public rules, the repository's own regression cases, and recorded events with what an independent oracle expects of them.
// The data lies beside the checkout; without it these tests are skipped.
import { describe, expect, it } from 'vitest';
import type { Event, JsonObject } from '../../../src-main/engine/event.ts';
import { createLocalClock } from '../../../src-main/engine/formats/time.ts';
import { readWindowsEvent } from '../../../src-main/engine/formats/windows.ts';
import { compileRules } from '../../../src-main/engine/rules/compile.ts';
import { parseLogSourceFile } from '../../../src-main/engine/rules/log-source-file.ts';
import type { RuleSet } from '../../../src-main/engine/rules/rule-set.ts';
import {
  coreFolders,
  dataLines,
  hasDetectionData,
  rawEvent,
  regressionCases,
  sigmaRules,
  sigmaTestMapping,
  windowsRules,
} from '../../support/detection-data.ts';

function matches(ruleSet: RuleSet, event: Event): string[] {
  return idsOf(ruleSet, ruleSet.matcher.match(event));
}

function idsOf(ruleSet: RuleSet, indexes: readonly number[]): string[] {
  return indexes.flatMap((index) => ruleSet.detections[index]?.output?.info.id ?? []);
}

describe.skipIf(!hasDetectionData)('the Sigma repository (data beside the checkout)', { timeout: 120_000 }, () => {
  it('loads every core rule, and says of each what it waits for', () => {
    const sources = sigmaRules(...coreFolders);
    const { ruleSet, refused, notes } = compileRules(sources, {});
    expect(refused).toEqual([]);
    expect(sources.length).toBe(3757);
    expect(ruleSet.rules.length).toBe(3757);
    const reasons = new Set(notes.map(({ reason }) => reason.split(':')[0]));
    expect(reasons).toEqual(new Set(['log source is not mapped', 'placeholder %known_cdcs% has no values']));
  });

  it('loads the old aggregations, and refuses only conditions in prose', () => {
    const sources = sigmaRules('deprecated', 'unsupported', 'rules-placeholder');
    const { ruleSet, refused } = compileRules(sources, {});
    expect(refused.map(({ name }) => name)).toEqual([
      'unsupported/network/net_dns_high_subdomain_rate.yml',
      'unsupported/windows/sysmon_always_install_elevated_parent_child_correlated.yml',
      'unsupported/windows/win_dumping_ntdsdit_via_dcsync.yml',
      'unsupported/windows/win_dumping_ntdsdit_via_netsync.yml',
    ]);
    const piped = sources
      .filter(({ text }) => /^\s+condition:.*\|/m.test(text))
      .map(({ name }) => name.replace(/\.yml$/, ''));
    expect(piped.length).toBe(55);
    const loaded = new Set(ruleSet.rules.map(({ name }) => name));
    expect(piped.filter((name) => !loaded.has(name))).toEqual([]);
  });

  it.each(['standard', 'that of the repository’s tests'])('fires in all 202 regression cases, mapping: %s', (which) => {
    const mapping = parseLogSourceFile('thor.yml', sigmaTestMapping());
    const { ruleSet } = compileRules(sigmaRules(...coreFolders), {}, which === 'standard' ? {} : { mapping });
    const clock = createLocalClock('UTC');
    const cases = regressionCases();
    const missed = cases.filter(({ rule_id, match_count, events }) => {
      const fired = events.filter((record) => matches(ruleSet, windowsEvent(record, clock)).includes(rule_id));
      return fired.length < (match_count ?? 1);
    });
    expect(missed.map(({ rule_path }) => rule_path)).toEqual([]);
    expect(cases.length).toBe(202);
  });

  it.each([
    ['otrf_50k_a.jsonl.gz', 'otrf_50k_a.expected.jsonl.gz', 736],
    ['evtx_to_mitre_cc0_flat.jsonl.gz', 'evtx_to_mitre_cc0.expected.jsonl.gz', 926],
  ])('agrees with the oracle on every event of %s', (eventsFile, expectedFile, total) => {
    const { sources, mapping } = windowsRules();
    const { ruleSet, refused } = compileRules(sources, {}, { mapping });
    expect(refused).toEqual([]);
    const expected = new Map(
      dataLines(expectedFile)
        .map((line) => JSON.parse(line) as [number, string[]])
        .map(([at, ids]) => [at, ids.sort()]),
    );
    let found = 0;
    const different = dataLines(eventsFile).flatMap((line, at) => {
      const ids = matches(ruleSet, rawEvent(JSON.parse(line) as JsonObject)).sort();
      expect(idsOf(ruleSet, ruleSet.matcher.matchRecord(Buffer.from(line)) ?? []).sort()).toEqual(ids);
      found += ids.length;
      const wanted = expected.get(at) ?? [];
      return JSON.stringify(ids) === JSON.stringify(wanted) ? [] : [{ at, ids, wanted }];
    });
    expect(different).toEqual([]);
    expect(found).toBe(total);
  });
});

function windowsEvent(record: JsonObject, clock: ReturnType<typeof createLocalClock>): Event {
  const parsed = readWindowsEvent(record, clock);
  if (parsed.kind !== 'draft') throw new Error(parsed.reason);
  return { id: 'e', timeMs: 0, source: '', event_type: '', ...parsed.draft };
}

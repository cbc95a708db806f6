// The program against recorded logs with what an independent oracle expects of them, and against the rule repository's own cases.
// The data lies beside the checkout; without it these tests are skipped.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dataLines, hasDetectionData, windowsRules } from '../../support/detection-data.ts';

const program = resolve(import.meta.dirname, '../../../src-main/shells/cli/bin.mjs');
const data = (name: string) => new URL(`../../../../shared/data/detection/${name}`, import.meta.url).pathname;
const rules = data('sigma-rules-8eaafff.tar.gz');

type Line = { rule_id: string; file: string; record: number; event: unknown };

async function scan(...args: readonly string[]): Promise<Line[]> {
  const child = spawn(process.execPath, [program, 'scan', ...args, '--rules', rules, '--output', 'ndjson'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  expect(await once(child, 'close')).toEqual([0, null]);
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

function unpacked(archive: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-agreement-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  execFileSync('tar', ['xf', data(archive), '-C', folder]);
  return folder;
}

describe.skipIf(!hasDetectionData)('recorded logs (data beside the checkout)', { timeout: 300_000 }, () => {
  // The event's field is `New Value`, the rule's `NewValue`: blanks are taken out of names, which the oracle didn't.
  const exclusions = '1321dc4e-a1fe-481d-a016-52c45f0c8b4f';

  it.each([
    ['otrf_50k_a', 'otrf_50k_a.jsonl.gz', []],
    ['evtx_to_mitre_cc0', 'evtx_to_mitre_cc0_flat.jsonl.gz', [5799, 5800, 5801].map((at) => `${at} ${exclusions}`)],
  ])('finds what is expected in %s, at the records named', async (name, file, more) => {
    const mapped = new Set(windowsRules().mapping.rules.keys());
    const found = await scan(data(file), '--mapping', data('win_rule_logsource_map_2820.json'));
    const ours = found
      .filter(({ rule_id }) => mapped.has(rule_id))
      .map(({ rule_id, record }) => `${record} ${rule_id}`);
    const expected = dataLines(`${name}.expected.jsonl.gz`).flatMap((line) => {
      const [at, ids] = JSON.parse(line) as [number, string[]];
      return ids.map((id) => `${at} ${id}`);
    });
    expect(ours.sort()).toEqual([...expected, ...more].sort());
  });

  it('fires in the 202 regression cases, from EVTX and from JSON', async () => {
    const folder = unpacked('sigma-regression-data-8eaafff.tar.xz');
    const counts = new Map<string, number>();
    for (const { rule_id, file } of await scan(folder)) {
      const key = `${rule_id} ${file}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    type Case = { rule_id: string; match_count: number | null; evtx: string; json: string };
    const cases = dataLines('sigma_regression_cases.jsonl.gz').map((line) => JSON.parse(line) as Case);
    const missed = cases.flatMap(({ rule_id, match_count, evtx, json }) =>
      [evtx, json].filter((file) => (counts.get(`${rule_id} ${join(folder, file)}`) ?? 0) < (match_count ?? 1)),
    );
    expect({ cases: cases.length, missed }).toEqual({ cases: 202, missed: [] });
  });
});

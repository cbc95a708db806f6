// The public detection data beside the checkout, where it is there: rules of the Sigma repository, recorded events, expectations.
// None of it is part of the project.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Event, JsonObject } from '../../src-main/engine/event.ts';
import type { LogSourceMapping } from '../../src-main/engine/rules/log-source.ts';
import { parseLogSourceFile } from '../../src-main/engine/rules/log-source-file.ts';

const folder = new URL('../../../shared/data/detection/', import.meta.url);

export const hasDetectionData = existsSync(folder);

/** Where a file of it is. */
export function dataFile(name: string): URL {
  return new URL(name, folder);
}

function bytes(name: string): Buffer {
  const data = readFileSync(dataFile(name));
  return name.endsWith('.gz') ? gunzipSync(data) : data;
}

export function dataLines(name: string): string[] {
  return bytes(name)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
}

export interface DataFile {
  readonly name: string;
  readonly text: string;
}

/** The files of a tar archive: names and sizes from its headers of 512 bytes. */
function untar(archive: Buffer): DataFile[] {
  const files: DataFile[] = [];
  let longName: string | undefined;
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const field = (from: number, length: number) =>
      archive
        .toString('utf8', at + from, at + from + length)
        .split('\0')[0]
        ?.trim() ?? '';
    const size = Number.parseInt(field(124, 12) || '0', 8);
    const type = field(156, 1);
    const prefix = field(345, 155);
    const name = longName ?? (prefix === '' ? field(0, 100) : `${prefix}/${field(0, 100)}`);
    const text = archive.toString('utf8', at + 512, at + 512 + size);
    longName = type === 'L' ? text.split('\0')[0] : undefined;
    if (type === '0' || type === '') files.push({ name: name.replace(/^\.\//, ''), text });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

/** All rule files of the Sigma repository, of the folders whose names begin like one of `folders`. */
export function sigmaRules(...folders: readonly string[]): DataFile[] {
  return untar(bytes('sigma-rules-8eaafff.tar.gz')).filter(
    ({ name }) => name.endsWith('.yml') && folders.some((folderName) => name.startsWith(`${folderName}/`)),
  );
}

export const coreFolders = [
  'rules',
  'rules-emerging-threats',
  'rules-threat-hunting',
  'rules-compliance',
  'rules-dfir',
] as const;

export function sigmaTestMapping(): string {
  return untar(bytes('sigma-rules-8eaafff.tar.gz')).find(({ name }) => name === 'tests/thor.yml')?.text ?? '';
}

/** The 2,820 Windows rules that expectations and benchmarks are about, with the log sources that those were made with. */
export function windowsRules(): { sources: DataFile[]; mapping: LogSourceMapping } {
  const text = bytes('win_rule_logsource_map_2820.json').toString('utf8');
  const paths = new Set(Object.values(JSON.parse(text) as Record<string, { path: string }>).map(({ path }) => path));
  return {
    sources: sigmaRules(...coreFolders).filter(({ name }) => paths.has(name)),
    mapping: parseLogSourceFile('win_rule_logsource_map_2820.json', text),
  };
}

/** A record as it is, under `details`: what rules for raw logs address. */
export function rawEvent(record: JsonObject): Event {
  return { id: '', timeMs: 0, source: '', event_type: '', details: record };
}

/** The records of all files of the CloudTrail set, which is packed in a way that takes a program of the system to unpack. */
export function cloudTrailRecords(): JsonObject[] {
  const archive = execFileSync('xz', ['-dc', fileURLToPath(dataFile('aws_cloudtrail_stratus_4667aa9.tar.xz'))], {
    maxBuffer: 1 << 28,
  });
  return untar(archive).flatMap(({ name, text }) =>
    name.endsWith('.json') ? (JSON.parse(text) as { Records: JsonObject[] }).Records : [],
  );
}

export interface RegressionCase {
  readonly rule_id: string;
  readonly rule_path: string;
  readonly match_count: number | null;
  readonly events: readonly JsonObject[];
}

export function regressionCases(): RegressionCase[] {
  return dataLines('sigma_regression_cases.jsonl.gz').map((line) => JSON.parse(line) as RegressionCase);
}

// Reads fixture logs in tests: whole, or cut into chunks.
import { readFileSync } from 'node:fs';
import type { Event } from '../../../src-main/engine/event.ts';
import type { ReaderOptions, RecordResult } from '../../../src-main/engine/formats/format.ts';
import { createRecordReader } from '../../../src-main/engine/formats/record-reader.ts';
import { fileIdentity } from '../../../src-main/engine/record-id.ts';
import type { FormatName } from '../../../src-shared/log-formats.ts';

export const referenceTimeMs = Date.UTC(2026, 10, 21, 12);

export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../../fixtures/logs/${name}`, import.meta.url)));
}

export function read(
  bytes: Uint8Array | string,
  format: FormatName | 'auto' = 'auto',
  options: Partial<ReaderOptions> = {},
  cuts: readonly number[] = [],
): RecordResult[] {
  const data = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  const reader = createRecordReader(format, { fileIdentity: fileIdentity('test'), referenceTimeMs, ...options });
  const results: RecordResult[] = [];
  let from = 0;
  for (const cut of [...cuts, data.length]) {
    for (const result of reader.push(data.slice(from, cut))) results.push(result);
    from = cut;
  }
  return results.concat(reader.end());
}

export function events(results: readonly RecordResult[]): Event[] {
  return results.flatMap((result) => (result.kind === 'event' ? [result.event] : []));
}

export function rejections(results: readonly RecordResult[]): string[] {
  return results.flatMap((result) => (result.kind === 'rejected' ? [`${result.line}: ${result.reason}`] : []));
}

/** `type action outcome actor address` of each event. */
export function summary(results: readonly RecordResult[]): string[] {
  return events(results).map(({ event_type, action, success, actor, ip_address }) =>
    [
      event_type,
      action ?? '-',
      success === undefined ? '-' : success ? 'ok' : 'failed',
      actor ?? '-',
      ip_address ?? '-',
    ].join(' '),
  );
}

// Records as an ExportLogsServiceRequest of OTLP in its JSON form: 64-bit numbers are texts, enumerations numbers, names in camelCase.
import { hostname } from 'node:os';
import type { MirrorFormat } from '../../../src-shared/contract/mirrors.ts';
import type { MirrorLevel, MirrorRecord } from '../../core/features/mirrors/index.ts';

type AnyValue = Readonly<Record<string, unknown>>;
type KeyValue = { readonly key: string; readonly value: AnyValue };

/** The numbers of OpenTelemetry's log data model, and their names. */
const severities: Readonly<Record<MirrorLevel, readonly [number: number, text: string]>> = {
  info: [9, 'INFO'],
  notice: [10, 'INFO2'],
  warning: [13, 'WARN'],
  error: [17, 'ERROR'],
  critical: [21, 'FATAL'],
};

export function otlpRequest(
  records: readonly MirrorRecord[],
  format: MirrorFormat,
  version: string,
): Record<string, unknown> {
  const streams = [...new Set(records.map(({ stream }) => stream))];
  return {
    resourceLogs: [
      {
        resource: {
          attributes: [
            text('service.name', 'gatehouse'),
            text('service.version', version),
            text('host.name', hostname()),
          ],
        },
        scopeLogs: streams.map((stream) => ({
          scope: { name: `gatehouse.${stream}`, version },
          logRecords: records.filter((record) => record.stream === stream).map((record) => logRecord(record, format)),
        })),
      },
    ],
  };
}

function logRecord(record: MirrorRecord, format: MirrorFormat): Record<string, unknown> {
  const [severityNumber, severityText] = severities[record.level];
  return {
    // When it happened; a receiver adds itself when it saw it.
    timeUnixNano: `${record.timeMs}000000`,
    observedTimeUnixNano: `${record.timeMs}000000`,
    severityNumber,
    severityText,
    eventName: `gatehouse.${record.kind}`,
    body: format === 'cef' ? { stringValue: record.line } : anyValue(JSON.parse(record.line)),
    attributes: [
      text('event.name', `gatehouse.${record.kind}`),
      text('log.record.uid', record.id),
      { key: 'gatehouse.seq', value: { intValue: String(record.seq) } },
      text('gatehouse.format', format),
    ],
  };
}

function text(key: string, value: string): KeyValue {
  return { key, value: { stringValue: value } };
}

/** JSON as an AnyValue. Its depth is bounded by what intake and the contract let in. */
export function anyValue(value: unknown): AnyValue {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'number':
      return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
    case 'object':
      if (value === null) return {};
      if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
      return {
        kvlistValue: { values: Object.entries(value).map(([key, member]) => ({ key, value: anyValue(member) })) },
      };
    default:
      return {};
  }
}

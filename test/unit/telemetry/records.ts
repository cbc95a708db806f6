// Records for the tests of transports.
import type { MirrorRecord } from '../../../src-main/core/features/mirrors/index.ts';

export function record(seq: number, more: Partial<MirrorRecord> = {}): MirrorRecord {
  return {
    stream: 'audit',
    seq,
    id: `019da35d-0000-7000-8000-${String(seq).padStart(12, '0')}`,
    timeMs: Date.UTC(2026, 10, 21, 14, 3, 2, 37),
    kind: 'login',
    level: 'notice',
    line: JSON.stringify({ seq, text: 'é' }),
    ...more,
  };
}

export function records(from: number, to: number): MirrorRecord[] {
  return Array.from({ length: to - from + 1 }, (_, index) => record(from + index));
}

export const never = new AbortController().signal;

// A record as a syslog message (RFC 5424), in a frame that says its length in octets (RFC 5425 section 4.3.1, RFC 6587 section 3.4.1): no
// line end within a message can end it.
import { instant } from '../../base/instants.ts';
import type { MirrorLevel, MirrorRecord } from '../../core/features/mirrors/index.ts';

export type SyslogSender = { readonly hostName: string; readonly version: string };

/** Section 6.2.1: 13 is "log audit", 14 "log alert". */
const facilities = { audit: 13, activity: 13, alerts: 14, events: 13 } as const;
const severities: Readonly<Record<MirrorLevel, number>> = { critical: 2, error: 3, warning: 4, notice: 5, info: 6 };
/** Section 7.3.1: it starts again after this. */
const longestSequence = 2_147_483_647;

export function syslogFrame(record: MirrorRecord, sender: SyslogSender): string {
  const message = syslogMessage(record, sender);
  return `${Buffer.byteLength(message)} ${message}`;
}

export function syslogMessage(record: MirrorRecord, { hostName, version }: SyslogSender): string {
  const { stream, seq, timeMs, kind, level, line } = record;
  const priority = facilities[stream] * 8 + severities[level];
  // These two are registered; elements of one's own need an enterprise number. The number lets a receiver see what came twice.
  const sequence = ((seq - 1) % longestSequence) + 1;
  const data = `[origin software="Gatehouse" swVersion="${parameter(version)}"][meta sequenceId="${sequence}"]`;
  return `<${priority}>1 ${instant(timeMs)} ${name(hostName, 255)} gatehouse-${stream} - ${name(kind, 32)} ${data} ${line}`;
}

/** PRINTUSASCII of at most `longest` characters; a dash where nothing is left. */
function name(text: string, longest: number): string {
  const kept = text.replaceAll(/[^\x21-\x7e]+/g, '_').slice(0, longest);
  return kept === '' ? '-' : kept;
}

function parameter(text: string): string {
  return text
    .slice(0, 32)
    .replaceAll(/[^\x20-\x7e]/g, '_')
    .replaceAll(/["\\\]]/g, '\\$&');
}

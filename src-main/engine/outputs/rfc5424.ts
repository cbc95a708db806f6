// A syslog line (RFC 5424): the event as JSON in the message, in ASCII, so that no reader finds another line or field in it.
import { instant } from '../../base/instants.ts';
import type { OutputEvent, OutputSource } from './output-event.ts';
import { asciiJson, wireOf } from './wire.ts';

/** Facility 13, "log audit"; a failure is a warning, anything else a notice (section 6.2.1). */
const facility = 13 * 8;

export function syslogLine(output: OutputEvent, { version }: OutputSource): string {
  const { event } = output;
  const head = { severity: event.success === false ? 4 : 5, at: instant(event.timeMs) };
  return syslogText({ ...head, host: event.source, kind: event.event_type, version }, wireOf(output));
}

export type SyslogHead = {
  /** 0 to 7 (section 6.2.1). */
  readonly severity: number;
  readonly at: string;
  readonly host: string;
  readonly kind: string;
  readonly version: string;
};

/** A whole line with `message` as JSON. */
export function syslogText({ severity, at, host, kind, version }: SyslogHead, message: unknown): string {
  // `origin` is the one registered element that says who wrote this; elements of one's own need an enterprise number.
  const origin = `[origin software="Gatehouse" swVersion="${parameter(version)}"]`;
  return `<${facility + severity}>1 ${at} ${name(host, 255)} gatehouse - ${name(kind, 32)} ${origin} ${asciiJson(message)}`;
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

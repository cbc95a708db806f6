// The head of a syslog line: RFC 3164 (`Nov 21 07:50:12 host sshd[123]:`), the RFC 3339 stamp of current Debian and Ubuntu, and
// RFC 5424 (`<34>1 2026-11-21T… host app proc msgid [data]`). What follows it is left to the message parsers.
import type { JsonValue } from '../event.ts';
import { isCalendarTime, type LocalClock, monthNumber, nearestPast, parseIsoTime } from './time.ts';

export interface SyslogLine {
  timeMs: number;
  host: string;
  app: string;
  pid: string;
  message: string;
  /** RFC 5424 only: facility, severity, message_id and structured data. */
  extra: Record<string, JsonValue> | undefined;
}

export interface SyslogClock {
  readonly clock: LocalClock;
  readonly referenceTimeMs: number;
}

/** The parts of a line, or the reason why it isn't a syslog line. */
export type SyslogHeaderParser = (text: string) => SyslogLine | string;

const octetCount = /^\d{1,7} (?=<\d{1,3}>)/;

export function createSyslogHeaderParser({ clock, referenceTimeMs }: SyslogClock): SyslogHeaderParser {
  // Nearly all neighbouring lines share the hour: its start is computed once.
  let knownHour = '';
  let knownHourMs = 0;

  /** `Nov 21 07:50:12` at the start. */
  function bsdTime(text: string): number | undefined {
    const hour = text.slice(0, 9);
    const minute = twoDigits(text, 10);
    const second = twoDigits(text, 13);
    if (minute < 0 || minute > 59 || second < 0 || second > 60 || text[9] !== ':' || text[12] !== ':') return undefined;
    if (hour !== knownHour) {
      const day = text[4] === ' ' ? digit(text, 5) : twoDigits(text, 4);
      const month = monthNumber(text.slice(0, 3));
      const hours = twoDigits(text, 7);
      if (month === 0 || day < 1 || hours < 0 || text[3] !== ' ' || text[6] !== ' ') return undefined;
      const start = nearestPast(clock, referenceTimeMs, month, day, hours, 0, 0);
      if (start === undefined) return undefined;
      knownHour = hour;
      knownHourMs = start;
    }
    return knownHourMs + minute * 60_000 + second * 1000;
  }

  return (raw) => {
    // RFC 6587 section 3.4.1: over TCP, and in what a receiver wrote as it came, each message begins with its length.
    let text = isDigit(raw.charCodeAt(0)) ? raw.replace(octetCount, '') : raw;
    let priority: number | undefined;
    if (text.charCodeAt(0) === 60) {
      const match = /^<(\d{1,3})>/.exec(text);
      if (match === null || Number(match[1]) > 191)
        return 'the priority at the start is not valid (RFC 5424 section 6.2.1)';
      priority = Number(match[1]);
      text = text.slice(match[0].length);
      if (text.startsWith('1 ')) return parse5424(text, priority, clock);
    }
    let timeMs: number | undefined;
    let rest: number;
    const first = text.charCodeAt(0);
    if (isDigit(first)) {
      let end = text.indexOf(' ');
      // A blank in the place of the T.
      if (end === 10 && /^\d\d:/.test(text.slice(11, 14))) end = text.indexOf(' ', 11);
      timeMs = end < 0 ? undefined : parseIsoTime(text.slice(0, end), clock);
      rest = end + 1;
    } else {
      timeMs = bsdTime(text);
      rest = 16;
      if (timeMs !== undefined && text.charCodeAt(15) !== 32) {
        // A fraction of the second, or no time after all.
        const fraction = /^[.,](\d{1,9}):? /.exec(text.slice(15, 27));
        timeMs = fraction === null ? undefined : timeMs + Math.floor(Number(`0.${fraction[1]}`) * 1000);
        rest = 15 + (fraction?.[0].length ?? 0);
      }
      // Some devices write the year after the day: "Nov 21 2026 07:50:12".
      if (timeMs === undefined) {
        const match = /^([A-Za-z]{3}) +(\d{1,2}) (\d{4}) (\d\d):(\d\d):(\d\d) /.exec(text);
        if (match !== null) {
          const [month, day, year, hour, minute, second] = [monthNumber(match[1] ?? ''), ...match.slice(2).map(Number)];
          if (isCalendarTime(year ?? 0, month ?? 0, day ?? 0, hour ?? 24, minute ?? 60, second ?? 61)) {
            timeMs = clock(year ?? 0, month ?? 0, day ?? 0, hour ?? 0, minute ?? 0, second ?? 0, 0);
            rest = match[0].length;
          }
        }
      }
    }
    if (timeMs === undefined) return 'no time at the start of the line';
    const hostEnd = text.indexOf(' ', rest);
    if (hostEnd < 0) return 'no host name after the time';
    const host = text.slice(rest, hostEnd);
    // Relays that keep only the tag: "Nov 21 07:50:12 sshd[1]: …".
    if (host.endsWith(':')) return withTag(timeMs, '', text.slice(rest), priority);
    return withTag(timeMs, host, text.slice(hostEnd + 1), priority);
  };
}

// `sshd[123]: text`, `sudo: text`, `CRON[1]: text`, or no tag at all ("last message repeated 3 times").
const tagPattern = /^([^\s:[\]]{1,64})(?:\[([^\]\s]{0,32})\])?:(?: |$)/;

function withTag(timeMs: number, host: string, rest: string, priority: number | undefined): SyslogLine {
  const tag = tagPattern.exec(rest);
  const extra = priority === undefined ? undefined : priorityParts(priority);
  if (tag === null) return { timeMs, host, app: '', pid: '', message: rest, extra };
  return { timeMs, host, app: tag[1] ?? '', pid: tag[2] ?? '', message: rest.slice(tag[0].length), extra };
}

function priorityParts(priority: number): Record<string, JsonValue> {
  return { facility: priority >> 3, severity: priority & 7 };
}

function parse5424(text: string, priority: number, clock: LocalClock): SyslogLine | string {
  // VERSION SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP STRUCTURED-DATA [SP MSG]
  const match = /^1 (\S{1,64}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) /.exec(text);
  if (match === null) return 'not a complete RFC 5424 header';
  const [head, time = '', host = '', app = '', pid = '', messageId = ''] = match;
  const timeMs = parseIsoTime(time, clock);
  if (timeMs === undefined) {
    return time === '-' ? 'the line has no time' : 'the time is not valid (RFC 5424 section 6.2.3)';
  }
  const extra = priorityParts(priority);
  if (messageId !== '-') extra.message_id = messageId;
  const data = structuredData(text, head.length);
  if (data === undefined) return 'the structured data is not valid (RFC 5424 section 6.3)';
  if (data.elements !== undefined) extra.data = data.elements;
  const message = text.slice(data.end).replace(/^ (?:\uFEFF)?/, '');
  return { timeMs, host: nil(host), app: nil(app), pid: nil(pid), message, extra };
}

function nil(text: string): string {
  return text === '-' ? '' : text;
}

/** `[id name="value" …][id2 …]` or `-` from `start`: a map of maps, and where it ended. */
function structuredData(
  text: string,
  start: number,
): { elements: Record<string, JsonValue> | undefined; end: number } | undefined {
  if (text[start] === '-') return { elements: undefined, end: start + 1 };
  const elements: Record<string, JsonValue> = Object.create(null);
  let at = start;
  const name = /\[([^\s=\]"]{1,200})/y;
  const parameter = / ([^\s=\]"]{1,200})="((?:[^"\\\]]|\\.)*)"/y;
  while (text[at] === '[') {
    name.lastIndex = at;
    const opened = name.exec(text);
    if (opened === null) return undefined;
    const element: Record<string, JsonValue> = Object.create(null);
    at = name.lastIndex;
    for (;;) {
      parameter.lastIndex = at;
      const found = parameter.exec(text);
      if (found === null) break;
      element[found[1] ?? ''] = (found[2] ?? '').replace(/\\(["\\\]])/g, '$1');
      at = parameter.lastIndex;
    }
    if (text[at] !== ']') return undefined;
    at++;
    elements[opened[1] ?? ''] = element;
  }
  return at === start ? undefined : { elements, end: at };
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - 48;
  return value >= 0 && value <= 9 ? value : -1;
}

function twoDigits(text: string, at: number): number {
  const tens = digit(text, at);
  const ones = digit(text, at + 1);
  return tens < 0 || ones < 0 ? -1 : tens * 10 + ones;
}

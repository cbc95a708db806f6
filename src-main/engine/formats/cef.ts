// ArcSight's Common Event Format, alone on a line or behind a syslog header: `CEF:0|vendor|product|version|id|name|severity|key=value …`.
import { canonicalAddress } from '../address.ts';
import { clip, type EventDraft, fieldLimits, type JsonValue, type TextField } from '../event.ts';
import { type Parsed, type ReaderOptions, type RecordParser, rejected } from './format.ts';
import { createSyslogHeaderParser, type SyslogLine } from './syslog-header.ts';
import { createLocalClock, isCalendarTime, type LocalClock, monthNumber, readTime } from './time.ts';

const longestValue = 16_384;
const mostFields = 500;
const headNames = ['vendor', 'product', 'version', 'signature_id', 'name', 'severity'] as const;

export function createCefParser(options: ReaderOptions): RecordParser {
  const clock = createLocalClock(options.zone);
  const readHeader = createSyslogHeaderParser({ clock, referenceTimeMs: options.referenceTimeMs });
  return (text) => {
    const start = cefStart(text);
    if (start < 0) return rejected('not a CEF line: expected CEF:0| at its start or after a syslog header');
    const head = readHead(text, start);
    if (head === undefined) return rejected('the CEF header has fewer than seven parts');
    // The syslog parser wants something after the host name; what stands before CEF: may be that alone.
    const syslog = start === 0 ? undefined : readHeader(`${text.slice(0, start)}-`);
    const fields = readExtension(text.slice(head.end));
    return draftOf(head.values, fields, typeof syslog === 'string' ? undefined : syslog, clock, options);
  };
}

/** Where `CEF:` begins in a line, or -1. Before it only a syslog header may stand. */
export function cefStart(text: string): number {
  const match = /(?:^|[ >])CEF: ?\d{1,2}(?:\.\d)?\|/.exec(text.slice(0, 512));
  return match === null ? -1 : text.indexOf('CEF:', match.index);
}

function readHead(text: string, start: number): { values: Record<string, string>; end: number } | undefined {
  const values: Record<string, string> = {};
  let at = text.indexOf('|', start) + 1;
  for (const name of headNames) {
    let end = at;
    while (end < text.length && text[end] !== '|') end += text[end] === '\\' ? 2 : 1;
    // Some devices leave the last bar out when nothing follows.
    if (end >= text.length && name !== 'severity') return undefined;
    values[name] = clip(text.slice(at, end).replace(/\\([\\|])/g, '$1'), longestValue);
    at = end + 1;
  }
  return { values, end: Math.min(at, text.length) };
}

/** Values may hold blanks: one ends where the next `key=` begins. `\=`, `\\` and `\n` are escaped. */
function readExtension(text: string): Record<string, string> {
  const fields: Record<string, string> = {};
  const key = /(?:^|\s)([A-Za-z0-9_.,[\]-]{1,100})=/g;
  let count = 0;
  let name: string | undefined;
  let from = 0;
  for (let found = key.exec(text); found !== null; found = key.exec(text)) {
    if (name !== undefined) keep(fields, name, text.slice(from, found.index));
    if (++count > mostFields) return fields;
    name = found[1];
    from = key.lastIndex;
  }
  if (name !== undefined) keep(fields, name, text.slice(from));
  return fields;
}

function keep(fields: Record<string, string>, name: string, value: string): void {
  if (name === '__proto__') return;
  const plain = value.trim().replace(/\\([\\=|nr])/g, (_, code: string) => ({ n: '\n', r: '\r' })[code] ?? code);
  fields[name] = clip(plain, longestValue);
}

const times = ['rt', 'end', 'start', 'deviceReceiptTime', 'endTime', 'startTime'];
const texts: Readonly<Partial<Record<TextField, readonly string[]>>> = {
  actor: ['suser', 'duser', 'sourceUserName', 'destinationUserName', 'suid', 'duid'],
  user_agent: ['requestClientApplication'],
  resource_id: ['request', 'filePath', 'fname', 'destinationServiceName'],
  action: ['act', 'deviceAction'],
};

function draftOf(
  head: Readonly<Record<string, string>>,
  fields: Readonly<Record<string, string>>,
  syslog: SyslogLine | undefined,
  clock: LocalClock,
  options: ReaderOptions,
): Parsed {
  const timeMs = times.map((name) => cefTime(fields[name], clock)).find((time) => time !== undefined) ?? syslog?.timeMs;
  if (timeMs === undefined && options.keepTimeless !== true)
    return rejected('no time: expected rt, end or start, or a syslog header with a time');
  const details: Record<string, JsonValue> = { ...head, ...fields };
  for (const [name, label] of Object.entries(fields)) {
    // `cs1Label=Policy cs1=strict` is the field Policy too.
    const named = /^(.+)Label$/.exec(name)?.[1];
    const value = named === undefined ? undefined : fields[named];
    const own = label.replaceAll(' ', '');
    if (value !== undefined && own !== '' && own !== '__proto__' && !Object.hasOwn(details, own)) details[own] = value;
  }
  const host =
    fields.dvchost ?? fields.deviceHostName ?? fields.dvc ?? (syslog?.host === '' ? undefined : syslog?.host);
  const draft: EventDraft = {
    ...(timeMs === undefined ? {} : { timeMs }),
    source: clip(host ?? head.product ?? '', fieldLimits.source) || (options.source ?? 'cef'),
    event_type: 'other',
    details,
  };
  for (const field of Object.keys(texts) as TextField[]) {
    const value = texts[field]?.map((name) => fields[name]).find((one) => one !== undefined && one !== '');
    if (value !== undefined) draft[field] = clip(value, fieldLimits[field]);
  }
  draft.action ??= clip(head.name ?? '', fieldLimits.action);
  const address = canonicalAddress(fields.src ?? fields.sourceAddress ?? fields.c6a2 ?? '');
  if (address !== undefined) draft.ip_address = address;
  const bytes = Number(fields.out ?? fields.bytesOut ?? Number.NaN);
  if (Number.isSafeInteger(bytes) && bytes >= 0) draft.bytes = bytes;
  readOutcome(head, fields, draft);
  return { kind: 'draft', draft };
}

/** Nothing in CEF says what kind of event it is but its own words: a login is one that is called so and has an outcome. */
function readOutcome(
  head: Readonly<Record<string, string>>,
  fields: Readonly<Record<string, string>>,
  draft: EventDraft,
): void {
  const outcome = fields.outcome ?? fields.eventOutcome ?? '';
  const said = `${outcome} ${head.name ?? ''}`;
  if (/\b(?:fail(?:ed|ure)?|denied|invalid|rejected)\b/i.test(said)) draft.success = false;
  else if (/\b(?:success(?:ful|fully)?|succeeded|accepted)\b/i.test(said)) draft.success = true;
  if (draft.success !== undefined && /\b(?:log[- ]?[io]n|authentication)\b/i.test(`${head.name} ${fields.cat ?? ''}`))
    draft.event_type = 'login';
}

/** Milliseconds, or `MMM dd [yyyy] HH:mm:ss[.SSS] [zone]`; a date without year is not taken, because it stands beside better ones. */
function cefTime(value: string | undefined, clock: LocalClock): number | undefined {
  if (value === undefined) return undefined;
  const known = readTime(value, clock);
  if (known !== undefined) return known;
  const match =
    /^([A-Za-z]{3}) (\d{1,2}) (\d{4}) (\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?(?: (?:Z|UTC|GMT|([+-]\d\d:?\d\d)))?$/.exec(
      value,
    );
  if (match === null) return undefined;
  const [day = 0, year = 0, hour = 24, minute = 60, second = 61] = match.slice(2, 7).map(Number);
  const month = monthNumber(match[1] ?? '');
  if (!isCalendarTime(year, month, day, hour, minute, second)) return undefined;
  const ms = Number(match[7] ?? 0);
  const zoned = value.length > (match[7] === undefined ? 20 : 24) ? createLocalClock(match[8] ?? 'UTC') : clock;
  return zoned(year, month, day, hour, minute, second, ms);
}

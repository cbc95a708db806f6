// nginx and Apache access logs, common and combined format, also with the virtual host in front and fields appended.
import { canonicalAddress } from '../address.ts';
import { clip, type EventDraft, fieldLimits } from '../event.ts';
import { type Parsed, type ReaderOptions, type RecordParser, rejected } from './format.ts';
import { percentDecode, queryParameters } from './percent.ts';
import { isCalendarTime, monthNumber, parseOffset } from './time.ts';

// HOST IDENT USER [21/Nov/2026:07:50:12 +0000] "REQUEST" STATUS BYTES ["REFERER" "USER AGENT" …]
// Quoted parts escape quotes with a backslash (Apache) or as \x22 (nginx). The user name may hold blanks.
const linePattern =
  /^(\S{1,255}) (\S{1,255}) ([^[]{1,512}) \[(\d\d)\/([A-Za-z]{3})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})\] "((?:[^"\\]|\\.)*)" (\d{3}|-) (\d{1,16}|-)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?(?: (.*))?$/s;
const virtualHost = /^([A-Za-z0-9._-]{1,253}):(\d{1,5}) (?=\S+ \S+ [^[]{1,512} \[)/;

export function createAccessParser(options: ReaderOptions): RecordParser {
  return (text) => {
    const host = virtualHost.exec(text);
    const match = linePattern.exec(host === null ? text : text.slice(host[0].length));
    if (match === null) return rejected('not a common or combined access log line');
    return parsed(match, host?.[1], options.source ?? 'access');
  };
}

function parsed(match: RegExpExecArray, virtualHostName: string | undefined, source: string): Parsed {
  const [, peer = '', ident = '', user = '', day, monthName = '', year, hour, minute, second, zone = ''] = match;
  const [request = '', status = '', size = '', referer, agent, more] = match.slice(11);
  const month = monthNumber(monthName);
  const numbers = [year, month, day, hour, minute, second].map(Number);
  const [y = 0, mo = 0, d = 0, h = 24, mi = 60, s = 61] = numbers;
  const offset = parseOffset(zone);
  if (!isCalendarTime(y, mo, d, h, mi, s) || offset === undefined) return rejected('the time is not valid');

  const details: EventDraft['details'] = {};
  const draft: EventDraft = {
    timeMs: Date.UTC(y, mo - 1, d, h, mi, s) - offset,
    source: virtualHostName ?? source,
    event_type: 'api_call',
    details,
  };
  const address = canonicalAddress(peer);
  if (address !== undefined) draft.ip_address = address;
  else if (peer !== '-') details.remote_host = peer;
  if (ident !== '-') details.ident = ident;
  if (user !== '-' && user !== '""') draft.actor = clip(unescapeQuoted(user), fieldLimits.actor);
  if (status !== '-') {
    details.status = Number(status);
    draft.success = Number(status) < 400;
  }
  if (size !== '-') draft.bytes = Number(size);
  if (referer !== undefined && referer !== '-' && referer !== '') details.referer = clip(unescapeQuoted(referer), 4096);
  if (agent !== undefined && agent !== '-' && agent !== '') {
    draft.user_agent = clip(unescapeQuoted(agent), fieldLimits.user_agent);
  }
  if (more !== undefined && more !== '') details.more = clip(more, 4096);
  readRequest(unescapeQuoted(request), draft);
  return { kind: 'draft', draft };
}

const longestTarget = 16_384;

/** `GET /orders?id=1 HTTP/1.1` into action, resource and decoded query; anything else is kept as details.request. */
function readRequest(request: string, draft: EventDraft): void {
  const first = request.indexOf(' ');
  const last = request.lastIndexOf(' ');
  const hasProtocol = last > first && request.startsWith('HTTP/', last + 1);
  if (first <= 0 || first > 40 || !/^[A-Z_-]+$/.test(request.slice(0, first))) {
    draft.details.request = clip(request, longestTarget);
    return;
  }
  draft.action = request.slice(0, first);
  if (hasProtocol) draft.details.protocol = clip(request.slice(last + 1), 20);
  const target = clip(request.slice(first + 1, hasProtocol ? last : undefined), longestTarget);
  const question = target.indexOf('?');
  const path = percentDecode(question < 0 ? target : target.slice(0, question), false);
  draft.resource_type = 'url';
  draft.resource_id = clip(path, fieldLimits.resource_id);
  draft.details.path = path;
  if (question >= 0 && question < target.length - 1) {
    const query = target.slice(question + 1);
    draft.details.query = percentDecode(query, true);
    draft.details.parameters = queryParameters(query);
  }
}

const namedEscapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', v: '\v', b: '\b', f: '\f' };

function unescapeQuoted(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/((?:\\x[0-9a-fA-F]{2})+)|\\(.)/g, (_, bytes: string | undefined, plain: string | undefined) =>
    bytes === undefined
      ? (namedEscapes[plain ?? ''] ?? plain ?? '')
      : textOf(Buffer.from(bytes.replaceAll('\\x', ''), 'hex')),
  );
}

/** UTF-8 where it is; other bytes stay apart, each as a character, because overlong forms are what attackers write. */
function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\uFFFD') ? bytes.toString('latin1') : text;
}

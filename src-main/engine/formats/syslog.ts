// Syslog lines (RFC 3164, RFC 3339 stamps, RFC 5424) as events: header, then what the message says if its program is known.
// `auth` and `syslog` are the same parser; they differ in how files are recognised.
import { clip, type EventDraft, fieldLimits } from '../event.ts';
import { readAuthMessage } from './auth-messages.ts';
import { createSudoCommands } from './auth-sudo.ts';
import { type Parsed, type ReaderOptions, type RecordParser, rejected } from './format.ts';
import { createSyslogHeaderParser } from './syslog-header.ts';
import { createLocalClock } from './time.ts';

const longestMessage = 16_384;
/** "message repeated N times" stands for at most this many events: N is written by whoever wrote the log. */
const mostRepeats = 1000;

export function createSyslogParser(options: ReaderOptions): RecordParser {
  const readHeader = createSyslogHeaderParser({
    clock: createLocalClock(options.zone),
    referenceTimeMs: options.referenceTimeMs,
  });
  const joinCommand = createSudoCommands();
  return (text): Parsed => {
    const line = readHeader(text);
    if (typeof line === 'string') return rejected(line);
    const details: EventDraft['details'] = {};
    const draft: EventDraft = {
      timeMs: line.timeMs,
      source: clip(line.host, fieldLimits.source) || (options.source ?? 'syslog'),
      event_type: 'other',
      details,
    };
    if (line.host !== '') details.host = draft.source ?? '';
    if (line.app !== '') details.app = line.app;
    if (line.pid !== '') details.pid = line.pid;
    if (line.extra !== undefined) Object.assign(details, line.extra);
    const { message, repeat } = unfold(line.message);
    details.message = clip(message, longestMessage);
    if (line.app !== '') readAuthMessage(line.app, message, draft);
    if (draft.event_type === 'shell_command') joinCommand(draft);
    if (repeat === 1) return { kind: 'draft', draft };
    details.repeated = repeat;
    return { kind: 'draft', draft, repeat: Math.min(repeat, mostRepeats) };
  };
}

/** rsyslog's `message repeated 5 times: [ Failed password for … ]`. */
function unfold(message: string): { message: string; repeat: number } {
  if (!message.startsWith('message repeated ')) return { message, repeat: 1 };
  const match = /^message repeated (\d{1,9}) times: \[ ?(.*)\]$/s.exec(message);
  if (match === null) return { message, repeat: 1 };
  return { message: match[2] ?? '', repeat: Math.max(1, Number(match[1])) };
}

// Bytes of a `text/event-stream` become events, as the HTML standard (section 9.2.6) reads them. Knows nothing of topics.

export interface ServerSentEvent {
  /** Empty when the event names none. */
  readonly event: string;
  readonly data: string;
  readonly id: string | undefined;
}

/** More than any announcement needs; a stream that sends longer lines is not ours. */
const longestLine = 64 * 1024;

export interface EventParser {
  /** Events completed by this piece of text. @throws Error when a line is longer than 64 KiB. */
  push(text: string): readonly ServerSentEvent[];
}

export function createEventParser(): EventParser {
  let rest = '';
  let data: string[] = [];
  let event = '';
  let id: string | undefined;

  function take(line: string): ServerSentEvent | undefined {
    if (line === '') {
      const done = data.length === 0 ? undefined : { event, data: data.join('\n'), id };
      data = [];
      event = '';
      return done;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return undefined;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'event') event = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
    return undefined;
  }

  return {
    push(text) {
      rest += text;
      const events: ServerSentEvent[] = [];
      for (;;) {
        const end = rest.search(/\r\n|\n|\r(?!$)/);
        if (end < 0) break;
        const line = rest.slice(0, end);
        rest = rest.slice(end + (rest.startsWith('\r\n', end) ? 2 : 1));
        const done = take(line);
        if (done !== undefined) events.push(done);
      }
      if (rest.length > longestLine) throw new Error('a line of the stream is longer than 64 KiB');
      return events;
    },
  };
}

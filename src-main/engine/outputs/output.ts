// Events as lines of other tools' formats. One line each, whatever stands in the event: every text in it may be an attacker's.

import type { OutputFormat } from '../../../src-shared/contract/search.ts';
import { cefLine } from './cef.ts';
import { csvHeader, csvLine } from './csv.ts';
import { ecsDocument } from './ecs.ts';
import { ocsfEvent } from './ocsf.ts';
import type { OutputEvent, OutputSource } from './output-event.ts';
import { syslogLine } from './rfc5424.ts';
import { jsonLine, wireOf } from './wire.ts';

export type Output = {
  /** What stands before the first line of a file. */
  readonly header: string | null;
  /** Without a line end, and with none in it. */
  line(event: OutputEvent): string;
};

export function createOutput(format: OutputFormat, source: OutputSource): Output {
  switch (format) {
    case 'jsonl':
      return { header: null, line: (event) => jsonLine(wireOf(event)) };
    case 'csv':
      return { header: csvHeader, line: csvLine };
    case 'ocsf-1.1.0':
      return { header: null, line: (event) => jsonLine(ocsfEvent(event, '1.1.0', source)) };
    case 'ocsf-1.8.0':
      return { header: null, line: (event) => jsonLine(ocsfEvent(event, '1.8.0', source)) };
    case 'ecs':
      return { header: null, line: (event) => jsonLine(ecsDocument(event, source)) };
    case 'cef':
      return { header: null, line: (event) => cefLine(event, source) };
    case 'rfc5424':
      return { header: null, line: (event) => syslogLine(event, source) };
  }
}

// Words and choices of importing: the formats as people know them, columns of CSV files as they are typed.

import type { LogFormatChoice } from '../../../src-shared/contract/events.ts';

export const formatOptions = [
  { id: 'auto', label: 'Find out the format' },
  { id: 'auth', label: 'auth.log' },
  { id: 'access', label: 'Web access log' },
  { id: 'json', label: 'JSON lines' },
  { id: 'syslog', label: 'syslog' },
  { id: 'windows', label: 'Windows events, JSON' },
  { id: 'evtx', label: 'Windows events, EVTX' },
  { id: 'auditd', label: 'Linux audit log' },
  { id: 'cloudtrail', label: 'AWS CloudTrail' },
  { id: 'cef', label: 'CEF' },
  { id: 'csv', label: 'CSV' },
] as const satisfies readonly { readonly id: LogFormatChoice; readonly label: string }[];

export function formatLabel(format: string): string {
  return formatOptions.find(({ id }) => id === format)?.label ?? format;
}

/** `time=Date, actor=User` as a record; undefined for nothing written, 'wrong' for what is no such list. */
export function columnsOf(text: string): Readonly<Record<string, string>> | undefined | 'wrong' {
  if (text.trim() === '') return undefined;
  const pairs = text.split(',').map((pair) => /^([^=]{1,200})=(.{1,200})$/.exec(pair.trim()));
  const found: Record<string, string> = {};
  for (const pair of pairs) {
    const [, field, column] = pair ?? [];
    if (field === undefined || column === undefined) return 'wrong';
    found[field.trim()] = column.trim();
  }
  return found;
}

// The formats that a record sent over the API may declare for itself, and what it then looks like.
import type { FormatName } from './log-formats.ts';

/** `{"format": "cloudtrail", …}`: the record's own members stand beside the format, or alone under `record`. */
export const recordFormats = ['json', 'windows', 'cloudtrail'] as const satisfies readonly FormatName[];
/** `{"format": "auth", "line": "Nov 21 07:50:12 web-1 sshd[811]: …"}` */
export const lineFormats = ['auth', 'access', 'syslog', 'auditd', 'cef'] as const satisfies readonly FormatName[];

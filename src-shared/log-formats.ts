// The log formats that Gatehouse reads, by the names that commands, calls and the window give them.
export const formatNames = [
  'auth',
  'access',
  'json',
  'windows',
  'evtx',
  'syslog',
  'auditd',
  'cloudtrail',
  'cef',
  'csv',
] as const;
export type FormatName = (typeof formatNames)[number];

// What the categories of the audit log are called, and what is in them.

import type { RetentionCategory } from '../../../src-shared/contract/retention.ts';

export const categoryWords: Readonly<Record<RetentionCategory, { readonly name: string; readonly holds: string }>> = {
  pii: { name: 'Personal data', holds: 'Requests of data subjects' },
  security_events: { name: 'Security events', holds: 'Sign-ins, sessions, locks, alerts, start and stop' },
  api_calls: { name: 'API calls', holds: 'Refused and recorded calls' },
  tool_executions: { name: 'Tool executions', holds: 'Imports of log files' },
  credential_access: { name: 'Credential access', holds: 'Secrets that were revealed' },
  compliance: { name: 'Compliance', holds: 'Everything else: users, keys, rules, backups, settings' },
};

interface HoldTyped {
  readonly label: string;
  readonly category: RetentionCategory | 'all';
  /** Days, or empty. */
  readonly since: string;
  readonly until: string;
}

/** The same hold on the command line, quoted for a POSIX shell; undefined for one of a category, which has no flag there. */
export function holdLine({ label, category, since, until }: HoldTyped): string | undefined {
  if (category !== 'all') return undefined;
  return [
    `gatehouse retention hold '${label.trim().replaceAll("'", `'\\''`)}'`,
    ...(since === '' ? [] : [`--since '${since}T00:00:00Z'`]),
    ...(until === '' ? [] : [`--until '${until}T23:59:59.999Z'`]),
  ].join(' ');
}

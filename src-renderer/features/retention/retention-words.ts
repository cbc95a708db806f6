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

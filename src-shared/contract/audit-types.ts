// Every kind of audit entry, with the sentence the audit catalogue prints. The only list of them.

export const auditTypes = {
  setup: 'the console was set up, or a step of it was completed',
  login: 'somebody signed in or tried to',
  logout: 'a session ended by its owner',
  session_end: 'a session was ended by an admin, by its owner from elsewhere, or by a limit',
  mfa_enable: 'a second factor was being enrolled',
  mfa_verify: 'a second factor was shown or tried',
  recovery_code_used: 'a recovery code stood in for the second factor',
  console_lock: 'the console window was locked',
  console_unlock: 'the console window was unlocked, or somebody tried',
  user_create: 'a user was made',
  config_change: 'a setting changed, with old and new value',
  key_create: 'an API key was made',
  key_revoke: 'an API key was revoked',
  api_call: 'a call was refused, or changed something that has no type of its own',
  events_import: 'a log file was imported',
  alert_raised: 'a detector raised an alert',
  alert_acknowledged: 'an alert was acknowledged',
  alert_closed: 'an alert was closed with a verdict',
  alert_reopened: 'a closed alert was opened again',
  alert_assigned: 'an alert was given to somebody',
  alert_noted: 'a note was added to an alert',
  alert_undone: 'a change of alerts was taken back',
  audit_export: 'a bundle of audit entries was exported',
  service_start: 'the service started on this store',
  service_stop: 'the service stopped in good order',
} as const satisfies Record<string, string>;

export type AuditType = keyof typeof auditTypes;

// What a bundle that keeps people back may open: of each type of entry the members named here, and each only as long as its value has
// the form that is named with it. Anything else stays a commitment, so that a new type or a new member is kept back until somebody has
// decided about it here. docs/redaction.md prints the lists.
import { severities, verdicts } from '../../../../src-shared/alert-words.ts';
import type { AuditType } from '../../../../src-shared/audit-types.ts';
import { eventSigning } from '../../../../src-shared/contract/access.ts';
import { redaction } from '../../../../src-shared/contract/bundles.ts';
import { keyPurpose } from '../../../../src-shared/contract/encryption.ts';
import { logFormat } from '../../../../src-shared/contract/events.ts';
import { problems } from '../../../../src-shared/contract/problems.ts';
import { retentionCategories } from '../../../../src-shared/contract/retention.ts';
import { chosenState } from '../../../../src-shared/contract/rules.ts';
import { outputFormat } from '../../../../src-shared/contract/search.ts';
import { secretType } from '../../../../src-shared/contract/secrets.ts';
import { keyProtection, setupSteps } from '../../../../src-shared/contract/setup.ts';
import type { JsonObject, JsonValue } from '../../../../src-shared/evidence/canonical-json.ts';
import type { EntryBody } from '../../../../src-shared/evidence/entry.ts';
import { isPermissionPattern, roleNames } from '../../../../src-shared/permissions.ts';

// SECURITY: no form takes words that somebody can choose; an address, a name or a sentence fits none of them.
type Form = (value: JsonValue) => boolean;

const count: Form = (value) => typeof value === 'number';
const flag: Form = (value) => typeof value === 'boolean';
const uuid = matching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const digest = matching(/^[0-9a-f]{64}$/);
const instant = matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/);
/** At most three numbers: four are an address. */
const versionNumber = matching(/^\d{1,6}(\.\d{1,6}){0,2}$/);

function matching(pattern: RegExp): Form {
  return (value) => typeof value === 'string' && pattern.test(value);
}

function oneOf(...words: readonly string[]): Form {
  const known = new Set<JsonValue>(words);
  return (value) => known.has(value);
}

function listOf(form: Form): Form {
  return (value) => Array.isArray(value) && value.every((each) => form(each));
}

/** Members that are not named here keep the whole object back. */
function members(forms: Readonly<Record<string, Form>>): Form {
  return (value) =>
    isObject(value) &&
    Object.entries(value).every(([name, each]) => Object.hasOwn(forms, name) && fits(forms[name], each));
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fits(form: Form | undefined, value: JsonValue | undefined): boolean {
  return form !== undefined && value !== undefined && (value === null || form(value));
}

const changeOf = (form: Form): Form => members({ from: form, to: form });
const severityWord = oneOf(...severities);
const protection = oneOf(...keyProtection.options);
const alertState = oneOf('open', 'acknowledged', 'closed', ...verdicts.map((verdict) => `closed ${verdict}`));

const signingIn = {
  outcome: oneOf(
    'second_factor_asked',
    'enrolment_asked',
    'signed_in',
    'backing_off',
    'wrong_code',
    'wrong_credentials',
  ),
  factor: oneOf('totp', 'recovery_code'),
  enrolled: oneOf('totp'),
  method: oneOf('totp'),
  failures: count,
  backing_off_seconds: count,
  retry_after_seconds: count,
  recovery_codes_left: count,
};
const triage = {
  change_id: uuid,
  undone_change_id: uuid,
  verdict: oneOf(...verdicts),
  reset_suppression: flag,
  // With `assignee_from` or `assignee_to` in one of them the whole list is kept back: it is committed to as one value.
  alerts: listOf(members({ id: uuid, number: count, from: alertState, to: alertState })),
  refused: listOf(uuid),
};
const ruleChange = {
  version: count,
  sha256: digest,
  sha256_before: digest,
  state: changeOf(oneOf(...chosenState.options)),
  severity: changeOf(severityWord),
};
const exceptionEnd = oneOf('never');
const exception = {
  rule: uuid,
  hits: count,
  expires_at: (value: JsonValue) =>
    exceptionEnd(value) || instant(value) || changeOf((each) => exceptionEnd(each) || instant(each))(value),
};
const backup = {
  encrypted: flag,
  compliance_mode: oneOf('hipaa'),
  size_bytes: count,
  sha256: digest,
  created_at: instant,
  passed: flag,
  audit_entries: count,
  root_hash: digest,
  by_command_line: flag,
  protection,
};
const stopped = { since: instant, behind: count };
const resumed = { since: instant };

const kept: Readonly<Partial<Record<AuditType, Readonly<Record<string, Form>>>>> = {
  setup: { step: oneOf(...setupSteps, 'recovery_confirm'), protection },
  login: signingIn,
  session_end: { own: flag },
  mfa_enable: signingIn,
  mfa_verify: signingIn,
  recovery_code_used: signingIn,
  console_unlock: signingIn,
  user_create: { role: oneOf(...roleNames) },
  key_create: {
    scopes: listOf((scope) => typeof scope === 'string' && isPermissionPattern(scope)),
    event_signing: oneOf(...eventSigning.options),
    expires_at: instant,
  },
  api_call: { calls: count, code: oneOf(...Object.keys(problems)), status: count },
  events_import: {
    format: oneOf(...logFormat.options),
    state: oneOf('running', 'finished', 'cancelled'),
    bytes: count,
    records: count,
    accepted: count,
    duplicates: count,
    rejected: count,
    alerts: count,
  },
  query: { calls: count },
  events_export: { format: oneOf(...outputFormat.options) },
  search_saved: { shared: flag, replaced: flag },
  alerts_export: { format: oneOf(...outputFormat.options) },
  alerts_load: { findings: count, raised: count, repeated: count, known: count, rejected: count, alerts: listOf(uuid) },
  alert_raised: {
    number: count,
    severity: severityWord,
    risk: count,
    rule: uuid,
    detector_version: versionNumber,
    events: count,
    origin: oneOf('scan'),
  },
  alert_acknowledged: triage,
  alert_closed: triage,
  alert_reopened: triage,
  alert_assigned: triage,
  alert_noted: triage,
  alert_undone: triage,
  rule_create: ruleChange,
  rule_update: ruleChange,
  rule_enable: ruleChange,
  rule_disable: ruleChange,
  rule_delete: { sha256: digest },
  log_source_mapping_change: { sha256: digest, sha256_before: digest, entries: count, single_rules: count },
  rule_exception_create: exception,
  rule_exception_extend: exception,
  rule_exception_transfer: exception,
  rule_exception_delete: exception,
  rule_pack_import: {
    written: flag,
    added: count,
    changed: count,
    removed: count,
    unchanged: count,
    refused: count,
  },
  rule_pack_update: { state: changeOf(oneOf(...chosenState.options)) },
  rule_pack_export: { files: count, sha256: digest },
  audit_export: {
    from_seq: count,
    to_seq: count,
    entries: count,
    whole_range: flag,
    checkpoint_size: count,
    root_hash: digest,
    content_digest: digest,
    size_bytes: count,
    redacted: oneOf(...redaction.options),
  },
  bundle_receipt: {
    sha256: digest,
    verdict: oneOf('VERIFIED', 'VERIFIED WITH LIMITS', 'NOT VERIFIED', 'CANNOT CHECK'),
  },
  signer_pin: { pinned: flag },
  audit_damaged: { first_bad_seq: count },
  disk_low: { free_bytes: count, limit_bytes: count },
  key_rotation: {
    key: oneOf(...keyPurpose.options),
    from: count,
    to: count,
    chained: flag,
    action: oneOf('pause', 'resume'),
  },
  key_destroyed: { key: oneOf(...keyPurpose.options), version: count },
  key_protection_change: { from: protection, to: protection },
  vault_unlock: { with: oneOf('passphrase', 'recovery_key', 'token', 'window'), failed_attempts: count },
  secret_create: { type: oneOf(...secretType.options), generated: flag },
  secret_update: { changed: listOf(oneOf('description', 'owner', 'tags', 'expires_at', 'rotation_days')) },
  secret_rotate: { version: count, generated: flag, overlap_until: instant },
  secret_reveal: { version: count },
  secret_grant: { to_oneself: flag },
  secret_purge: { versions: count },
  secret_import: { format: oneOf('env', 'csv', 'fernet_json'), skipped: count },
  retention_run: {
    run: count,
    of: oneOf('events'),
    entries: count,
    before: instant,
    days: count,
    from_seq: count,
    to_seq: count,
    ranges: count,
    ranges_sha256: digest,
    categories: listOf(
      members({ category: oneOf(...retentionCategories), days: count, before: instant, entries: count }),
    ),
  },
  retention_hold: {
    action: oneOf('place', 'release'),
    category: oneOf(...retentionCategories),
    since: instant,
    until: instant,
  },
  access_request: { entries: count },
  erasure: { erasure_id: uuid, entries: count },
  backup_create: backup,
  backup_verify: backup,
  backup_restore: backup,
  backup_delete: backup,
  mirror_stopped: stopped,
  mirror_resumed: resumed,
  anchor_stopped: stopped,
  anchor_resumed: resumed,
  store_mark_lost: { state: oneOf('missing', 'unreadable'), commit: count },
  store_rollback_accepted: { commit: count, acknowledged_commit: count, log_size: count, checkpoint_size: count },
  service_start: { first: flag, after_clean_stop: flag },
};

/** Things whose random id may be said. A user's or a session's would tie the entries of one person together, names or not. */
const things: ReadonlySet<string> = new Set([
  'alert',
  'backup',
  'bundle',
  'console',
  'import',
  'incident',
  'key',
  'legal_hold',
  'log_source_mapping',
  'receipt',
  'rule',
  'rule_exception',
  'rule_pack',
  'search',
  'secret',
  'signer',
]);

/** Whether what an entry is about says nothing of a person: a thing under a random id, or under none. */
export function isThing({ type, id }: { readonly type: string; readonly id: string }): boolean {
  return things.has(type) && (id === '' || uuid(id) || digest(id));
}

/** Whether a committed field may be opened where people are kept back. */
export function saysNobody({ event_type, resource, details }: EntryBody, path: string): boolean {
  if (path === 'resource') return resource !== undefined && isThing(resource);
  if (!path.startsWith('details.')) return false;
  const name = path.slice('details.'.length);
  const forms: Readonly<Partial<Record<string, Readonly<Record<string, Form>>>>> = kept;
  const ofType = Object.hasOwn(forms, event_type) ? forms[event_type] : undefined;
  return ofType !== undefined && Object.hasOwn(ofType, name) && fits(ofType[name], details?.[name]);
}

/** For the documentation: the types of which something is kept, and what. */
export function keptOfTypes(): { readonly type: string; readonly members: readonly string[] }[] {
  return Object.entries(kept).map(([type, forms]) => ({ type, members: Object.keys(forms).sort() }));
}
export const keptThings: readonly string[] = [...things].sort();

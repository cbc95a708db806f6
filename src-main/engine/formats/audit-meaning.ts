// What a record of the Linux audit log says happened, from its fields: who, to whom, and how it went. Reading the fields is auditd.ts.
import { canonicalAddress } from '../address.ts';
import { clip, type EventDraft, fieldLimits, type JsonValue } from '../event.ts';

type Details = Record<string, JsonValue>;

/** What the records of one event in the log share. */
export type AuditGroup = {
  readonly key: string;
  /** Of the call, which is the first of them. */
  caller: Pick<EventDraft, 'actor' | 'session_id' | 'success'> | undefined;
  /** The arguments so far as one line: a call with many of them has several records. */
  line: string;
};

export function createAuditGroup(key: string): AuditGroup {
  return { key, caller: undefined, line: '' };
}

const longestCommand = 16_384;
/** Records of these name the account that logs in or is let in, which is who acts. */
const ofOwnAccount = /^(?:USER_(?:LOGIN|LOGOUT|AUTH|ACCT|START|END|ERR)|CRED_\w+|ANOM_LOGIN\w*)$/;
/** Records of these tell of another one's account or group. */
const ofManagement =
  /^(?:(?:ADD|DEL)_(?:USER|GROUP)|USER_MGMT|GRP_MGMT|USER_CHAUTHTOK|GRP_CHAUTHTOK|ACCT_(?:UN)?LOCK|ROLE_(?:ASSIGN|REMOVE|MODIFY)|CHUSER_ID|CHGRP_ID)$/;

function text(details: Details, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = details[name];
    if (typeof value !== 'string' || value === '' || value === '?' || value === '(null)') continue;
    // 4294967295 is -1: nobody logged in.
    if (value === '4294967295' || value === 'unset' || value.startsWith('unknown(')) continue;
    return value;
  }
  return undefined;
}

export function interpret(type: string, details: Details, draft: EventDraft, group: AuditGroup): void {
  const outcome = text(details, 'res', 'success');
  if (outcome !== undefined) draft.success = /^(?:success|yes|1)$/.test(outcome);
  const doer = text(details, 'AUID', 'auid', 'UID', 'uid');
  const actor = ofOwnAccount.test(type) ? (text(details, 'acct') ?? doer) : doer;
  if (actor !== undefined) draft.actor = clip(actor, fieldLimits.actor);
  const address = canonicalAddress(text(details, 'addr', 'hostname', 'laddr') ?? '');
  if (address !== undefined) draft.ip_address = address;
  const session = text(details, 'ses');
  if (session !== undefined) draft.session_id = clip(session, fieldLimits.session_id);
  const path = text(details, 'name', 'path');
  if (path !== undefined) {
    draft.resource_type = 'file';
    draft.resource_id = clip(path, fieldLimits.resource_id);
  }
  if (ofManagement.test(type)) {
    management(type, details, draft);
    return;
  }
  switch (type) {
    case 'USER_LOGIN':
      draft.event_type = 'login';
      break;
    case 'USER_LOGOUT':
    case 'USER_END':
      draft.event_type = 'logout';
      break;
    case 'USER_CMD':
      command(draft, 'shell_command', text(details, 'cmd'));
      break;
    case 'EXECVE':
      command(draft, 'process_start', commandLine(details, group));
      break;
    case 'PROCTITLE':
      command(draft, 'other', text(details, 'proctitle'));
      break;
    case 'CONFIG_CHANGE':
    case 'DAEMON_END':
    case 'DAEMON_ABORT':
    case 'MAC_POLICY_LOAD':
      draft.event_type = 'config_change';
      break;
    default:
  }
}

/** Who made the call, told of the records that come with it and don't say. */
export function carriedOver(type: string, draft: EventDraft, group: AuditGroup): void {
  if (type === 'SYSCALL') {
    const { actor, session_id, success } = draft;
    group.caller = {
      ...(actor === undefined ? {} : { actor }),
      ...(session_id === undefined ? {} : { session_id }),
      ...(success === undefined ? {} : { success }),
    };
    return;
  }
  const { caller } = group;
  if (caller === undefined) return;
  if (caller.actor !== undefined) draft.actor ??= caller.actor;
  if (caller.session_id !== undefined) draft.session_id ??= caller.session_id;
  if (caller.success !== undefined) draft.success ??= caller.success;
}

function command(draft: EventDraft, type: string, line: string | undefined): void {
  draft.event_type = type;
  if (line !== undefined) draft.details.command = line;
}

/** Accounts and groups, and who is in which. */
function management(type: string, details: Details, draft: EventDraft): void {
  const operation = text(details, 'op') ?? '';
  const target = text(details, 'acct', 'ID', 'id');
  const group = text(details, 'grp', 'new_group', 'new-role', 'role');
  const isMembership = /(?:^|[-_ ])(?:to|from)[-_ ](?:shadow[-_ ])?group/.test(operation);
  if (isMembership) membership(operation, target, group, draft);
  else if (type === 'ADD_USER' || type === 'DEL_USER') {
    draft.event_type = type === 'ADD_USER' ? 'user_create' : 'user_delete';
    about('user', target, draft);
  } else if (type.startsWith('ROLE_')) {
    draft.event_type = 'role_change';
    if (type === 'ROLE_REMOVE') draft.action = 'role_removed';
    about('user', target, draft);
  } else {
    draft.event_type = 'config_change';
    const isGroup = /GROUP|GRP/.test(type);
    about(isGroup ? 'group' : 'user', isGroup ? (group ?? target) : target, draft);
  }
}

function membership(operation: string, target: string | undefined, group: string | undefined, draft: EventDraft): void {
  // The same change is told of the shadow file too: the second is passed over.
  draft.event_type = /shadow/.test(operation) ? 'other' : 'role_change';
  if (draft.event_type === 'other') draft.action = 'shadow_group_updated';
  else draft.action = /^(?:add|adding)\b/.test(operation) ? 'group_member_added' : 'group_member_removed';
  about('group', group, draft);
  if (target === undefined) delete draft.details.target;
  else draft.details.target = clip(target, fieldLimits.actor);
}

/** The account or group that a record is about, which is not who did it. */
function about(type: 'user' | 'group', name: string | undefined, draft: EventDraft): void {
  draft.resource_type = type;
  if (name === undefined) return;
  draft.resource_id = clip(name, fieldLimits.resource_id);
  draft.details.target = clip(name, fieldLimits.actor);
}

/** The arguments as one line: `a0 a1 …`, in quotes where a shell would take them for something else than they were. */
function commandLine(details: Details, group: AuditGroup): string | undefined {
  const words = Object.entries(details)
    .flatMap(([name, value]): [number, string][] => {
      const number = /^a(\d{1,6})$/.exec(name)?.[1];
      return number === undefined || typeof value !== 'string' ? [] : [[Number(number), value]];
    })
    .sort(([a], [b]) => a - b)
    .map(([, word]) => quotedIfNeeded(word));
  if (words.length > 0 && group.line.length < longestCommand)
    group.line = clip([...(group.line === '' ? [] : [group.line]), ...words].join(' '), longestCommand);
  return group.line === '' ? undefined : group.line;
}

function quotedIfNeeded(word: string): string {
  return /^[\w@%+=:,./~*?-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

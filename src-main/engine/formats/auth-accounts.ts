// Messages of the shadow tools (useradd, usermod, gpasswd, …): accounts made, removed, and put into groups.
import { clip, type EventDraft, fieldLimits } from '../event.ts';
import { pamMessage } from './auth-pam.ts';

/** Reads one message of the account tools; false when unknown. */
export function accountMessage(message: string, draft: EventDraft): boolean {
  if (message.startsWith('pam_')) return pamMessage(message, draft);
  return created(message, draft) || grouped(message, draft) || removed(message, draft);
}

function created(message: string, draft: EventDraft): boolean {
  // new user: name=bob, UID=1001, GID=1001, home=/home/bob, shell=/bin/bash, from=/dev/pts/0
  const user =
    /^new user: name=([^,]{1,256}), UID=(\d{1,10}), GID=(\d{1,10}), home=([^,]{0,1024}), shell=([^,]{0,256})/.exec(
      message,
    );
  if (user !== null) {
    draft.event_type = 'user_create';
    draft.action = 'user_created';
    draft.success = true;
    draft.resource_type = 'user';
    draft.resource_id = user[1] ?? '';
    Object.assign(draft.details, {
      uid: Number(user[2]),
      gid: Number(user[3]),
      home: user[4] ?? '',
      shell: user[5] ?? '',
    });
    return true;
  }
  const group = /^(?:new group: name=|group added to \/etc\/group: name=)([^,]{1,256}), GID=(\d{1,10})/.exec(message);
  if (group === null) return false;
  draft.event_type = 'config_change';
  draft.action = 'group_created';
  draft.success = true;
  draft.resource_type = 'group';
  draft.resource_id = group[1] ?? '';
  draft.details.gid = Number(group[2]);
  return true;
}

function grouped(message: string, draft: EventDraft): boolean {
  // usermod: add 'bob' to group 'sudo' · add 'bob' to shadow group 'sudo' (the same change, told twice: the second is passed over)
  const added = /^(add|delete) '([^']{1,256})' (?:to|from) (shadow )?group '([^']{1,256})'$/.exec(message);
  if (added !== null) {
    membership(draft, added[2] ?? '', added[4] ?? '', added[1] === 'add');
    if (added[3] !== undefined) {
      draft.event_type = 'other';
      draft.action = 'shadow_group_updated';
    }
    return true;
  }
  // gpasswd: user bob added by root to group sudo · user bob removed by root from group sudo
  const by = /^user (\S{1,256}) (added|removed) by (\S{1,256}) (?:to|from) group (\S{1,256})$/.exec(message);
  if (by === null) return false;
  membership(draft, by[1] ?? '', by[4] ?? '', by[2] === 'added');
  draft.actor = clip(by[3] ?? '', fieldLimits.actor);
  return true;
}

function membership(draft: EventDraft, user: string, group: string, added: boolean): void {
  draft.event_type = 'role_change';
  draft.action = added ? 'group_member_added' : 'group_member_removed';
  draft.success = true;
  draft.resource_type = 'group';
  draft.resource_id = group;
  draft.details.target = user;
}

function removed(message: string, draft: EventDraft): boolean {
  const user = /^delete user '([^']{1,256})'$/.exec(message);
  if (user !== null) {
    draft.event_type = 'user_delete';
    draft.action = 'user_deleted';
    draft.success = true;
    draft.resource_type = 'user';
    draft.resource_id = user[1] ?? '';
    return true;
  }
  // usermod: change user 'bob' UID from '1001' to '0' · change user name 'bob' to 'rob' · lock user 'bob' password
  const changed = /^change user '([^']{1,256})' (\S{1,40}) from '([^']{0,1024})' to '([^']{0,1024})'$/.exec(message);
  if (changed === null) return false;
  draft.event_type = 'config_change';
  draft.action = 'user_changed';
  draft.success = true;
  draft.resource_type = 'user';
  draft.resource_id = changed[1] ?? '';
  Object.assign(draft.details, { setting: changed[2] ?? '', from: changed[3] ?? '', to: changed[4] ?? '' });
  return true;
}

// A test restore from wherever it is asked for, with its result as a message, because the person may be elsewhere when it is over.

import type { Backup } from '../../../src-shared/contract/backups.ts';
import { formatInstant } from '../../lib/instants.ts';
import { formatCount } from '../../lib/numbers.ts';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { backups } from './backups-state.ts';

export async function verifyBackup(backup: Backup, passphrase: string | undefined): Promise<void> {
  const found = await backups.verify(backup.backup_id, passphrase);
  const name = `Backup of ${formatInstant(backup.created_at, 'utc', 'minute')}`;
  if (found === undefined) {
    toasts.show({ text: `${name} could not be checked`, tone: 'warn' });
  } else if (found.passed) {
    const entries = found.audit_entries === null ? '' : `, ${formatCount(found.audit_entries)} audit entries`;
    toasts.show({ text: `${name} restores whole${entries}` });
  } else {
    toasts.show({ text: `${name} does not restore: ${found.detail}`, tone: 'warn' });
  }
}

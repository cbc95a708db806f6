// The words for backups: their kind, what opens them, why they are kept, the schedule in a sentence.

import type { Backup, BackupOpener } from '../../../src-shared/contract/backups.ts';
import type { OutcomeKind } from '../../ui/data/Outcome.tsx';
import type { ScheduleStatus } from './backups-store.ts';

export type BackupAction = 'verify' | 'restore' | 'delete';

export const kindWords: Readonly<Record<Backup['kind'], string>> = {
  manual: 'By hand',
  scheduled: 'Scheduled',
  before_migration: 'Before an update',
};

export const stateWords: Readonly<Record<Backup['state'], readonly [OutcomeKind, string]>> = {
  running: ['running', 'Running'],
  complete: ['good', 'Complete'],
  failed: ['bad', 'Failed'],
  missing: ['limited', 'File missing'],
};

export const openerWords: Readonly<Record<BackupOpener, string>> = {
  backup_key: 'this console',
  recovery_key: 'recovery key',
  passphrase: 'passphrase',
};

/** 'Not encrypted' · 'this console, recovery key' */
export function openersOf({ encrypted, opens_with: openers }: Pick<Backup, 'encrypted' | 'opens_with'>): string {
  return encrypted ? openers.map((opener) => openerWords[opener]).join(', ') : 'not encrypted';
}

/** Does this console need a passphrase for it? Its own backup key opens the others. */
export function asksPassphrase({ encrypted, opens_with: openers }: Backup): boolean {
  return encrypted && !openers.includes('backup_key');
}

/** 'daily, weekly' · 'kept until deleted' */
export function keptWords({ kind, keep, state }: Backup): string {
  if (state !== 'complete') return '';
  if (keep.length > 0) return keep.join(', ');
  return kind === 'scheduled' ? 'goes with the next clean-up' : 'until deleted';
}

/** 'Every day at 02:30, this computer’s time. Keeps 7 daily, 4 weekly, 12 monthly.' */
export function scheduleWords(schedule: ScheduleStatus): string {
  const { enabled, every, at, keep_daily: daily, keep_weekly: weekly, keep_monthly: monthly } = schedule;
  if (!enabled) return 'No schedule: backups are made only by hand.';
  const kept = [
    `${daily} daily`,
    ...(weekly > 0 ? [`${weekly} weekly`] : []),
    ...(monthly > 0 ? [`${monthly} monthly`] : []),
  ];
  const when = every === 'day' ? `Every day at ${at}` : `Sundays at ${at}`;
  return `${when}, the computer’s time. Keeps ${kept.join(', ')}.`;
}

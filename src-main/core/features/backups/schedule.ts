// When scheduled backups are due, and which of them are kept. Pure; times of day and calendar days are those of the computer.
import type { BackupSchedule } from '../../../../src-shared/contract/backups.ts';
import type { Settings } from '../../settings.ts';
import type { BackupRow } from './backups-table.ts';

/** A failed one is tried again after this. */
const retryMs = 30 * 60_000;
/** Weekly backups are made on Sundays. */
const weekday = 0;

export function scheduleOf(settings: Settings['backup'], changed: BackupSchedule | undefined): BackupSchedule {
  if (changed !== undefined) return changed;
  return {
    enabled: settings.schedule !== 'off',
    every: settings.schedule === 'week' ? 'week' : 'day',
    at: settings.at,
    folder: settings.folder ?? null,
    keep_daily: settings.keep_daily,
    keep_weekly: settings.keep_weekly,
    keep_monthly: settings.keep_monthly,
  };
}

/** The first time after `afterAt` that the schedule names; null when it is off. */
export function nextTime(schedule: BackupSchedule, afterAt: number): number | null {
  if (!schedule.enabled) return null;
  const [hours = 0, minutes = 0] = schedule.at.split(':').map(Number);
  const time = new Date(afterAt);
  time.setHours(hours, minutes, 0, 0);
  // By days of the calendar, not by 24 hours: the clock may be put forward or back in between.
  while (time.getTime() <= afterAt || (schedule.every === 'week' && time.getDay() !== weekday)) {
    time.setDate(time.getDate() + 1);
    time.setHours(hours, minutes, 0, 0);
  }
  return time.getTime();
}

/** @param anchorAt the last scheduled backup, or when the schedule began to count. A time that was missed is due at once. */
export function isDue(
  schedule: BackupSchedule,
  { anchorAt, failedAt, now }: { anchorAt: number; failedAt: number | null; now: number },
): boolean {
  const next = nextTime(schedule, anchorAt);
  return next !== null && next <= now && (failedAt === null || now - failedAt >= retryMs);
}

export type KeepReason = 'daily' | 'weekly' | 'monthly';

/** Why each scheduled backup is kept: the newest of its day, week or month, as many of these as the schedule says. */
export function retained(
  schedule: Pick<BackupSchedule, 'keep_daily' | 'keep_weekly' | 'keep_monthly'>,
  backups: readonly Pick<BackupRow, 'id' | 'createdAt'>[],
): Map<string, KeepReason[]> {
  const kept = new Map<string, KeepReason[]>(backups.map(({ id }) => [id, []]));
  const newestFirst = [...backups].sort((left, right) => right.createdAt - left.createdAt);
  const rules: [KeepReason, number, (at: Date) => string][] = [
    ['daily', schedule.keep_daily, dayOf],
    ['weekly', schedule.keep_weekly, weekOf],
    ['monthly', schedule.keep_monthly, (at) => `${at.getFullYear()}-${at.getMonth()}`],
  ];
  for (const [reason, most, periodOf] of rules) {
    const periods = new Set<string>();
    for (const { id, createdAt } of newestFirst) {
      const period = periodOf(new Date(createdAt));
      if (periods.has(period)) continue;
      if (periods.size >= most) break;
      periods.add(period);
      kept.get(id)?.push(reason);
    }
  }
  return kept;
}

/**
 * Which scheduled backups the retention lets go. The last one that was restored and found good always stays, even when later ones
 * would push it out: those may all be bad.
 */
export function expired(
  schedule: Pick<BackupSchedule, 'keep_daily' | 'keep_weekly' | 'keep_monthly'>,
  complete: readonly BackupRow[],
): BackupRow[] {
  const lastGood = [...complete]
    .sort((left, right) => right.createdAt - left.createdAt)
    .find(({ verification }) => verification?.passed === true);
  const scheduled = complete.filter(({ kind }) => kind === 'scheduled');
  const kept = retained(schedule, scheduled);
  return scheduled.filter(({ id }) => kept.get(id)?.length === 0 && id !== lastGood?.id);
}

function dayOf(at: Date): string {
  return `${at.getFullYear()}-${at.getMonth()}-${at.getDate()}`;
}

/** The Monday that its week begins with. */
function weekOf(at: Date): string {
  const monday = new Date(at);
  monday.setDate(at.getDate() - ((at.getDay() + 6) % 7));
  return dayOf(monday);
}

// The schedule while it is typed: fields are texts, and become a schedule only when each of them is right.

import type { BackupSchedule } from '../../../src-shared/contract/backups.ts';

export interface ScheduleDraft {
  readonly enabled: boolean;
  readonly every: BackupSchedule['every'];
  readonly at: string;
  readonly folder: string;
  readonly keep_daily: string;
  readonly keep_weekly: string;
  readonly keep_monthly: string;
}

type WrongFields = Readonly<Partial<Record<keyof ScheduleDraft, string>>>;

export type ReadSchedule =
  | { readonly kind: 'schedule'; readonly schedule: BackupSchedule }
  | { readonly kind: 'wrong'; readonly fields: WrongFields };

/** As the contract has it. */
const bounds = { keep_daily: [1, 366], keep_weekly: [0, 520], keep_monthly: [0, 240] } as const;

export function scheduleDraft(schedule: BackupSchedule): ScheduleDraft {
  return {
    enabled: schedule.enabled,
    every: schedule.every,
    at: schedule.at,
    folder: schedule.folder ?? '',
    keep_daily: String(schedule.keep_daily),
    keep_weekly: String(schedule.keep_weekly),
    keep_monthly: String(schedule.keep_monthly),
  };
}

export function scheduleOf(draft: ScheduleDraft): ReadSchedule {
  const at = timeOf(draft.at);
  const daily = countOf('keep_daily', draft.keep_daily);
  const weekly = countOf('keep_weekly', draft.keep_weekly);
  const monthly = countOf('keep_monthly', draft.keep_monthly);
  if (at === undefined || daily === undefined || weekly === undefined || monthly === undefined) {
    const range = (name: keyof typeof bounds) => `${bounds[name][0]} to ${bounds[name][1]}.`;
    return {
      kind: 'wrong',
      fields: {
        ...(at === undefined ? { at: 'A time of day such as 02:30.' } : {}),
        ...(daily === undefined ? { keep_daily: range('keep_daily') } : {}),
        ...(weekly === undefined ? { keep_weekly: range('keep_weekly') } : {}),
        ...(monthly === undefined ? { keep_monthly: range('keep_monthly') } : {}),
      },
    };
  }
  const folder = draft.folder.trim();
  return {
    kind: 'schedule',
    schedule: {
      enabled: draft.enabled,
      every: draft.every,
      at,
      folder: folder === '' ? null : folder,
      keep_daily: daily,
      keep_weekly: weekly,
      keep_monthly: monthly,
    },
  };
}

/** '2:30' is what people type for '02:30'. */
function timeOf(text: string): string | undefined {
  const [, hours, minutes] = /^(\d{1,2}):(\d{2})$/.exec(text.trim()) ?? [];
  if (hours === undefined || minutes === undefined || Number(hours) > 23 || Number(minutes) > 59) return undefined;
  return `${hours.padStart(2, '0')}:${minutes}`;
}

function countOf(name: keyof typeof bounds, text: string): number | undefined {
  if (!/^\d{1,3}$/.test(text.trim())) return undefined;
  const count = Number(text);
  const [least, most] = bounds[name];
  return count >= least && count <= most ? count : undefined;
}

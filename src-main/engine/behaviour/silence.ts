// When a source that used to speak has been silent for too long. Measured by the clock of whoever listens and only while it listened, so
// that its own sleep is nobody's silence. Pure: times go in.
import { addDay, countBefore, type DaySet, dayMs, forgetDays } from './days.ts';

export type SourceActivity = {
  heardAtMs: number;
  /** Hours in which it was heard; a ring of hours, as days.ts has one of days. */
  readonly hours: DaySet;
  /** The longest pause of each day. */
  readonly pauses: Map<number, number>;
  /** The silence was told, and goes on. */
  told: boolean;
};

export type SilenceSettings = {
  readonly silentMs: number;
  /** Hours out of the last sixty in which a source must have spoken before its silence says anything. */
  readonly regularHours: number;
};

export type Silence = { readonly silentMs: number; readonly usualPauseMs: number };

const hourMs = 3_600_000;
const pauseDays = 21;
/** So many times as long as the longest pause of the last weeks. */
const pauseTimes = 2;

export function createActivity(now: number): SourceActivity {
  const activity: SourceActivity = { heardAtMs: now, hours: [0, 0], pauses: new Map(), told: false };
  addDay(activity.hours, Math.floor(now / hourMs));
  return activity;
}

/** @param listeningSinceMs since when the listener has been awake without a break. */
export function hear(activity: SourceActivity, now: number, listeningSinceMs: number): void {
  const hour = Math.floor(now / hourMs);
  const before = Math.floor(activity.heardAtMs / hourMs);
  if (now > activity.heardAtMs) {
    if (hour > before) forgetDays(activity.hours, before, hour);
    const pause = now - Math.max(activity.heardAtMs, listeningSinceMs);
    const day = Math.floor(now / dayMs);
    // A silence that was told is not how the source usually is.
    if (!activity.told && pause > (activity.pauses.get(day) ?? 0)) activity.pauses.set(day, pause);
    for (const one of activity.pauses.keys()) if (one <= day - pauseDays) activity.pauses.delete(one);
    activity.heardAtMs = now;
  }
  addDay(activity.hours, hour);
  activity.told = false;
}

/** The silence that is to be told now, if any. The caller sets `told` when it was. */
export function silenceOf(
  activity: SourceActivity,
  now: number,
  listeningSinceMs: number,
  { silentMs, regularHours }: SilenceSettings,
): Silence | undefined {
  if (activity.told) return undefined;
  const hour = Math.floor(activity.heardAtMs / hourMs);
  if (countBefore(activity.hours, hour + 1, hour) < regularHours) return undefined;
  const silent = now - Math.max(activity.heardAtMs, listeningSinceMs);
  const usualPauseMs = Math.max(0, ...activity.pauses.values());
  return silent >= Math.max(silentMs, usualPauseMs * pauseTimes) ? { silentMs: silent, usualPauseMs } : undefined;
}

export function activityText({ hours, pauses, told }: SourceActivity): string {
  return JSON.stringify({ hours, pauses: [...pauses], told });
}

/** @param text as activityText made it. */
export function parseActivity(text: string, heardAtMs: number): SourceActivity {
  const { hours, pauses, told } = JSON.parse(text) as { hours: DaySet; pauses: [number, number][]; told: boolean };
  return { heardAtMs, hours, pauses: new Map(pauses), told };
}

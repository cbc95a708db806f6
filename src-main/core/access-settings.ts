// How long sessions, step-ups and half sign-ins hold, from the settings.
import type { Settings } from './settings.ts';

export const stepUpMs = 5 * 60_000;

export function accessSettings({ auth }: Settings) {
  return {
    idleMs: auth.session_timeout_minutes * 60_000,
    absoluteMs: auth.session_absolute_hours * 3_600_000,
    maxSessionsPerUser: auth.max_sessions_per_user,
    mfaRequired: auth.mfa_required,
    idleLockMinutes: auth.idle_lock_minutes,
    stepUpMs,
    pendingMs: 5 * 60_000,
    pendingTries: 5,
  };
}

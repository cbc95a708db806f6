// What the rest of the core may call of access.
export { afterFailure, type Failures, remainingWaitMs } from './back-off.ts';
export { type Access, createAccess } from './feature.ts';
export type { KeyUse } from './presence.ts';
export type { AccessSettings } from './settings.ts';
export { parseUsername } from './user.ts';

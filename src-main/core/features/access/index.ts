// What the rest of the core may call of access.
export { type Access, createAccess } from './feature.ts';
export type { AccessSettings } from './settings.ts';
export { parseUsername } from './user.ts';

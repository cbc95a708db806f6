// What the rest of the core may call of access.
export { type Access, createAccess } from './feature.ts';
export { type AccessSettings, defaultAccessSettings, type MfaPolicy } from './settings.ts';
export { parseUsername, requirePassword } from './user.ts';

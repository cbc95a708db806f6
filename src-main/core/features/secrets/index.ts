// What the rest of the core may use of the vault.
export { watchDue } from './due.ts';
export { createSecrets } from './feature.ts';

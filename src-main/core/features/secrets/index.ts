// What the rest of the core may use of the vault.
export { createSecrets } from './feature.ts';

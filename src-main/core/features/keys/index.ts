// What the rest of the core may call of the console's keys.
export { formatRecoveryKey, parseRecoveryKey } from './recovery-key.ts';

// What the rest of the core may call of the console's keys.
export { formatRecoveryKey } from './recovery-key.ts';

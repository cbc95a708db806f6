// What other features may call of the console's keys.
export { formatRecoveryKey } from './recovery-key.ts';

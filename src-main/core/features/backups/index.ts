// What the rest of the core may call of backups.
export { type Backups, createBackups } from './feature.ts';
export type { BackupMachine } from './ports.ts';
export { createSetupRestore } from './setup-restore.ts';
export type { Prepared } from './trial.ts';

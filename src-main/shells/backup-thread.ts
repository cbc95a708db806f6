// Where the program of the threads for backups lies.
import { threadProgram } from './thread-program.ts';

export function backupThread(): URL {
  return threadProgram('backup-worker');
}

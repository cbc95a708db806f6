// Run as a process: opens the console of a folder and kills itself at the named moment of the migration.
import { createTestConsole } from '../../support/console.ts';
import { watchMigrations } from './watch-migrations.ts';

const [folder, moment] = process.argv.slice(2);
if (folder === undefined || moment === undefined) throw new Error('expected a folder and a moment');
const { wrap } = watchMigrations((step) => {
  if (step === moment) process.kill(process.pid, 'SIGKILL');
});
await createTestConsole({ folder, wrapDatabase: wrap });
process.exit(3);

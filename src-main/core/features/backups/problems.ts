// What goes wrong with backups, as callers are told.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { BackupCancelled, BackupDamaged, BackupKeyWrong, NewerBackup } from './damage.ts';

const systemReasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'the folder is not there any more',
  EIO: 'the disk reports errors',
};

/** The refusal that `error` is; bugs stay what they are. */
export function problemOf(error: unknown): unknown {
  if (error instanceof BackupCancelled)
    return new ProblemError('backups/cancelled', 'the backup was cancelled', { cause: error });
  if (error instanceof BackupDamaged)
    return new ProblemError('backups/damaged', `the backup can not be used: ${error.message}`, { cause: error });
  if (error instanceof NewerBackup) return new ProblemError('backups/newer', error.message, { cause: error });
  if (error instanceof BackupKeyWrong) return new ProblemError('backups/key', error.message, { cause: error });
  const reason = systemReason(error);
  return reason === undefined
    ? error
    : new ProblemError('backups/folder', `the backup could not be written: ${reason}`, { cause: error });
}

/** For the row of a backup that failed. */
export function reasonOf(error: unknown): string {
  if (error instanceof BackupCancelled) return 'cancelled';
  return systemReason(error) ?? (error instanceof Error ? error.message : String(error));
}

function systemReason(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? systemReasons[String(error.code)] : undefined;
}

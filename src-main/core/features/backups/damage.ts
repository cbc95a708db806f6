// What can be wrong with a backup file, each with a code of its own: tests and people must be able to tell them apart.

export type DamageCode =
  | 'not_a_backup'
  | 'header'
  | 'truncated'
  | 'appended'
  | 'chunk'
  | 'order'
  | 'manifest'
  | 'signature'
  | 'digest'
  | 'store'
  | 'audit'
  | 'sealed';

/** The file isn't what Gatehouse wrote; `code` says how, the message where. */
export class BackupDamaged extends Error {
  override readonly name = 'BackupDamaged';
  readonly code: DamageCode;

  constructor(code: DamageCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Made by a later Gatehouse: nothing is wrong with it, but this one can't read it. */
export class NewerBackup extends Error {
  override readonly name = 'NewerBackup';
}

/** What was given doesn't open this backup; the message says what would. */
export class BackupKeyWrong extends Error {
  override readonly name = 'BackupKeyWrong';
}

/** Asked to stop, and did. */
export class BackupCancelled extends Error {
  override readonly name = 'BackupCancelled';
}

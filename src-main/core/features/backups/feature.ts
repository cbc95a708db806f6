// Backups as a feature: making, trying, restoring and deleting them, the schedule. The long work is work.ts, what happens by itself keeping.ts.
import type { Backup, BackupSchedule, backupsOperations } from '../../../../src-shared/contract/backups.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { defaultLimit } from '../../../../src-shared/contract/values.ts';
import { instant } from '../../../base/instants.ts';
import type { Handlers } from '../../dispatch/handler.ts';
import type { NewEntry } from '../../dispatch/performing.ts';
import { defaultWorkspace, type Feature } from '../../feature.ts';
import type { Settings } from '../../settings.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import {
  type BackupRow,
  backupsInState,
  type Cursor,
  deleteBackup,
  findBackup,
  findSchedule,
  keyVersionsInUse,
  listBackups,
  saveSchedule,
  type Verification,
} from './backups-table.ts';
import { createKeeping } from './keeping.ts';
import { backupsMigrations } from './migrations.ts';
import { type KeepReason, nextTime, retained, scheduleOf } from './schedule.ts';
import type { Prepared } from './trial.ts';
import { createBackupWork } from './work.ts';
import type { WorkParts } from './work-parts.ts';

export type BackupsParts = Omit<WorkParts, 'folder'> & {
  readonly settings: Settings['backup'];
  record(tx: WriteTx, entry: NewEntry): void;
  endAllSessions(tx: WriteTx): void;
  /** Closes the store, puts the restored one in its place and opens the console anew; this one is over then. @returns where the old one is */
  replaceStore(prepared: Prepared): Promise<string>;
};

export type Backups = {
  readonly feature: Feature;
  /** Until disposed: the schedule, and what a start has to put right. */
  start(): Disposable;
  /** Cancels what is under way and waits for its end. */
  stop(): Promise<void>;
  /** When no backup holds the store as it is. */
  unpinned(): Promise<void>;
  /** How many backups need each version of the backup key. */
  keyVersionsInUse(tx: ReadTx): ReadonlyMap<number, number>;
};

export function createBackups(parts: BackupsParts): Backups {
  const { machine, settings } = parts;
  const work = createBackupWork({ ...parts, folder });
  const keeping = createKeeping({
    ...parts,
    work,
    schedule: currentSchedule,
    folder,
    instanceId: parts.ring.instanceId,
  });

  function readSchedule(tx: ReadTx): BackupSchedule {
    return scheduleOf(settings, findSchedule(tx)?.changed);
  }

  function currentSchedule(): BackupSchedule {
    return parts.store().readAll(readSchedule);
  }

  function folder(): string {
    return currentSchedule().folder ?? machine.defaultFolder();
  }

  function status(schedule: BackupSchedule, anchorAt: number) {
    const next = nextTime(schedule, anchorAt);
    return {
      ...schedule,
      next_at: next === null ? null : instant(next),
      encryption_required: settings.encryption === 'required',
    };
  }

  function present(row: BackupRow, kept: ReadonlyMap<string, KeepReason[]>): Backup {
    const running = row.state === 'running' ? work.current() : undefined;
    const mine = running?.id === row.id ? running : undefined;
    return {
      backup_id: row.id,
      kind: row.kind,
      state: row.state === 'complete' && !machine.exists(row.path) ? 'missing' : row.state,
      encrypted: row.encrypted,
      encryption_algorithm: row.encrypted ? 'AES-256-GCM' : null,
      opens_with: [...row.opensWith],
      created_at: instant(row.createdAt),
      finished_at: row.finishedAt === null ? null : instant(row.finishedAt),
      size_bytes: row.sizeBytes,
      sha256: row.sha256,
      path: row.path,
      audit_entries: row.auditEntries,
      done_bytes: mine?.done ?? (row.state === 'complete' ? (row.sizeBytes ?? 0) : 0),
      total_bytes: mine?.total ?? row.sizeBytes ?? row.totalBytes,
      keep: kept.get(row.id) ?? [],
      verification: row.verification === null ? null : presentVerification(row.verification),
      error: row.error,
    };
  }

  const handlers: Handlers<typeof backupsOperations> = {
    async 'backups.create'(call, input) {
      call.entry.type = 'backup_create';
      call.entry.details = { encrypted: input.encrypted, compliance_mode: input.compliance_mode ?? null };
      if (!input.encrypted && (settings.encryption === 'required' || input.compliance_mode === 'hipaa')) {
        const by = input.compliance_mode === 'hipaa' ? 'compliance_mode hipaa' : 'the setting backup.encryption';
        throw new ProblemError(
          'backups/encryption-required',
          `${by} allows encrypted backups only; leave out encrypted: false`,
        );
      }
      const made = await work.make({ kind: 'manual', encrypted: input.encrypted, passphrase: input.passphrase });
      const { id, sizeBytes, sha256 } = made;
      if (sizeBytes === null || sha256 === null) throw new Error('a complete backup without its size');
      call.entry.resource = { type: 'backup', id };
      call.entry.details = {
        ...call.entry.details,
        path: made.path,
        size_bytes: sizeBytes,
        sha256,
        audit_entries: made.auditEntries,
      };
      return {
        backup_id: id,
        encrypted: made.encrypted,
        encryption_algorithm: made.encrypted ? 'AES-256-GCM' : null,
        created_at: instant(made.createdAt),
        size_bytes: sizeBytes,
        sha256,
      };
    },

    'backups.list'(tx, _call, input) {
      const limit = input.limit ?? defaultLimit;
      const found = listBackups(tx, limit + 1, parseCursor(input.cursor));
      const scheduled = backupsInState(tx, 'complete').filter(({ kind }) => kind === 'scheduled');
      const kept = retained(readSchedule(tx), scheduled);
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return {
        items: items.map((row) => present(row, kept)),
        next_cursor: found.length > limit && last !== undefined ? `${last.createdAt}.${last.id}` : null,
      };
    },

    async 'backups.cancel'(_call, input) {
      await work.cancel(input.id);
      return { ok: true };
    },

    async 'backups.verify'(call, input) {
      call.entry.type = 'backup_verify';
      call.entry.resource = { type: 'backup', id: input.id };
      const verification = await work.verify(input.id, input.passphrase);
      const { passed, detail, auditEntries, rootHash } = verification;
      call.entry.details = { passed, detail, audit_entries: auditEntries, root_hash: rootHash };
      return presentVerification(verification);
    },

    async 'backups.restore'(call, input) {
      call.entry.type = 'backup_restore';
      call.entry.resource = { type: 'backup', id: input.id };
      const prepared = await work.prepare(input.id, input.passphrase);
      const setAside = await parts.replaceStore(prepared);
      const { detail, auditEntries, rootHash } = prepared.verification;
      // Dispatch writes the entry into the store that is open then: the restored one.
      call.entry.details = { set_aside: setAside, detail, audit_entries: auditEntries, root_hash: rootHash };
      call.endSession();
      return { set_aside: setAside, verification: presentVerification(prepared.verification) };
    },

    async 'backups.delete'(call, input) {
      const row = parts.store().readAll((tx) => findBackup(tx, input.id));
      if (row === undefined) throw new ProblemError('backups/not-found', 'there is no backup of that id');
      if (work.current()?.id === row.id)
        throw new ProblemError('backups/busy', 'it is being worked on; cancel that first');
      machine.remove(row.path);
      parts.store().write(defaultWorkspace, (tx) => {
        deleteBackup(tx, row.id);
        tx.announce('backups.changed', row.id, call.now);
      });
      call.entry.resource = { type: 'backup', id: row.id };
      call.entry.details = { path: row.path, created_at: instant(row.createdAt) };
      return { ok: true };
    },

    'backups.schedule'(tx, call) {
      return status(readSchedule(tx), findSchedule(tx)?.anchorAt ?? call.now);
    },

    'backups.set_schedule'(tx, call, input) {
      const before = readSchedule(tx);
      if (input.folder !== null) machine.prepareFolder(input.folder);
      const row = findSchedule(tx);
      const anchorAt = row?.anchorAt ?? call.now;
      saveSchedule(tx, { anchorAt, failedAt: null, changed: input });
      tx.announce('backups.changed', null, call.now);
      call.entry.resource = { type: 'setting', id: 'backup' };
      call.entry.details = { old: before, new: input };
      return status(input, anchorAt);
    },
  };

  return {
    feature: { name: 'backups', migrations: backupsMigrations, scopedTables: [], handlers },
    start: keeping.start,
    stop: work.stop,
    unpinned: work.unpinned,
    keyVersionsInUse,
  };
}

function presentVerification({ at, passed, detail, auditEntries, rootHash }: Verification) {
  return { at: instant(at), passed, detail, audit_entries: auditEntries, root_hash: rootHash };
}

function parseCursor(cursor: string | undefined): Cursor | undefined {
  if (cursor === undefined) return undefined;
  const parts = /^(\d{1,16})\.([0-9a-f-]{36})$/.exec(cursor);
  if (parts === null) throw new ProblemError('request/invalid', 'cursor: give back next_cursor as it was answered');
  return { createdAt: Number(parts[1]), id: parts[2] ?? '' };
}

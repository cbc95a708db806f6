// What happens to backups by itself: made when the schedule says so, restored as a trial, let go by the retention, found again in their
// folder after a start or a restore.

import type { AuditType } from '../../../../src-shared/audit-types.ts';
import type { BackupSchedule } from '../../../../src-shared/contract/backups.ts';
import type { NewEntry } from '../../dispatch/performing.ts';
import { defaultWorkspace } from '../../feature.ts';
import type { Host } from '../../ports.ts';
import type { Store, WriteTx } from '../../store/store.ts';
import {
  type BackupRow,
  backupsInState,
  completeBackup,
  deleteBackup,
  failBackup,
  findSchedule,
  insertBackup,
  knownIds,
  saveSchedule,
} from './backups-table.ts';
import type { BackupMachine } from './ports.ts';
import { reasonOf } from './problems.ts';
import { expired, isDue } from './schedule.ts';
import type { BackupWork } from './work.ts';

const tickMs = 60_000;
/** Soon after a start, but not while it is still busy with itself. */
const firstMs = 15_000;
const adoptMs = 1_000;
/** A folder that other files lie in too must not keep a start busy. */
const mostAdopted = 1_000;

export type KeepingParts = {
  readonly host: Host;
  readonly machine: BackupMachine;
  readonly instanceId: string;
  readonly work: BackupWork;
  store(): Store;
  schedule(): BackupSchedule;
  folder(): string;
  record(tx: WriteTx, entry: NewEntry): void;
  endAllSessions(tx: WriteTx): void;
};

export type Keeping = {
  /** Until disposed. */
  start(): Disposable;
};

export function createKeeping(parts: KeepingParts): Keeping {
  const { host, machine, work } = parts;

  function write(run: (tx: WriteTx) => void): void {
    parts.store().write(defaultWorkspace, (tx) => {
      run(tx);
      tx.announce('backups.changed', null, host.clock.now());
    });
  }

  function entry(
    type: AuditType,
    action: string,
    success: boolean,
    id: string | null,
    details: Record<string, unknown>,
  ): NewEntry {
    return {
      type,
      action,
      success,
      actor: { kind: 'system', id: null, name: 'system' },
      resource: { type: 'backup', id },
      origin: { ip: null, userAgent: null },
      sessionId: null,
      traceId: null,
      details,
      dataAccessed: undefined,
      at: host.clock.now(),
    };
  }

  /** A restore by the command line had no console to write its entry; this is its first start. Sessions of then are over. */
  function recordRestore(): void {
    const note = machine.restoreNote();
    if (note === undefined) return;
    const id = typeof note.backup_id === 'string' ? note.backup_id : null;
    write((tx) => {
      parts.endAllSessions(tx);
      parts.record(tx, entry('backup_restore', 'backups.restore', true, id, { by_command_line: true, ...note }));
    });
    machine.forgetRestoreNote();
  }

  /** What killed runs left behind goes, and rows that say running are put right. */
  function tidy(): void {
    const folder = parts.folder();
    const removed = machine.removeLeftovers(folder);
    const running = parts.store().readAll((tx) => backupsInState(tx, 'running'));
    if (removed.length > 0 || running.length > 0) {
      write((tx) => {
        for (const row of running) settle(tx, row);
        for (const path of removed)
          parts.record(tx, entry('backup_create', 'backups.leftover', false, null, { removed: path }));
      });
    }
  }

  function settle(tx: WriteTx, row: BackupRow): void {
    const found = inspect(row.path);
    // Its name says that it is whole: the kill came between the file and its row. So it looks in a store that was restored from it, too.
    if (found?.header.backup_id === row.id) {
      completeBackup(tx, row.id, { at: host.clock.now(), sizeBytes: found.sizeBytes, sha256: null });
      return;
    }
    failBackup(tx, row.id, host.clock.now(), 'the console stopped before it was complete');
    parts.record(
      tx,
      entry('backup_create', 'backups.create', false, row.id, { reason: 'the console stopped before it was complete' }),
    );
  }

  /** Backups in the folder that nobody knows are taken into the list: a store that was restored knows none that came after it. */
  function adopt(): void {
    const folder = parts.folder();
    const known = parts.store().readAll(knownIds);
    const foreign = machine.list(folder).slice(0, mostAdopted);
    const found = foreign.flatMap((path) => {
      const one = inspect(path);
      return one === undefined || one.header.instance_id !== parts.instanceId || known.has(one.header.backup_id)
        ? []
        : [{ path, ...one }];
    });
    if (found.length === 0) return;
    write((tx) => {
      const taken = new Set(known);
      for (const { path, header, opensWith, sizeBytes } of found) {
        if (taken.has(header.backup_id)) continue;
        taken.add(header.backup_id);
        insertBackup(tx, {
          id: header.backup_id,
          kind: header.kind,
          state: 'complete',
          encrypted: header.encryption !== null,
          opensWith,
          createdAt: Date.parse(header.created_at),
          finishedAt: null,
          sizeBytes,
          sha256: null,
          path,
          keyVersion: header.keys.backup_key.version,
          auditEntries: header.audit?.size ?? null,
          totalBytes: sizeBytes,
          error: null,
        });
      }
      host.log.info('backups found in their folder', { count: found.length });
    });
  }

  function inspect(path: string) {
    try {
      const { parsed, sizeBytes } = machine.inspect(path);
      return { header: parsed.header, opensWith: parsed.opensWith, sizeBytes };
    } catch {
      // Not a backup, or a damaged or newer one: what it is comes out when somebody asks to verify it.
      return undefined;
    }
  }

  async function tick(): Promise<void> {
    const now = host.clock.now();
    const store = parts.store();
    if (store.writesPaused() || work.current() !== undefined) return;
    const row = store.readAll(findSchedule);
    if (row === undefined) {
      // The first time that the schedule names is yet to come.
      write((tx) => saveSchedule(tx, { anchorAt: now, failedAt: null, changed: undefined }));
      return;
    }
    if (!isDue(parts.schedule(), { anchorAt: row.anchorAt, failedAt: row.failedAt, now })) return;
    const good = await makeAndTry();
    const latest = store.readAll(findSchedule) ?? row;
    write((tx) => saveSchedule(tx, good ? { ...latest, anchorAt: now, failedAt: null } : { ...latest, failedAt: now }));
    if (good) letGo();
  }

  /** @returns whether there is a new backup that was restored and found good. */
  async function makeAndTry(): Promise<boolean> {
    let made: BackupRow;
    try {
      made = await work.make({ kind: 'scheduled', encrypted: true, passphrase: undefined });
    } catch (error) {
      const reason = reasonOf(error);
      host.log.error('the scheduled backup failed', { error: reason });
      write((tx) => parts.record(tx, entry('backup_create', 'backups.scheduled', false, null, { reason })));
      return false;
    }
    const { id, path } = made;
    write((tx) =>
      parts.record(
        tx,
        entry('backup_create', 'backups.scheduled', true, id, {
          path,
          encrypted: made.encrypted,
          size_bytes: made.sizeBytes,
          sha256: made.sha256,
        }),
      ),
    );
    try {
      const { passed, detail, auditEntries, rootHash } = await work.verify(id, undefined);
      if (!passed) host.log.error('the scheduled backup can not be restored', { backup: id, detail });
      write((tx) =>
        parts.record(
          tx,
          entry('backup_verify', 'backups.scheduled', passed, id, {
            passed,
            detail,
            audit_entries: auditEntries,
            root_hash: rootHash,
          }),
        ),
      );
      return passed;
    } catch (error) {
      const reason = reasonOf(error);
      host.log.error('the scheduled backup could not be tried', { backup: id, error: reason });
      write((tx) =>
        parts.record(tx, entry('backup_verify', 'backups.scheduled', false, id, { passed: false, detail: reason })),
      );
      return false;
    }
  }

  /** The file goes first: a row without a file says missing, a file without a row would be found again. */
  function letGo(): void {
    for (const row of expired(
      parts.schedule(),
      parts.store().readAll((tx) => backupsInState(tx, 'complete')),
    )) {
      try {
        machine.remove(row.path);
      } catch (error) {
        host.log.error('an old backup could not be removed', { backup: row.id, error: reasonOf(error) });
        continue;
      }
      write((tx) => {
        deleteBackup(tx, row.id);
        parts.record(
          tx,
          entry('backup_delete', 'backups.retention', true, row.id, {
            path: row.path,
            created_at: new Date(row.createdAt).toISOString(),
          }),
        );
      });
    }
  }

  function guarded(what: string, run: () => void | Promise<void>): void {
    const failed = (error: unknown): void => host.log.error(what, { error: String(error) });
    try {
      Promise.resolve(run()).catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  return {
    start() {
      const timers = new DisposableStack();
      guarded('the restore could not be recorded', recordRestore);
      guarded('the folder of backups could not be looked at', tidy);
      const run = (): void => guarded('scheduled backups failed', tick);
      timers.use(host.timers.after(adoptMs, () => guarded('the folder of backups could not be read', adopt)));
      timers.use(host.timers.after(firstMs, run));
      timers.use(host.timers.every(tickMs, run));
      return timers;
    },
  };
}

// Making a backup while the console runs: the log is signed, the store pinned, its bytes sealed into a file by a thread.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { toBase64 } from '../../../base/bytes.ts';
import { uuidV7 } from '../../../base/ids.ts';
import { instant } from '../../../base/instants.ts';
import { copyKey } from '../../../base/secret.ts';
import { defaultWorkspace } from '../../feature.ts';
import { signCheckpoint } from '../audit/index.ts';
import { wrapForPassphrase, wrapKeys } from './backup-keys.ts';
import { type BackupRow, completeBackup, failBackup, findBackup, insertBackup } from './backups-table.ts';
import { type BackupHeader, chunkBytes, formatHeader, openersOf } from './header.ts';
import type { StorePin } from './ports.ts';
import { problemOf, reasonOf } from './problems.ts';
import type { Turn } from './turn.ts';
import type { WorkParts } from './work-parts.ts';

const pinTries = 120;
const pinWaitMs = 250;
const spareBytes = 16 * 1024 * 1024;

export type MakeRequest = {
  readonly kind: BackupRow['kind'];
  readonly encrypted: boolean;
  readonly passphrase: string | undefined;
};

type NewRow = Omit<BackupRow, 'verification'>;
type Signed = { readonly size: number; readonly root: Uint8Array; readonly note: string };
type Begun = { readonly pin: StorePin; readonly header: BackupHeader; readonly row: NewRow };
type Plan = MakeRequest & {
  readonly id: string;
  readonly dataKey: Uint8Array;
  readonly wrap: BackupHeader['keys']['passphrase'];
};

export type Maker = {
  /** @throws ProblemError backups/busy, backups/folder, backups/cancelled, console/busy */
  make(request: MakeRequest): Promise<BackupRow>;
  /** When no backup holds the store as it is. */
  unpinned(): Promise<void>;
};

export function createMaker(parts: WorkParts, turn: Turn): Maker {
  const { host, machine, ring } = parts;
  let pinned: Promise<void> = Promise.resolve();

  function rowOf({ id, kind, encrypted, wrap }: Plan, folder: string, createdAt: number, auditEntries: number): NewRow {
    return {
      id,
      kind,
      state: 'running',
      encrypted,
      opensWith: openersOf(ring.file(), wrap !== null),
      createdAt,
      finishedAt: null,
      sizeBytes: null,
      sha256: null,
      path: machine.join(folder, fileName(createdAt, id)),
      keyVersion: ring.current('backup'),
      auditEntries,
      totalBytes: 0,
      error: null,
    };
  }

  function headerOf(plan: Plan, pin: StorePin, signed: Signed, createdAt: number): BackupHeader {
    const { id, kind, encrypted, dataKey, wrap } = plan;
    return {
      format: 'gatehouse-backup',
      version: 1,
      backup_id: id,
      kind,
      instance_id: ring.instanceId,
      console_name: parts.consoleName(),
      created_at: instant(createdAt),
      gatehouse_version: parts.version,
      signer: parts.signer().verifierKey.text,
      files: [{ name: 'store.db', size_bytes: pin.sizeBytes }],
      chunk_bytes: chunkBytes,
      encryption: encrypted ? { algorithm: 'AES-256-GCM', nonce_prefix: toBase64(host.random.bytes(7)) } : null,
      keys: wrapKeys(ring, { backupId: id, dataKey, master: parts.master(), passphrase: wrap }, host.random),
      audit: { size: signed.size, root: toBase64(signed.root), checkpoint: signed.note },
    };
  }

  /**
   * Signs the log and pins the store in the same turn of the event loop: the snapshot ends with the entry that the checkpoint covers,
   * and the keys in the header are those that it was written with. The row comes first: by it a backup that is killed is known.
   */
  async function begin(plan: Plan, folder: string): Promise<Begun> {
    let row: NewRow | undefined;
    for (let tries = 0; tries < pinTries && !turn.cancelled(); tries++) {
      await parts.store().writable();
      const now = host.clock.now();
      const signed = parts.store().write(defaultWorkspace, (tx) => {
        const checkpoint = signCheckpoint(tx, parts.signer(), now);
        if (checkpoint === undefined) throw new Error('a console that runs has an audit log');
        if (row === undefined) insertBackup(tx, rowOf(plan, folder, now, checkpoint.size));
        return checkpoint;
      });
      row ??= rowOf(plan, folder, now, signed.size);
      const pin = machine.pin(ring.pageKey());
      if (pin !== undefined) return { pin, header: headerOf(plan, pin, signed, row.createdAt), row };
      await new Promise<void>((resolve) => void host.timers.after(pinWaitMs, resolve));
    }
    const error = turn.cancelled()
      ? new ProblemError('backups/cancelled', 'the backup was cancelled')
      : new ProblemError('console/busy', 'something reads from the store all the time; try the backup again later', {
          retry_after_seconds: 60,
        });
    if (row !== undefined) fail(row.id, error.message);
    throw error;
  }

  async function write({ pin, header, row }: Begun, dataKey: Uint8Array, folder: string): Promise<BackupRow> {
    const pageKey = copyKey(ring.pageKey());
    const held = Promise.withResolvers<void>();
    pinned = held.promise;
    try {
      const free = machine.freeBytes(folder);
      if (free !== null && free < pin.sizeBytes + spareBytes) {
        throw new ProblemError(
          'backups/folder',
          `the backup takes ${pin.sizeBytes} bytes, and only ${free} are free in ${folder}`,
        );
      }
      const { sign } = parts.signer();
      const job = {
        source: pin.source,
        target: row.path,
        header,
        headerBytes: formatHeader(header),
        dataKey,
        sign,
        progress: turn.advance,
      };
      const { sizeBytes, sha256 } = await turn.follow(machine.write(job), pin.sizeBytes);
      await machine.release(pin, pageKey);
      held.resolve();
      // Here the file is whole and durable under its name; if we stop now, the next start finds it and completes its row.
      await parts.store().writable();
      return parts.store().write(defaultWorkspace, (tx) => {
        completeBackup(tx, row.id, { at: host.clock.now(), sizeBytes, sha256 });
        const done = findBackup(tx, row.id);
        if (done === undefined) throw new Error('the row of the backup is gone');
        return done;
      });
    } catch (error) {
      fail(row.id, reasonOf(error));
      throw problemOf(error);
    } finally {
      pin.release();
      held.resolve();
      pageKey.fill(0);
    }
  }

  function fail(id: string, reason: string): void {
    try {
      parts.store().write(defaultWorkspace, (tx) => failBackup(tx, id, host.clock.now(), reason));
    } catch (error) {
      // A disk that is full for the backup may be full for the store; the next start finds the row as it is.
      host.log.error('a failed backup could not be noted', { error: String(error) });
    }
  }

  return {
    unpinned: () => pinned,
    async make(request) {
      const id = uuidV7(host.clock.now(), host.random.bytes(10));
      const dataKey = host.random.bytes(32);
      try {
        return await turn.take(id, async () => {
          const folder = parts.folder();
          machine.prepareFolder(folder);
          const { passphrase } = request;
          const ports = { kdf: parts.kdf, random: host.random };
          const wrap = passphrase === undefined ? null : await wrapForPassphrase(ports, passphrase, dataKey, id);
          return write(await begin({ ...request, id, dataKey, wrap }, folder), dataKey, folder);
        });
      } finally {
        dataKey.fill(0);
      }
    },
  };
}

/** Sorted by time; told apart by the end of the id, which is random. */
function fileName(at: number, id: string): string {
  return `gatehouse-${instant(at).replaceAll(/[-:]|\.\d+/g, '')}-${id.slice(-6)}.ghbackup`;
}

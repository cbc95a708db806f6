// The console's own keys as a feature: their state, rotation by hand and when due, how the master key is kept. Read this first.
// reseal.ts (sealing keys) · page-rotation.ts (page key) · ledger.ts (entries) · vault-lock.ts (locking and unlocking).
import type { EncryptionStatus, encryptionOperations } from '../../../../src-shared/contract/encryption.ts';
import { instant } from '../../../base/instants.ts';
import type { Call, Handlers } from '../../dispatch/handler.ts';
import { actorOf } from '../../dispatch/principal.ts';
import { defaultWorkspace, type Feature, type SealedPlace } from '../../feature.ts';
import type { Host } from '../../ports.ts';
import type { ReadTx, Store, WriteTx } from '../../store/store.ts';
import { type Custody, formatRecoveryKey, type MasterKeyPorts, namesOfGiven, type SubjectKeys } from '../keys/index.ts';
import { bySystem, type Cause, type Record, reconcile } from './ledger.ts';
import { encryptionMigrations } from './migrations.ts';
import { rotatePageKey } from './page-rotation.ts';
import { reseal } from './reseal.ts';
import { describeKeys, dueAt } from './status.ts';
import { createTasks } from './tasks.ts';
import { insertVersion } from './versions-table.ts';

const dueCheckMs = 24 * 3_600_000;
/** After the start, when windows are rebuilt and the log is checked. */
const firstDueCheckMs = 20_000;
const resumeAfterMs = 2_000;

export type EncryptionParts = {
  readonly host: Host;
  readonly custody: Custody;
  readonly keys: MasterKeyPorts;
  readonly subjectKeys: Pick<SubjectKeys, 'count'>;
  readonly rotationDays: number;
  readonly consoleName: () => string;
  store(): Store;
  /** All sealed columns of all features. */
  places(): readonly SealedPlace[];
  record: Record;
  announce(revision: number): void;
  /** The key of the version `to` signs the audit log once `tx` is committed; the entry is in it. */
  rotateSigningKey(tx: WriteTx, versions: { from: number; to: number }, cause: Cause, now: number): void;
  backupKeyVersionsInUse(tx: ReadTx): ReadonlySet<number>;
  readonly pages: Pick<Parameters<typeof rotatePageKey>[0], 'rewrite' | 'unpinned' | 'exchange' | 'lost'>;
};

export type Encryption = {
  readonly feature: Omit<Feature, 'handlers'> & { readonly handlers: Handlers<Operations> };
  /** Writes what changed to the ledger, goes on with what was cut short, and rotates what is due; until disposed. */
  start(): Disposable;
};

type Operations = Omit<typeof encryptionOperations, 'vault.lock' | 'vault.unlock'>;

export function createEncryption(parts: EncryptionParts): Encryption {
  const { host, custody } = parts;
  const { ring } = custody;
  let revision = host.clock.now();
  let keychainDetail: string | undefined;
  const tasks = createTasks(host, announce);
  const abort = new AbortController();

  function announce(): void {
    revision += 1;
    parts.announce(revision);
  }

  function status(tx: ReadTx): EncryptionStatus {
    return describeKeys({
      ring,
      rotationDays: parts.rotationDays,
      task: tasks.shown(),
      subjectKeys: parts.subjectKeys.count(tx),
      protectionDetail: protectionDetail(),
      backupVersionsInUse: () => parts.backupKeyVersionsInUse(tx),
      now: host.clock.now(),
    });
  }

  const readStatus = (): EncryptionStatus => parts.store().readAll(status);

  function protectionDetail(): string {
    const { protection } = ring.file();
    if (protection === 'keychain') {
      // Asked once: it writes to the keychain, and waits for it.
      keychainDetail ??= parts.keys.keychain.probe().detail;
      return keychainDetail;
    }
    return protection === 'passphrase' ? 'passphrase (Argon2id)' : namesOfGiven[protection];
  }

  function note(cause: Cause): void {
    parts.store().write(defaultWorkspace, (tx) => reconcile(tx, ring.file(), parts.record, cause, host.clock.now()));
    announce();
  }

  function rotateSealing(cause: Cause): void {
    custody.addVersion('sealing', host.clock.now());
    note(cause);
    startResealing(cause);
  }

  function startResealing(cause: Cause): void {
    tasks.start('sealing', 'values', true, async (task) => {
      await task.turn();
      await reseal({ store: parts.store(), ring, places: parts.places() }, task);
      const current = ring.current('sealing');
      for (const { version } of ring.versions('sealing')) {
        if (version !== current) custody.destroyVersion('sealing', version);
      }
      // What the log still holds was sealed under the key that is gone, and its pages are rewritten.
      await parts.store().writable();
      note(cause);
      parts.store().checkpoint();
    });
  }

  function rotateBackup(cause: Cause): void {
    custody.addVersion('backup', host.clock.now());
    dropUnusedBackupKeys();
    note(cause);
  }

  /** @returns whether there were any. */
  function dropUnusedBackupKeys(): boolean {
    const inUse = parts.store().readAll((tx) => parts.backupKeyVersionsInUse(tx));
    const current = ring.current('backup');
    const unused = ring.versions('backup').filter(({ version }) => version !== current && !inUse.has(version));
    for (const { version } of unused) custody.destroyVersion('backup', version);
    return unused.length > 0;
  }

  function rotatePage(cause: Cause): void {
    tasks.start('page', 'bytes', false, async (task) => {
      // The answer and its entry go first.
      await task.turn();
      try {
        await rotatePageKey({ host, store: parts.store(), custody, ...parts.pages }, task, abort.signal);
      } catch (error) {
        if (!task.stopped) recordFailure(cause, error);
        throw error;
      }
      note(cause);
    });
  }

  /**
   * The store decides which key signs, so that a kill leaves the old one or the new one: the key file has the new one before, and the
   * old one until after.
   */
  function rotateSigning(cause: Cause): void {
    const now = host.clock.now();
    const from = ring.current('signing');
    const to = custody.addVersion('signing', now);
    try {
      parts.store().write(defaultWorkspace, (tx) => {
        parts.rotateSigningKey(tx, { from, to }, cause, now);
        insertVersion(tx, { purpose: 'signing', version: to, created_at: now });
      });
    } catch (error) {
      custody.destroyVersion('signing', to);
      throw error;
    }
    for (const { version } of ring.versions('signing')) {
      if (version !== to) custody.destroyVersion('signing', version);
    }
    note(cause);
  }

  function recordFailure(cause: Cause, error: unknown): void {
    const details = { key: 'page', error: error instanceof Error ? error.message : String(error) };
    const entry = { ...cause, type: 'key_rotation', success: false, resource: { type: 'key', id: null } } as const;
    parts.store().write(defaultWorkspace, (tx) => {
      parts.record(tx, { ...entry, details, dataAccessed: undefined, at: host.clock.now() });
    });
  }

  function rotateDue(): void {
    if (tasks.busy() || parts.store().writesPaused()) return;
    try {
      if (dropUnusedBackupKeys()) note(bySystem('encryption.due'));
      if (isDue('backup')) rotateBackup(bySystem('encryption.due'));
      if (isDue('sealing')) rotateSealing(bySystem('encryption.due'));
    } catch (error) {
      // A full disk must not end the process; it is tried again tomorrow, and shown as overdue until then.
      host.log.error('keys that are due could not be rotated', { error: String(error) });
    }
  }

  function isDue(purpose: 'sealing' | 'backup'): boolean {
    const newest = Math.max(...ring.versions(purpose).map((entry) => entry.created_at));
    return dueAt(newest, parts.rotationDays) <= host.clock.now();
  }

  const handlers: Handlers<Operations> = {
    'encryption.status': (tx) => status(tx),

    async 'encryption.rotate'(call, input) {
      tasks.requireIdle();
      // The ledger writes the entry, together with what it says.
      call.entry.type = null;
      const cause = causeOf(call, 'encryption.rotate');
      switch (input.key) {
        case 'sealing':
          rotateSealing(cause);
          break;
        case 'backup':
          rotateBackup(cause);
          break;
        case 'page':
          rotatePage(cause);
          break;
        case 'signing':
          // A backup under way names the key that signs its end.
          await parts.pages.unpinned();
          await parts.store().writable();
          tasks.requireIdle();
          rotateSigning(cause);
          break;
        case 'master': {
          const recoveryKey = await custody.rotateMaster({
            passphrase: input.passphrase,
            newKey: input.new_key,
            now: call.now,
          });
          try {
            await parts.store().writable();
            note(cause);
            return { status: readStatus(), recovery_key: formatRecoveryKey(recoveryKey), ...nextStep() };
          } finally {
            recoveryKey.fill(0);
          }
        }
      }
      return { status: readStatus() };
    },

    async 'encryption.task'(call, { action }) {
      if (action === 'pause') tasks.pause();
      else tasks.resume();
      call.entry.resource = { type: 'key', id: null };
      call.entry.details = { key: tasks.shown()?.key ?? '', action };
      return readStatus();
    },

    async 'encryption.protection'(call, input) {
      const before = ring.file().protection;
      await custody.changeProtection({ protection: input.protection, passphrase: input.passphrase, now: call.now });
      call.entry.resource = { type: 'key', id: null };
      call.entry.details = { from: before, to: input.protection };
      await parts.store().writable();
      // Environment and key file bring a master key of their own.
      note(causeOf(call, 'encryption.protection'));
      return readStatus();
    },

    async 'encryption.recovery_key'(call) {
      const recoveryKey = custody.issueRecoveryKey(call.now);
      call.entry.resource = { type: 'key', id: null };
      try {
        return {
          recovery_key: formatRecoveryKey(recoveryKey),
          console_name: parts.consoleName(),
          created_at: instant(call.now),
        };
      } finally {
        recoveryKey.fill(0);
      }
    },
  };

  /** What the user must change before the console can start again. */
  function nextStep(): { next_step?: string } {
    const { protection } = ring.file();
    if (protection === 'keychain' || protection === 'passphrase') {
      const given = (['environment', 'key_file'] as const).filter((from) =>
        from === 'environment' ? parts.keys.given.environment !== undefined : parts.keys.given.keyFile !== undefined,
      );
      return given.length === 0
        ? {}
        : { next_step: `remove the old key from ${given.map((from) => namesOfGiven[from]).join(' and ')}` };
    }
    return {
      next_step: `put the new key into ${namesOfGiven[protection]} before the next start; the old one opens nothing any more`,
    };
  }

  return {
    feature: { name: 'encryption', migrations: encryptionMigrations, scopedTables: [], handlers },
    start() {
      const work = new DisposableStack();
      work.defer(() => abort.abort());
      work.use(tasks);
      custody.settle();
      note(bySystem('encryption.start'));
      work.use(
        host.timers.after(resumeAfterMs, () => {
          if (!tasks.busy() && ring.versions('sealing').length > 1) startResealing(bySystem('encryption.resume'));
        }),
      );
      work.use(host.timers.after(firstDueCheckMs, rotateDue));
      work.use(host.timers.every(dueCheckMs, rotateDue));
      return work;
    },
  };
}

function causeOf(call: Call, action: string): Cause {
  return {
    actor: actorOf(call.principal),
    origin: call.origin,
    sessionId: call.principal.kind === 'user' ? call.principal.sessionId : null,
    traceId: call.traceId,
    action,
  };
}

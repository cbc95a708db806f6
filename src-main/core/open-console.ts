// An open console: the store is decrypted and all features stand on it. Made when the keys are at hand, gone when it is closed.

import type { Contract } from '../../src-shared/contract/contract.ts';
import { uuidV7 } from '../base/ids.ts';
import { accessSettings } from './access-settings.ts';
import type { Handlers } from './dispatch/handler.ts';
import type { NewEntry } from './dispatch/performing.ts';
import { defaultWorkspace, type Feature, type Sealer } from './feature.ts';
import { type Access, createAccess } from './features/access/index.ts';
import { createAlerts } from './features/alerts/index.ts';
import { type Audit, appendEntry, createAudit } from './features/audit/index.ts';
import { createBackups } from './features/backups/index.ts';
import { createBehaviour } from './features/behaviour/index.ts';
import { createBundles } from './features/bundles/index.ts';
import { type CertificateStore, createCertificateStore } from './features/certificates/certificates.ts';
import { createDetections, type Detections } from './features/detections/feature.ts';
import { createEncryption } from './features/encryption/index.ts';
import { createEvents, createIntake, findRecords, keepEvidence } from './features/events/index.ts';
import { createFrameworks, openCatalogue } from './features/frameworks/index.ts';
import { createIdempotency, type Idempotency } from './features/idempotency/index.ts';
import { createSubjectKeys } from './features/keys/index.ts';
import { createFindMapping, createMappings } from './features/mappings/index.ts';
import { createMirrors } from './features/mirrors/index.ts';
import { createRetention } from './features/retention/index.ts';
import { createCatalog, createRules } from './features/rules/index.ts';
import { createSearch } from './features/search/index.ts';
import { createSecrets, watchDue } from './features/secrets/index.ts';
import { findFact, setFact } from './features/setup/index.ts';
import { createSubjects } from './features/subjects/index.ts';
import { gatherEntries } from './gathered-entries.ts';
import type { OpenConsoleParts } from './open-console-parts.ts';
import { type RefusalWatch, selfEventItem, selfEventOf, watchRefusals } from './self-events.ts';
import { ruleParameters } from './settings.ts';
import { migrate } from './store/migrations.ts';
import { openStore } from './store/opening.ts';
import { createStore, type Store, type WriteTx } from './store/store.ts';
import { createWriteGate } from './store/write-gate.ts';
import { recordStart, systemEntry } from './system-entries.ts';

const touchFlushMs = 5_000;
const streamRecheckMs = 15_000;
const rebuildAfterMs = 1_000;

export type OpenConsole = {
  readonly store: Store;
  readonly access: Access;
  readonly audit: Audit;
  readonly certificates: CertificateStore;
  readonly detections: Detections;
  readonly idempotency: Idempotency;
  readonly refusals: RefusalWatch;
  readonly handlers: Partial<Handlers<Contract>>;
  record(tx: WriteTx, entry: NewEntry): void;
  /** Ends all work in good order, with a last entry and checkpoint, and closes the store. */
  close(ending: Ending): Promise<void>;
};

export type Ending = {
  /** What whoever still comes is told. */
  readonly refusal: () => Error;
  /** The vault is locked by this: every session ends with it. */
  readonly lock?: NewEntry;
};

/** @throws NewerStore; the log's tail is checked here, and a broken one is shown rather than refused: the user must see it. */
export function openConsole(parts: OpenConsoleParts): OpenConsole {
  const { host, custody, settings } = parts;
  const { ring } = custody;
  // What is sealed before its transaction could come in under a key that is destroyed meanwhile.
  const sealer: Sealer = {
    seal(plain, context) {
      if (!store.writing()) throw new Error('a value must be sealed in the transaction that writes it');
      return ring.seal(plain, context);
    },
    open: ring.open,
  };
  // Kept in memory: it is asked for inside transactions.
  let name = 'Gatehouse';
  const consoleName = (): string => name;
  const access = createAccess({
    host,
    sealer,
    consoleName,
    settings: accessSettings(settings),
    read: (run) => store.readAll(run),
  });
  const subjectKeys = createSubjectKeys(sealer, { random: host.random, now: host.clock.now });
  const catalogue = openCatalogue(parts.frameworkFiles);
  const audit = createAudit({
    host,
    catalogue,
    signing: {
      versions: () => ring.versions('signing').map(({ version }) => version),
      key: ring.signingKey,
    },
    instanceId: ring.instanceId,
    keepCheckpoint: (note) => parts.storeParts.marks.appendCheckpoint(note),
    checkpointIntervalMs: settings.audit.checkpoint_interval_seconds * 1000,
    anchors: parts.anchors,
    checkThread: parts.checkThread,
    subjectVault: subjectKeys,
    record,
    noteAlerts: noteAlertsAbout,
  });
  const bundles = createBundles({
    host,
    catalogue,
    machine: parts.bundleMachine,
    subjectVault: subjectKeys,
    store: () => store,
    signer: () => audit.signer,
    consoleName,
    hmacSecret: parts.hmacSecret,
    record,
  });
  const certificates = createCertificateStore(sealer);
  const alerts = createAlerts({
    host,
    store: () => store,
    version: parts.version,
    describeDetector: (ruleId) => detections.describe(ruleId),
    findEvents: findRecords,
    keepEvidence,
    appendEntry: (tx, entry) => append(tx, entry),
  });
  const append = (tx: WriteTx, entry: NewEntry): void => void appendEntry(tx, entry, host.random, subjectKeys);
  const catalog = createCatalog(parts.ruleSources);
  const findMapping = createFindMapping();
  const detections = createDetections({
    host,
    catalog,
    parameters: ruleParameters(settings),
    alerts: () => alerts,
    findMapping,
    store: () => store,
    appendEntry: append,
    record,
  });
  const rules = createRules({
    host,
    catalog,
    settings: ruleParameters(settings),
    running: detections.running,
    findMapping,
    store: () => store,
    signer: () => audit.signer,
  });
  const behaviour = createBehaviour({
    host,
    store: () => store,
    detect: detections.detect,
    workspace: defaultWorkspace,
    silentMinutes: settings.breach_detection.log_silence_minutes,
    ...(parts.locate === undefined ? {} : { locate: parts.locate }),
    takeIn: (tx, events, now) => intake.within(tx, events.map(selfEventItem), now).alerts,
  });
  const intake = createIntake(host, () => store, behaviour.detect);
  const gathered = gatherEntries(host, () => store, record);
  const search = createSearch({ host, store: () => store, version: parts.version, entries: gathered });
  const idempotency = createIdempotency(sealer, host);
  const secrets = createSecrets({
    host,
    keys: subjectKeys,
    findGrantee: access.findNamed,
    checkpoint: () => store.checkpoint(),
  });
  const encryption = createEncryption({
    host,
    custody,
    keys: parts.keys,
    subjectKeys,
    rotationDays: settings.encryption.key_rotation_days,
    consoleName,
    store: () => store,
    places: () => places,
    record,
    announce: (revision) => parts.streams.announce('encryption.changed', defaultWorkspace, null, revision),
    rotateSigningKey: audit.rotateSigningKey,
    backupKeyVersionsInUse: (tx) => new Set(backups.keyVersionsInUse(tx).keys()),
    pages: {
      rewrite: {
        ...parts.rewrite,
        async write(...copying) {
          // A store that is pinned can't be closed in good order, so not exchanged either.
          await unpinned();
          return parts.rewrite.write(...copying);
        },
      },
      unpinned,
      lost: parts.storeLost,
      exchange() {
        store.exchange(() => {
          parts.rewrite.swap();
          return parts.reopenDatabase();
        });
      },
    },
  });
  const backups = createBackups({
    host,
    settings: settings.backup,
    machine: parts.backupMachine,
    ring,
    master: custody.master,
    kdf: parts.keys.kdf,
    version: parts.version,
    store: () => store,
    signer: () => audit.signer,
    consoleName,
    known: () => ({ features, places }),
    announce: (id) => parts.streams.announce('backups.changed', defaultWorkspace, id, host.clock.now()),
    record,
    endAllSessions: access.endAllSessions,
    replaceStore: parts.replaceStore,
  });
  const mirrors = createMirrors({
    host,
    mirrors: parts.mirrors,
    version: parts.version,
    origin: () => audit.signer.origin,
    record,
    noteAlerts: noteAlertsAbout,
  });
  const retention = createRetention({
    host,
    settings: settings.retention,
    freeBytes: parts.freeBytes,
    store: () => store,
    record,
  });
  const features: Feature[] = [
    ...parts.earlyFeatures,
    access.feature,
    audit.feature,
    bundles.feature,
    createFrameworks(catalogue),
    certificates.feature,
    alerts.feature,
    detections.feature,
    behaviour.feature,
    rules,
    createMappings({ changed: detections.running.changed }),
    idempotency.feature,
    subjectKeys.feature,
    encryption.feature,
    secrets,
    createSubjects({ host, sealer, keys: subjectKeys, checkpoint: () => store.checkpoint() }),
    backups.feature,
    retention.feature,
    mirrors.feature,
    createEvents({
      host,
      store: () => store,
      intake,
      signatures: {
        maxAgeMs: settings.events.signed_max_age_hours * 3_600_000,
        maxAheadMs: settings.events.signed_max_ahead_minutes * 60_000,
      },
      zone: settings.events.time_zone ?? host.clock.zone,
      findEventSecret: access.findEventSecret,
    }),
    search.feature,
  ];
  const opened = openStore(parts.storeParts, features, audit.witness);
  const { database } = opened;
  try {
    migrate(database, features, {
      beforeChange: () => parts.beforeMigration((path) => opened.copyTo(path)),
      now: host.clock.now(),
    });
  } catch (error) {
    database.close();
    throw error;
  }
  const scoped = new Set(features.flatMap((feature) => feature.scopedTables));
  const places = features.flatMap(({ sealed = [] }) =>
    sealed.map((declared) => ({ declared, scoped: scoped.has(declared.table) })),
  );
  const store = createStore(
    database,
    scoped,
    (topic, workspace, ref, revision) => {
      parts.streams.announce(topic, workspace, ref, revision);
      mirrors.announced(topic);
    },
    (error) => host.log.error('what follows a commit failed', { error: String(error) }),
    parts.storeParts.marks,
    createWriteGate(host.timers),
  );
  const { newName } = parts;
  if (newName !== undefined)
    store.write(defaultWorkspace, (tx) => setFact(tx, 'console_name', newName, host.clock.now()));
  name = store.readAll((tx) => findFact(tx, 'console_name')) ?? name;
  // Before the ledger of the keys looks at the file: a key that never came to sign was never there.
  for (const version of audit.settleKeys(store)) custody.destroyVersion('signing', version);
  audit.checkTail(store);
  store.read(defaultWorkspace, detections.open);

  function record(tx: WriteTx, entry: NewEntry): void {
    append(tx, entry);
    // Revocation is effective on the very next request, and on the streams that are open.
    if (entry.type === 'key_revoke') tx.afterCommit(() => parts.streams.recheck());
    const event = selfEventOf(entry, uuidV7(entry.at, host.random.bytes(10)));
    if (event !== undefined) intake.within(tx, [event], entry.at);
  }

  function noteAlertsAbout(tx: WriteTx, resource: string, note: string, now: number): readonly number[] {
    return alerts.noteAbout(tx, { kind: 'resource', value: resource }, note, now);
  }

  /** Nothing but this connection reads from the store's file. */
  async function unpinned(): Promise<void> {
    await auditing.stopCheck();
    await backups.unpinned();
  }

  let closed = false;
  const work = new DisposableStack();
  // A moment after the start, so that it doesn't hold up being ready; intake asks for it sooner if events come sooner.
  work.use(
    host.timers.after(rebuildAfterMs, () => {
      detections.rebuild(defaultWorkspace).catch((error: unknown) => {
        // A console that is stopped meanwhile just leaves this undone.
        if (!closed) host.log.error('windows could not be rebuilt', { error: String(error) });
      });
    }),
  );
  // Called by a timer: a full disk must not end the process. What was not written stays in memory for the next time.
  function flushTouches(): void {
    if (store.writesPaused()) return;
    try {
      store.write(defaultWorkspace, (tx) => behaviour.keysUsed(tx, access.flushTouches(tx)));
    } catch (error) {
      host.log.error('last uses could not be written', { error: String(error) });
    }
  }
  const refusals = work.use(watchRefusals(host, intake, gathered));
  work.use(host.timers.every(touchFlushMs, flushTouches));
  work.use(behaviour.start());
  work.use(host.timers.every(streamRecheckMs, () => parts.streams.recheck()));
  work.use(
    watchDue({
      host,
      store,
      workspace: defaultWorkspace,
      take: (tx, events, now) => void intake.within(tx, events.map(selfEventItem), now),
    }),
  );
  access.onSessionEnded((sessionId) => parts.streams.endSession(sessionId));
  recordStart(store, record, opened.remarks, host);
  const auditing = work.use(audit.start(store));
  work.use(bundles);
  work.use(search.start());
  const retaining = work.use(retention.start());
  const mirroring = work.use(mirrors.start(store));
  const rotations = encryption.start();
  work.use(backups.start());

  return {
    store,
    access,
    audit,
    certificates,
    detections,
    idempotency,
    refusals,
    handlers: Object.assign({}, ...features.map((feature) => feature.handlers)) as Partial<Handlers<Contract>>,
    record,
    async close({ lock, refusal }) {
      closed = true;
      // First, so that no copy of the store holds up the last entry.
      rotations[Symbol.dispose]();
      // Nor is anything deleted while the log is closed.
      retaining[Symbol.dispose]();
      await backups.stop();
      try {
        await refusals.flush();
        behaviour.finish();
        const now = host.clock.now();
        store.write(defaultWorkspace, (tx) => {
          access.flushTouches(tx);
          if (lock !== undefined) {
            access.endAllSessions(tx);
            append(tx, lock);
          }
          setFact(tx, 'stopped_cleanly', '1', now);
          append(tx, systemEntry('service_stop', 'console.stop', now, {}));
        });
        await auditing.finish();
        await mirroring.finish();
      } finally {
        work.dispose();
        const last = store.commit();
        store.close(refusal);
        opened.closed(last);
      }
    },
  };
}

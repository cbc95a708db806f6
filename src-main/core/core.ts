// The core: from "no store yet" through "keys needed" to "open", and the one way in at every stage. Knows no socket, file or window.

import { ProblemError } from '../../src-shared/contract/problems.ts';
import type { KeyProtection } from '../../src-shared/contract/setup.ts';
import type { RoleName } from '../../src-shared/permissions.ts';
import { uuidV7 } from '../base/ids.ts';
import type { RuleSource } from '../engine/rules/compile.ts';
import type { Arrival, Console, Credential, Origin } from './dispatch/arrival.ts';
import { createDispatch } from './dispatch/dispatch.ts';
import type { Principal } from './dispatch/principal.ts';
import { createStreams } from './dispatch/streams.ts';
import { defaultWorkspace } from './feature.ts';
import { parseUsername } from './features/access/index.ts';
import type { CertificateSet } from './features/certificates/certificates.ts';
import { createConsoleFeature } from './features/console/feature.ts';
import { type Custody, createCustody } from './features/keys/custody.ts';
import type { KeyFile } from './features/keys/key-file.ts';
import {
  createMasterKey,
  findMasterKey,
  type MasterKeyPorts,
  protectionGiven,
  readKeyFile,
} from './features/keys/master-key.ts';
import { createSettings } from './features/settings/feature.ts';
import type { SecretValues } from './features/settings/index.ts';
import { createClaims } from './features/setup/claims.ts';
import { setFact } from './features/setup/facts.ts';
import { acceptPassword, createSetup, type MachineDescription } from './features/setup/feature.ts';
import { nextStep } from './features/setup/steps.ts';
import { type OpenConsole, openConsole, stepUpMs } from './open-console.ts';
import { DamagedStore, type Database, type Host, type StoreMarks } from './ports.ts';
import { type ResolvedSettings, rateRule } from './settings.ts';

export type CoreParts = {
  readonly host: Host;
  readonly resolved: ResolvedSettings;
  /** The console's own, asked for before. */
  readonly secrets: SecretValues;
  readonly keys: MasterKeyPorts;
  readonly ruleSources: readonly RuleSource[];
  readonly version: string;
  readonly machine: MachineDescription;
  openDatabase(pageKey: Uint8Array, checked: boolean): Database;
  /** The existing store, for reading only. */
  lookAtDatabase(pageKey: Uint8Array): Database;
  storeMarks(): StoreMarks;
  /** Opens a store that is older than what stands beside it: the decision of a human. */
  readonly acceptOlderStore: boolean;
  storeExists(): boolean;
  /** Copies the store aside before its tables change. */
  beforeMigration(copyTo: (path: string) => void): void;
  /** Where the API answers now. */
  apiAddress(): string;
  /** The store was just made or opened: the shell loads or saves its certificates here. */
  opened(core: Core): void;
};

export type Core = Console & {
  /** Keys and store exist. @throws DamagedStore for a store without its keys: making new ones would bury it. */
  exists(): boolean;
  isOpen(): boolean;
  setupFinished(): boolean;
  /** Opens an existing console. @throws PassphraseNeeded, MasterKeyUnavailable, WrongMasterKey, WrongStoreKey, DamagedStore, NewerStore */
  unlock(passphrase: string | undefined): Promise<void>;
  /** Set-up without a wizard (spec 01): keys, store and first admin in one go. */
  setUpHeadless(input: { protection: KeyProtection; username: string; password: string }): Promise<void>;
  /** Adds the admin where the store has no user yet. */
  addFirstAdmin(input: { username: string; password: string }): Promise<void>;
  /** A new one-time set-up token; the one before is void. */
  issueSetupToken(): string;
  loadCertificates(): CertificateSet | undefined;
  saveCertificates(set: CertificateSet): void;
  /** Ends everything in good order and zeroes the keys. */
  stop(): Promise<void>;
};

export function createCore(parts: CoreParts): Core {
  const { host, resolved, secrets } = parts;
  const { settings } = resolved;
  const claims = createClaims(host.random);
  const startedAt = host.clock.now();
  let opened: { console: OpenConsole; custody: Custody } | undefined;
  let stopping = false;

  // A millisecond holds fewer than a thousand announcements, so numbers grow over restarts too.
  const streams = createStreams(identify, startedAt * 1_000);
  const setup = createSetup({
    host,
    claims,
    machine: parts.machine,
    keychain: () => parts.keys.keychain.probe(),
    keyGivenBy: () => protectionGiven(parts.keys.given),
    store: () => opened?.console.store,
    access: () => open().access,
    create,
    instanceId: () => current().custody.ring.instanceId,
    issueRecoveryKey: () => current().custody.issueRecoveryKey(host.clock.now()),
    verifierKey: () => open().audit.signer.verifierKey.text,
  });
  const self = createConsoleFeature({
    version: parts.version,
    startedAt,
    instanceId: () => current().custody.ring.instanceId,
    keyProtection: () => current().custody.ring.file().protection,
    isReady: () => opened !== undefined && !stopping && setupFinished(),
    streamCount: () => streams.count(),
    detectorCounts: () => open().detections.counts,
    apiAddress: parts.apiAddress,
  });
  const settingsFeature = createSettings({
    host,
    resolved,
    secrets,
    store: () => opened?.console.store,
    record: (tx, entry) => open().record(tx, entry),
  });
  const watch = settingsFeature.start();
  const early = [setup, self, settingsFeature];
  const earlyHandlers = { ...setup.handlers, ...self.handlers };

  const dispatch = createDispatch({
    host,
    store: () => (stopping ? undefined : opened?.console.store),
    unavailable,
    handlers: () => opened?.console.handlers ?? earlyHandlers,
    identify: (tx, credential, now) => open().access.identify(tx, credential, now),
    identifyPending: (tx, token, now) => open().access.identifyPending(tx, token, now),
    identifySetup: (credential) => claims.identify(credential),
    touch: (principal, origin, now) => opened?.console.access.touch(principal, origin, now),
    record: (tx, entry) => open().record(tx, entry),
    idempotency: () => open().idempotency,
    refused: (call) => opened?.console.refusals.refused(call),
    rateRule: (rate) => rateRule(settings, rate),
    stepUpMs,
  });

  function current(): NonNullable<typeof opened> {
    if (opened === undefined) throw unavailable();
    return opened;
  }

  function open(): OpenConsole {
    return current().console;
  }

  function unavailable(): ProblemError {
    return stopping
      ? new ProblemError('console/stopping', 'the console is stopping', { retry_after_seconds: 5 })
      : new ProblemError(
          'console/not-set-up',
          'the console is not set up yet; open the setup link that the terminal printed',
        );
  }

  function identify(credential: Credential, origin: Origin): Principal | ProblemError {
    if (opened === undefined || stopping) return unavailable();
    const { access, store, refusals } = opened.console;
    const at = host.clock.now();
    const principal = store.readAll((tx) => access.identify(tx, credential, at));
    if (principal instanceof ProblemError && credential.kind === 'token') {
      refusals.refused({ operation: 'stream', code: principal.code, origin, actor: null, at });
    }
    return principal;
  }

  function setupFinished(): boolean {
    return opened !== undefined && opened.console.store.readAll(nextStep) === null;
  }

  async function create(input: {
    protection: KeyProtection;
    passphrase: string | undefined;
    consoleName: string;
  }): Promise<void> {
    if (readKeyFile(parts.keys.file) !== undefined)
      throw new ProblemError('setup/order', 'this folder already holds a console');
    const now = host.clock.now();
    const instanceId = uuidV7(now, host.random.bytes(10));
    const { file, master } = await createMasterKey(parts.keys, { ...input, instanceId, now });
    openWith(file, master, input.consoleName);
  }

  function openWith(file: KeyFile, master: Uint8Array, newName?: string): void {
    const custody = createCustody(parts.keys, file, master);
    const { ring } = custody;
    try {
      const pageKey = ring.pageKey();
      const console = openConsole({
        host,
        settings,
        ruleSources: parts.ruleSources,
        hmacSecret: () => secrets.find('audit.signing_secret'),
        keyRing: ring,
        storeParts: {
          marks: parts.storeMarks(),
          pageKey: () => ring.pageKey(),
          look: () => (parts.storeExists() ? parts.lookAtDatabase(pageKey) : undefined),
          open: (checked) => parts.openDatabase(pageKey, checked),
          acceptOlder: parts.acceptOlderStore,
          now: host.clock.now(),
        },
        streams,
        earlyFeatures: early,
        newName,
        beforeMigration: parts.beforeMigration,
      });
      opened = { console, custody };
    } catch (error) {
      custody.destroy();
      throw error;
    }
    settingsFeature.opened();
    parts.opened(core);
  }

  async function addFirstAdmin({ username, password }: { username: string; password: string }): Promise<void> {
    const passwordHash = await host.hasher.hash(await acceptPassword(username, password));
    const { access, store, record } = open();
    if (store.readAll((tx) => access.hasUsers(tx))) return;
    const now = host.clock.now();
    const role: RoleName = 'admin';
    store.write(defaultWorkspace, (tx) => {
      const user = access.createUser(tx, { username, passwordHash, role, now });
      setFact(tx, 'owner_id', user.id, now);
      setFact(tx, 'finished', '1', now);
      record(tx, {
        type: 'user_create',
        action: 'setup.headless',
        success: true,
        actor: { kind: 'system', id: null, name: 'environment' },
        resource: { type: 'user', id: user.id },
        origin: { ip: null, userAgent: null },
        sessionId: null,
        traceId: null,
        details: { username: user.username, role },
        dataAccessed: undefined,
        at: now,
      });
    });
  }

  const core: Core = {
    dispatch: (arrival: Arrival) => dispatch(arrival),
    openStream: (request) => streams.open(request),
    streamCount: () => streams.count(),
    exists() {
      if (readKeyFile(parts.keys.file) !== undefined) return true;
      if (!parts.storeExists()) return false;
      throw new DamagedStore(
        'the store is here but its keys are missing; put keys.json back from a backup (keys.json.1 is its previous generation), or move store.db away to begin anew',
      );
    },
    isOpen: () => opened !== undefined,
    setupFinished,
    async unlock(passphrase) {
      const file = readKeyFile(parts.keys.file);
      if (file === undefined) throw new Error('there is no console to unlock');
      // Opening would make an empty store and nobody would notice that the old one is gone.
      if (!parts.storeExists()) {
        throw new DamagedStore(
          'the keys are here but the store is missing; put store.db back from a backup, or move keys.json away to begin anew',
        );
      }
      openWith(file, await findMasterKey(parts.keys, file, passphrase));
    },
    async setUpHeadless({ protection, username, password }) {
      // Name and password are judged before anything is made, so that a refused one leaves no half console behind.
      parseUsername(username);
      await acceptPassword(username, password);
      await create({ protection, passphrase: undefined, consoleName: 'Gatehouse' });
      await addFirstAdmin({ username, password });
    },
    addFirstAdmin,
    issueSetupToken: () => claims.issue(),
    loadCertificates: () => opened?.console.store.readAll((tx) => open().certificates.load(tx)),
    saveCertificates: (set) =>
      open().store.write(defaultWorkspace, (tx) => open().certificates.save(tx, set, host.clock.now())),
    async stop() {
      if (stopping) return;
      stopping = true;
      watch[Symbol.dispose]();
      streams.endAll('the console is stopping');
      const closing = opened;
      if (closing === undefined) return;
      try {
        await closing.console.close();
      } finally {
        // Whatever the disk said to the last entry, no key stays in memory.
        closing.custody.destroy();
        opened = undefined;
      }
    },
  };
  return core;
}

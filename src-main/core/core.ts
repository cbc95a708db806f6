// The core: from "no store yet" through "keys needed" to "open", and the one way in at every stage. Knows no socket, file or window.

import type { Contract } from '../../src-shared/contract/contract.ts';
import { ProblemError } from '../../src-shared/contract/problems.ts';
import type { KeyProtection } from '../../src-shared/contract/setup.ts';
import type { RoleName } from '../../src-shared/permissions.ts';
import { uuidV7 } from '../base/ids.ts';
import { copyKey } from '../base/secret.ts';
import { stepUpMs } from './access-settings.ts';
import type { Core, CoreParts } from './core-parts.ts';
import type { Arrival, Credential, Origin } from './dispatch/arrival.ts';
import { createDispatch } from './dispatch/dispatch.ts';
import type { Handlers } from './dispatch/handler.ts';
import type { Principal } from './dispatch/principal.ts';
import { createStreams } from './dispatch/streams.ts';
import { defaultWorkspace } from './feature.ts';
import { parseUsername } from './features/access/index.ts';
import { createSetupRestore, type Prepared } from './features/backups/index.ts';
import { createConsoleFeature } from './features/console/feature.ts';
import { createVaultLock } from './features/encryption/index.ts';
import { type Custody, createCustody } from './features/keys/custody.ts';
import { formatKeyFile, type KeyFile } from './features/keys/key-file.ts';
import { createMasterKey, findMasterKey, protectionGiven, readKeyFile } from './features/keys/master-key.ts';
import { createSettings } from './features/settings/feature.ts';
import { createClaims } from './features/setup/claims.ts';
import { findFact, setFact } from './features/setup/facts.ts';
import { acceptPassword, createSetup } from './features/setup/feature.ts';
import { nextStep } from './features/setup/steps.ts';
import type { Ending, OpenConsole } from './open-console.ts';
import { openUnderKeys } from './open-under-keys.ts';
import { DamagedStore, WrongStoreKey } from './ports.ts';
import { rateRule } from './settings.ts';
import { NewerStore } from './store/migrations.ts';

export type { Core, CoreParts } from './core-parts.ts';

export function createCore(parts: CoreParts): Core {
  const { host, resolved, secrets } = parts;
  const { settings } = resolved;
  const claims = createClaims(host.random);
  const startedAt = host.clock.now();
  let opened: { console: OpenConsole; custody: Custody } | undefined;
  let locked = false;
  let replacing = false;
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
    lockedWith: () => (locked ? vaultLock.unlockWith() : undefined),
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
    unready() {
      if (locked || stopping) return unavailable();
      if (setupFinished()) return undefined;
      return new ProblemError('console/not-set-up', 'the console is not ready yet', { retry_after_seconds: 5 });
    },
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
  const vaultLock = createVaultLock({
    host,
    keys: parts.keys,
    token: parts.unlockToken,
    state() {
      if (stopping) return 'other';
      // Until the store is closed nobody may open it a second time.
      if (locked) return opened === undefined ? 'locked' : 'locking';
      return opened === undefined ? 'other' : 'open';
    },
    unavailable,
    keyFile: requireKeyFile,
    close: (entry) => lockVault({ lock: entry, refusal: unavailable }),
    async open(file, master) {
      openWith(file, master);
      locked = false;
      await parts.unlocked();
    },
    refusalOf: (error) =>
      [DamagedStore, WrongStoreKey, NewerStore].some((type) => error instanceof type) && error instanceof Error
        ? new ProblemError('console/store-failed', `the store could not be opened: ${error.message}`, { cause: error })
        : undefined,
  });
  const setupRestore = createSetupRestore({
    host,
    machine: parts.backupMachine,
    keys: parts.keys,
    version: parts.version,
    requireUnclaimed() {
      if (opened === undefined && !core.exists()) return;
      throw new ProblemError(
        'setup/order',
        'this folder holds a console already; a backup is restored by its admin, or into an empty folder',
      );
    },
    install({ store, keyFile, master }) {
      parts.replaceStore({ store, keyFile: formatKeyFile(keyFile), at: host.clock.now() });
      openWith(keyFile, master);
      open().store.write(defaultWorkspace, (tx) => open().access.endAllSessions(tx));
      if (setupFinished()) claims.close();
    },
    state: () => setup.readState(true),
    consoleName: () => open().store.readAll((tx) => findFact(tx, 'console_name')) ?? 'Gatehouse',
  });
  const early = [setup, setupRestore, self, settingsFeature, vaultLock.feature];
  const earlyHandlers = {
    ...setup.handlers,
    ...setupRestore.handlers,
    ...self.handlers,
    ...vaultLock.feature.handlers,
  };
  // All that is answered while the vault is locked; whatever else is asked finds no handler and no store.
  const state = setup.handlers['setup.state'];
  const lockedHandlers: Partial<Handlers<Contract>> = {
    ...(state === undefined ? {} : { 'setup.state': state }),
    'vault.unlock': vaultLock.feature.handlers['vault.unlock'],
    ...self.handlers,
  };

  const dispatch = createDispatch({
    host,
    store: () => (stopping || locked || replacing ? undefined : opened?.console.store),
    unavailable,
    handlers: () => opened?.console.handlers ?? (locked ? lockedHandlers : replacing ? self.handlers : earlyHandlers),
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
    if (stopping) return new ProblemError('console/stopping', 'the console is stopping', { retry_after_seconds: 5 });
    if (replacing)
      return new ProblemError('console/busy', 'a backup takes the place of the store; sign in again in a moment', {
        retry_after_seconds: 5,
      });
    return locked
      ? new ProblemError('console/locked', 'the vault is locked; unlock it with: gatehouse unlock')
      : new ProblemError(
          'console/not-set-up',
          'the console is not set up yet; open the setup link that the terminal printed',
        );
  }

  function identify(credential: Credential, origin: Origin): Principal | ProblemError {
    if (opened === undefined || locked || replacing || stopping) return unavailable();
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
    parts.creation.begin();
    try {
      const { file, master } = await createMasterKey(parts.keys, { ...input, instanceId, now });
      openWith(file, master, input.consoleName);
    } catch (error) {
      if (opened === undefined) parts.creation.abandon();
      throw error;
    }
    parts.creation.done();
  }

  function requireKeyFile(): KeyFile {
    const file = readKeyFile(parts.keys.file);
    if (file === undefined)
      throw new DamagedStore('keys.json is missing; put it back (keys.json.1 is its previous generation)');
    return file;
  }

  function openWith(file: KeyFile, master: Uint8Array, newName?: string): void {
    const custody = createCustody(parts.keys, file, master);
    try {
      const console = openUnderKeys(parts, custody, {
        streams,
        earlyFeatures: early,
        newName,
        replaceStore,
        storeLost,
      });
      opened = { console, custody };
    } catch (error) {
      custody.destroy();
      throw error;
    }
    settingsFeature.opened();
    parts.opened(core);
  }

  function storeLost(error: unknown): void {
    host.log.error('the store could not be opened again; the vault is locked', { error: String(error) });
    lockVault({ refusal: unavailable }).catch((cause: unknown) =>
      host.log.error('the vault was not locked in good order', { error: String(cause) }),
    );
  }

  async function lockVault(ending: Ending): Promise<void> {
    const closing = current();
    locked = true;
    streams.endAll('the vault is locked');
    try {
      await closing.console.close(ending);
    } finally {
      // Whatever the disk said to the last entry, no key stays in memory.
      closing.custody.destroy();
      opened = undefined;
      parts.locked();
    }
  }

  /** Closes the console, exchanges its files and opens what is there then: the restored one, or the old one if that failed. */
  async function replaceStore({ path, keyFile }: Prepared): Promise<string> {
    const closing = current();
    const master = copyKey(closing.custody.master());
    replacing = true;
    streams.endAll('a backup takes the place of the store');
    try {
      try {
        await closing.console.close({ refusal: unavailable });
      } finally {
        closing.custody.destroy();
        opened = undefined;
      }
      const at = host.clock.now();
      let setAside: string | undefined;
      try {
        setAside = parts.replaceStore({ store: path, keyFile: formatKeyFile(keyFile), at });
      } finally {
        openWith(requireKeyFile(), master);
      }
      // Whoever was signed in when the backup was made is not any more.
      open().store.write(defaultWorkspace, (tx) => open().access.endAllSessions(tx));
      await parts.unlocked();
      return setAside;
    } finally {
      replacing = false;
    }
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
      parts.unlockToken.remove();
      streams.endAll('the console is stopping');
      const closing = opened;
      if (closing === undefined) return;
      try {
        await closing.console.close({ refusal: unavailable });
      } finally {
        // Whatever the disk said to the last entry, no key stays in memory.
        closing.custody.destroy();
        opened = undefined;
      }
    },
  };
  return core;
}

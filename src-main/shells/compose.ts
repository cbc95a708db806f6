// Puts a console together for a shell: profile, settings, host, core, certificates, HTTPS server. The same for Electron, headless and tests.
import { existsSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { ProblemError } from '../../src-shared/contract/problems.ts';
import { createAnchors } from '../adapters/anchors/anchors.ts';
import { createBackupMachine } from '../adapters/backups/machine.ts';
import { readConfigFile } from '../adapters/files/config-file.ts';
import { beginCreation, clearUnfinished, finishCreation } from '../adapters/files/creation.ts';
import { readEnvironment } from '../adapters/files/environment.ts';
import { createKeyFileStore, writeDurably } from '../adapters/files/key-file-store.ts';
import { copyBeforeMigration } from '../adapters/files/migration-copies.ts';
import {
  freeBytes,
  lockProfile,
  newestBackup,
  noteChosenFolder,
  openProfile,
  type Profile,
  ProfileError,
} from '../adapters/files/profile.ts';
import { readFrameworks, readRules } from '../adapters/files/resources.ts';
import { finishReplacement, replaceStore } from '../adapters/files/restore-swap.ts';
import { createStoreMarks } from '../adapters/files/store-marks.ts';
import { openPlaces } from '../adapters/geo/mmdb-places.ts';
import { createHttpsServer, type HttpsServer } from '../adapters/https/server.ts';
import { createMemoryLimiter } from '../adapters/limits/memory-limiter.ts';
import { createArgon2Hasher } from '../adapters/passwords/argon2-hasher.ts';
import { lookAtSqlite, openSqlite } from '../adapters/sqlite/database.ts';
import { createStoreRewrite } from '../adapters/sqlite/page-rewrite.ts';
import { createStorePins } from '../adapters/sqlite/store-pin.ts';
import {
  leaveMemoryOutOfCoreDumps,
  systemClock,
  systemRandom,
  systemStopwatch,
  systemTimers,
} from '../adapters/system/host-parts.ts';
import { createMirrors, logLimits } from '../adapters/telemetry/mirrors.ts';
import { createFileLog } from '../adapters/telemetry/pino-log.ts';
import { createOsKeychain } from '../adapters/vault/os-keychain.ts';
import { argon2idKdf } from '../adapters/vault/passphrase-kdf.ts';
import { originKey } from '../base/addresses.ts';
import { type Core, createCore } from '../core/core.ts';
import {
  type GivenKeys,
  type Keychain,
  PassphraseNeeded,
  protectionGiven,
  readKeyFile,
} from '../core/features/keys/master-key.ts';
import { DamagedStore, type Host } from '../core/ports.ts';
import { rateRule, resolveSettings, type SettingSource, type Settings } from '../core/settings.ts';
import { backupThread } from './backup-thread.ts';
import { createBundleMachine } from './bundle-machine.ts';
import { type CertificateDesk, createCertificateDesk } from './certificate-desk.ts';
import { givenKeys, openSecrets, ownCertificate } from './console-secrets.ts';
import { createLogCheck } from './log-check.ts';
import { projectFolder } from './project.ts';

const renewalCheckMs = 24 * 3_600_000;

export type ComposeOptions = {
  readonly home: string;
  /** The folder can't be chosen in the wizard: it came from `GATEHOUSE_HOME`, or there is no desktop to choose with. */
  readonly folderFixed: boolean;
  readonly environment: NodeJS.ProcessEnv;
  readonly flags: ReadonlyMap<string, unknown>;
  readonly rulesFolder: string;
  /** Built renderer, served to browsers. */
  readonly staticRoot: string;
  readonly version: string;
  /** Asked where a passphrase protects the keys; undefined where nobody can be asked. */
  readonly askPassphrase?: () => Promise<string | undefined>;
  /** A line for the user, on the terminal. */
  readonly tell: (line: string) => void;
  readonly keychain?: Keychain;
  /** Asked before a store is opened that is older than what stands beside it (`gatehouse store accept-older`). */
  readonly acceptOlderStore?: (reasons: readonly string[]) => boolean;
};

export type Composed = {
  readonly core: Core;
  readonly server: HttpsServer;
  readonly profile: Profile;
  readonly settings: Settings;
  readonly certificates: CertificateDesk;
  /** `https://127.0.0.1:PORT`. */
  readonly url: string;
  stop(): Promise<void>;
};

/** Admin of a headless set-up. */
export type FirstAdmin = { readonly username: string; readonly password: string };

/** The environment asks for a headless set-up that can't be done; the message says what is missing. */
export class HeadlessSetupError extends Error {
  override readonly name = 'HeadlessSetupError';
}

/**
 * Starts everything up to answering requests. What can be refused is refused before anything is made or changed.
 * @throws ProfileError, ProfileHeld, SettingsError, GeoFileError, CertificateError, PortInUse, AddressUnusable, BadKeyFile, PassphraseNeeded,
 * MasterKeyUnavailable, WrongMasterKey, WrongStoreKey, DamagedStore, NewerStore, HeadlessSetupError, ProblemError (a refused first
 * password)
 */
export async function compose(options: ComposeOptions): Promise<Composed> {
  // Whatever this process writes is for its owner alone, SQLite's files included.
  process.umask(0o077);
  if (!leaveMemoryOutOfCoreDumps())
    options.tell('warning: a core dump of this process would hold its keys; turn core dumps off with: ulimit -c 0');
  let profile = openProfile(options.home);
  const resolved = resolveSettings([
    { origin: 'flag', values: options.flags } satisfies SettingSource,
    readEnvironment(options.environment),
    readConfigFile(profile.config),
  ]);
  const { settings } = resolved;
  const cleanup = new AsyncDisposableStack();
  try {
    // Lives as long as the console, so that a folder chosen later can still be locked by it.
    const locks = cleanup.use(new DisposableStack());
    let lock = locks.use(lockProfile(profile));
    // A restore that was killed is brought to its end before anything looks at the store.
    finishReplacement(profile.folder);
    const unfinished = clearUnfinished(profile.folder, systemClock.now());
    if (unfinished !== undefined)
      options.tell(`a console was being made here and was not finished; what is left of it is in ${unfinished}`);
    const log = createFileLog(`${profile.logs}/server.log`, options.tell, logLimits(settings.mirrors));
    cleanup.defer(() => log.close());
    const host: Host = {
      clock: systemClock,
      stopwatch: systemStopwatch,
      random: systemRandom,
      timers: systemTimers,
      hasher: createArgon2Hasher(),
      limiter: createMemoryLimiter(),
      log,
    };
    const secrets = openSecrets({
      settings,
      environment: options.environment,
      log,
      protection: () => readKeyFile(createKeyFileStore(profile.keys))?.protection,
    });
    cleanup.defer(() => secrets.close());
    await secrets.refresh();
    const certificates = createCertificateDesk({
      clock: systemClock,
      random: systemRandom,
      hostNames: [hostname(), ...settings.api.host_names],
      caPath: () => profile.caPem,
      own: ownCertificate(secrets),
    });
    let server: HttpsServer | undefined;
    const url = (): string => `https://127.0.0.1:${server?.port ?? settings.api.port}`;
    const given = givenKeys(options.environment, secrets);
    const keychain = options.keychain ?? createOsKeychain();
    const core = createCore({
      host,
      resolved,
      secrets,
      keys: {
        keychain,
        file: {
          read: () => createKeyFileStore(profile.keys).read(),
          write: (text) => createKeyFileStore(profile.keys).write(text),
        },
        kdf: argon2idKdf,
        random: systemRandom,
        given,
      },
      ruleSources: readRules(options.rulesFolder),
      frameworkFiles: () => readFrameworks(join(projectFolder, 'resources/frameworks')),
      locate:
        settings.breach_detection.geoip_file === undefined
          ? undefined
          : openPlaces(settings.breach_detection.geoip_file),
      anchors: createAnchors({
        settings: settings.audit,
        profileFolder: () => profile.folder,
        s3SecretKey: () => secrets.find('audit.anchor_s3_secret_key'),
        webhookSecret: () => secrets.find('audit.anchor_webhook_secret'),
        clock: systemClock,
        random: systemRandom,
      }),
      mirrors: createMirrors({
        settings: settings.mirrors,
        logs: () => profile.logs,
        otlpHeaders: () => secrets.find('mirrors.otlp_headers'),
        version: options.version,
      }),
      version: options.version,
      machine: {
        dataFolder: () => profile.folder,
        chooseFolder,
        folderFixed: options.folderFixed,
        freeBytes: () => freeBytes(profile.folder),
        certificate: () => certificates.describe(url()),
      },
      openDatabase: (pageKey, checked) => openSqlite(profile.store, pageKey, checked),
      lookAtDatabase: (pageKey, path = profile.store) => lookAtSqlite(path, pageKey),
      storeMarks: () => createStoreMarks(profile.folder),
      acceptOlderStore: (reasons) => options.acceptOlderStore?.(reasons) ?? false,
      storeExists: () => existsSync(profile.store),
      creation: {
        begin: () => beginCreation(profile.folder),
        done: () => finishCreation(profile.folder),
        abandon: () => clearUnfinished(profile.folder, systemClock.now()),
      },
      beforeMigration(copyTo) {
        const at = systemClock.now();
        const path = copyBeforeMigration(profile.store, { version: options.version, at, copyTo });
        options.tell(`the store is brought to this version; a copy of it as it was is in ${path}`);
      },
      rewrite: createStoreRewrite(() => profile.store),
      backupMachine: createBackupMachine({
        folder: () => profile.folder,
        storePath: () => profile.store,
        pin: createStorePins(() => profile.store),
        thread: backupThread(),
      }),
      bundleMachine: createBundleMachine(systemClock),
      checkThread: (pageKey) => createLogCheck(() => profile.folder, pageKey),
      replaceStore: (replacement) => replaceStore(profile.folder, replacement),
      unlockToken: {
        write: (token) => writeDurably(profile.unlockToken, `${token}\n`),
        remove: () => rmSync(profile.unlockToken, { force: true }),
      },
      locked: () => certificates.forget(),
      async unlocked() {
        try {
          await renew(core, certificates);
          certificates.replaceOwn(ownCertificate(secrets));
          server?.reloadTls(certificates.pair());
        } catch (error) {
          log.error('the certificate could not be taken up again; the one before stays', { error: String(error) });
        }
      },
      apiAddress: url,
      opened(opened) {
        // A console that was just set up keeps the certificate that its wizard was served with.
        const bootstrap = certificates.current();
        if (bootstrap !== undefined && opened.loadCertificates() === undefined) opened.saveCertificates(bootstrap);
      },
    });
    cleanup.defer(() => core.stop());
    function chooseFolder(path: string): void {
      const next = usableFolder(path);
      // The old folder stays locked as well: whoever starts there meanwhile is told that we run.
      lock = locks.use(lockProfile(next));
      noteChosenFolder(profile.folder, next.folder);
      profile = next;
      certificates.moved();
      describe();
    }
    function describe(): void {
      lock.describe({ pid: process.pid, url: url(), since: new Date(systemClock.now()).toISOString() });
    }
    // A console that was locked when it was killed is opened as any other.
    rmSync(profile.unlockToken, { force: true });
    if (core.exists()) {
      await unlock(core, options.askPassphrase);
      await renew(core, certificates);
    } else {
      await certificates.bootstrap();
    }
    server = await createHttpsServer({
      console: core,
      tls: certificates.pair(),
      port: settings.api.port,
      addresses: settings.api.addresses,
      hostNames: [hostname(), ...settings.api.host_names],
      version: options.version,
      clock: systemClock,
      log,
      trustedProxies: settings.api.trusted_proxies,
      corsOrigins: settings.api.cors_origins,
      tls13Only: settings.api.tls_1_3_only,
      xssProtectionHeader: settings.api.xss_protection_header,
      // What is refused before dispatch sees it counts like any other request of its sender.
      onRefused: (_reason, origin) =>
        host.limiter.take(`general/${originKey(origin.ip)}`, rateRule(settings, 'general'), systemClock.now()),
      ...(existsSync(options.staticRoot) ? { staticRoot: options.staticRoot } : {}),
    });
    const running = server;
    cleanup.defer(() => running.close());
    // After the port is ours: a start that is refused for it leaves nothing behind.
    await setUpHeadless(core, options.environment, given, keychain);
    cleanup.use(
      systemTimers.every(renewalCheckMs, () => {
        if (!core.isOpen()) return;
        renew(core, certificates)
          .then(() => running.reloadTls(certificates.pair()))
          .catch((error: unknown) => log.error('certificate could not be renewed', { error: String(error) }));
      }),
    );
    secrets.onValues((names) => {
      if (![...names].some((name) => name.startsWith('tls.'))) return;
      try {
        certificates.replaceOwn(ownCertificate(secrets));
        running.reloadTls(certificates.pair());
        log.info('certificate changed with the settings');
      } catch (error) {
        log.error('the certificate that the settings name now cannot be used; the one before stays', {
          error: String(error),
        });
      }
    });
    describe();
    warnAboutAddresses(settings, options.tell);
    log.info('serving', { url: url() });
    const owned = cleanup.move();
    return {
      core,
      server: running,
      get profile() {
        return profile;
      },
      settings,
      certificates,
      url: url(),
      stop: () => owned.disposeAsync(),
    };
  } catch (error) {
    await cleanup.disposeAsync();
    if (error instanceof DamagedStore) error.lastBackup = newestBackup(profile);
    throw error;
  }
}

async function unlock(core: Core, ask: ComposeOptions['askPassphrase']): Promise<void> {
  try {
    await core.unlock(undefined);
  } catch (error) {
    if (!(error instanceof PassphraseNeeded) || ask === undefined) throw error;
    const passphrase = await ask();
    if (passphrase === undefined) throw error;
    await core.unlock(passphrase);
  }
}

async function renew(core: Core, certificates: CertificateDesk): Promise<void> {
  const changed = await certificates.adopt(core.loadCertificates());
  if (changed !== undefined) core.saveCertificates(changed);
}

async function setUpHeadless(
  core: Core,
  environment: NodeJS.ProcessEnv,
  given: GivenKeys,
  keychain: Keychain,
): Promise<void> {
  const { GATEHOUSE_ADMIN_USERNAME: username, GATEHOUSE_ADMIN_PASSWORD: password } = environment;
  // Read once, when no user exists: later changes of the variables change nobody's password.
  if (core.setupFinished() || (username === undefined && password === undefined)) return;
  if (username === undefined || password === undefined) {
    throw new HeadlessSetupError('set both GATEHOUSE_ADMIN_USERNAME and GATEHOUSE_ADMIN_PASSWORD, or neither');
  }
  if (core.isOpen()) {
    await core.addFirstAdmin({ username, password });
    return;
  }
  const protection = protectionGiven(given) ?? (keychain.probe().available ? 'keychain' : undefined);
  if (protection === undefined) {
    throw new HeadlessSetupError(
      `there is no keychain here${given.vault === undefined ? '' : ` and Vault gives no key (${given.vault.why})`}; give a key with GATEHOUSE_ENCRYPTION_KEY (for example from: openssl rand -base64 32) or GATEHOUSE_KEY_FILE`,
    );
  }
  await core.setUpHeadless({ protection, username, password });
}

/** @throws ProblemError with what is wrong with the folder, for the wizard's field */
function usableFolder(path: string): Profile {
  const refuse = (message: string): ProblemError =>
    new ProblemError('request/invalid', `data_folder: ${message}`, { fields: [{ path: 'data_folder', message }] });
  if (!isAbsolute(path)) throw refuse('give the whole path of a folder');
  try {
    const next = openProfile(path);
    if (existsSync(next.keys) || existsSync(next.store))
      throw refuse('this folder already holds a console; choose an empty one');
    return next;
  } catch (error) {
    throw error instanceof ProfileError ? refuse(error.message) : error;
  }
}

function warnAboutAddresses({ api }: Settings, tell: (line: string) => void): void {
  const open = api.addresses.filter((address) => address !== '::1' && !address.startsWith('127.'));
  if (open.length > 0) tell(`warning: the API answers on ${open.join(', ')}, reachable from other machines`);
}

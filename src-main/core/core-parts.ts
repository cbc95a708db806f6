// What the core is made of, and what it is to the shells.
import type { KeyProtection } from '../../src-shared/contract/setup.ts';
import type { Locate } from '../engine/behaviour/travel.ts';
import type { RuleSource } from '../engine/rules/compile.ts';
import type { Console } from './dispatch/arrival.ts';
import type { Anchor, CheckThread } from './features/audit/index.ts';
import type { BackupMachine } from './features/backups/index.ts';
import type { BundleMachine } from './features/bundles/index.ts';
import type { CertificateSet } from './features/certificates/certificates.ts';
import type { UnlockToken } from './features/encryption/index.ts';
import type { CatalogueSource } from './features/frameworks/index.ts';
import type { MasterKeyPorts } from './features/keys/master-key.ts';
import type { Mirror } from './features/mirrors/index.ts';
import type { SecretValues } from './features/settings/index.ts';
import type { MachineDescription } from './features/setup/feature.ts';
import type { Database, Host, StoreMarks, StoreRewrite } from './ports.ts';
import type { ResolvedSettings } from './settings.ts';

export type CoreParts = {
  readonly host: Host;
  readonly resolved: ResolvedSettings;
  /** The console's own, asked for before. */
  readonly secrets: SecretValues;
  readonly keys: MasterKeyPorts;
  readonly ruleSources: readonly RuleSource[];
  /** The files of the catalogue, read when somebody asks for it. */
  frameworkFiles(): readonly CatalogueSource[];
  /** Places for checkpoints that this console can't rewrite. */
  readonly anchors?: readonly Anchor[];
  /** Where copies of the log, of alerts and of events go. */
  readonly mirrors?: readonly Mirror[];
  /** Where an address is, if a file says so. */
  readonly locate?: Locate | undefined;
  readonly version: string;
  readonly machine: MachineDescription;
  openDatabase(pageKey: Uint8Array, checked: boolean): Database;
  /** The existing store, for reading only. */
  lookAtDatabase(pageKey: Uint8Array, path?: string): Database;
  storeMarks(): StoreMarks;
  /** Whether a human has decided to go on with a store that contradicts what stands beside it. */
  acceptOlderStore(reasons: readonly string[]): boolean;
  storeExists(): boolean;
  /** Around the making of keys and store: a kill in between leaves a folder in which a console can be made. */
  readonly creation: { begin(): void; done(): void; abandon(): void };
  /** Copies the store aside before its tables change; `copyTo` verifies the copy. */
  beforeMigration(copyTo: (path: string) => void): void;
  readonly rewrite: StoreRewrite;
  readonly backupMachine: BackupMachine;
  /** The audit log's full check, off the main thread. @param pageKey of the store as it is when asked */
  checkThread(pageKey: () => Uint8Array): CheckThread;
  readonly bundleMachine: BundleMachine;
  /** Puts a restored store and its keys in the place of those of the profile. @returns where these are now */
  replaceStore(replacement: { store: string; keyFile: string; at: number }): string;
  readonly unlockToken: UnlockToken;
  /** The vault was locked: whatever is secret in the shell is dropped. */
  locked(): void;
  /** It was unlocked, and the store is open again. */
  unlocked(): Promise<void>;
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

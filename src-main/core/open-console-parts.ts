// What an open console is made of: what the core and the shell hand over for it.
import type { Locate } from '../engine/behaviour/travel.ts';
import type { RuleSource } from '../engine/rules/compile.ts';
import type { Streams } from './dispatch/streams.ts';
import type { Feature } from './feature.ts';
import type { Anchor, CheckThread } from './features/audit/index.ts';
import type { BackupMachine, Prepared } from './features/backups/index.ts';
import type { BundleMachine } from './features/bundles/index.ts';
import type { CatalogueSource } from './features/frameworks/index.ts';
import type { Custody, MasterKeyPorts } from './features/keys/index.ts';
import type { Mirror } from './features/mirrors/index.ts';
import type { Database, Host, StoreRewrite } from './ports.ts';
import type { Settings } from './settings.ts';
import type { StoreParts } from './store/opening.ts';

export type OpenConsoleParts = {
  readonly host: Host;
  readonly settings: Settings;
  readonly ruleSources: readonly RuleSource[];
  frameworkFiles(): readonly CatalogueSource[];
  readonly hmacSecret: () => string | undefined;
  readonly checkThread: CheckThread;
  readonly anchors: readonly Anchor[];
  readonly mirrors: readonly Mirror[];
  /** Where the store lies; null where the file system doesn't say. */
  readonly freeBytes: () => number | null;
  /** Where an address is, if a file says so. */
  readonly locate?: Locate | undefined;
  readonly custody: Custody;
  readonly keys: MasterKeyPorts;
  readonly rewrite: StoreRewrite;
  readonly backupMachine: BackupMachine;
  readonly bundleMachine: BundleMachine;
  readonly version: string;
  /** Closes this console, puts a restored store in the place of its own and opens it. @returns where the old one is */
  replaceStore(prepared: Prepared): Promise<string>;
  /** Opens the store's file, which is under the newest page key from now on. */
  reopenDatabase(): Database;
  /** The store could not be opened again after its file was exchanged. */
  storeLost(error: unknown): void;
  readonly storeParts: StoreParts;
  readonly streams: Streams;
  /** Of the features that exist before the store does; their tables are made here too. */
  readonly earlyFeatures: readonly Feature[];
  /** Of a console that is just being made. */
  readonly newName: string | undefined;
  /** Copies the store aside before its tables change. */
  beforeMigration(copyTo: (path: string) => void): void;
};

// Opens the console under the page key that fits its store. A rotation of the page key that was cut short leaves two of them.
import type { CoreParts } from './core-parts.ts';
import { likelyPageVersions, settlePageKey } from './features/encryption/index.ts';
import type { Custody } from './features/keys/index.ts';
import { type OpenConsole, openConsole } from './open-console.ts';
import type { OpenConsoleParts } from './open-console-parts.ts';
import { WrongStoreKey } from './ports.ts';

/** What only the core knows of the console that it opens. */
export type Rest = Pick<OpenConsoleParts, 'streams' | 'earlyFeatures' | 'newName' | 'replaceStore' | 'storeLost'>;

/** @throws WrongStoreKey when none fits, and whatever opening throws */
export function openUnderKeys(parts: CoreParts, custody: Custody, rest: Rest): OpenConsole {
  const versions = likelyPageVersions(custody, parts.rewrite);
  for (const version of versions) {
    try {
      return openUnder(parts, custody, version, rest);
    } catch (error) {
      if (!(error instanceof WrongStoreKey) || version === versions.at(-1)) throw error;
    }
  }
  throw new Error('there is no page key');
}

function openUnder(parts: CoreParts, custody: Custody, version: number, rest: Rest): OpenConsole {
  const { ring } = custody;
  let pageVersion = version;
  const pageKey = (): Uint8Array => ring.pageKey(pageVersion);
  return openConsole({
    ...rest,
    host: parts.host,
    settings: parts.resolved.settings,
    ruleSources: parts.ruleSources,
    frameworkFiles: parts.frameworkFiles,
    hmacSecret: () => parts.secrets.find('audit.signing_secret'),
    anchors: parts.anchors ?? [],
    mirrors: parts.mirrors ?? [],
    freeBytes: () => parts.machine.freeBytes(),
    locate: parts.locate,
    checkThread: parts.checkThread(pageKey),
    custody,
    keys: parts.keys,
    rewrite: parts.rewrite,
    backupMachine: parts.backupMachine,
    bundleMachine: parts.bundleMachine,
    version: parts.version,
    reopenDatabase() {
      pageVersion = ring.current('page');
      return parts.openDatabase(pageKey(), true);
    },
    storeParts: {
      marks: parts.storeMarks(),
      pageKey,
      look: () => (parts.storeExists() ? parts.lookAtDatabase(pageKey()) : undefined),
      lookAtCopy: (path) => parts.lookAtDatabase(pageKey(), path),
      open(checked) {
        const database = parts.openDatabase(pageKey(), checked);
        settlePageKey(custody, parts.rewrite, version);
        return database;
      },
      acceptOlder: (reasons) => parts.acceptOlderStore(reasons),
      now: parts.host.clock.now(),
    },
    beforeMigration: parts.beforeMigration,
  });
}

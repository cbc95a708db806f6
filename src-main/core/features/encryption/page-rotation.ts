// Rotating the page key: a copy of the store under a new key, made beside it while writes wait, checked, and put in its place.
// The order makes a kill harmless: the copy is complete and synced before the key file names its key, and the old key is forgotten
// only when the copy stands in the store's place. In between, the start looks which of the two it finds.
import type { Host, StoreRewrite } from '../../ports.ts';
import type { Store } from '../../store/store.ts';
import type { Custody } from '../keys/index.ts';
import { type RunningTask, Stopped } from './tasks.ts';

/** Their every byte is compared: the audit tree's root follows from them. */
const evidence = ['audit_node', 'audit_checkpoint', 'audit_body'];

export type PageRotationParts = {
  readonly host: Host;
  readonly store: Store;
  readonly custody: Custody;
  readonly rewrite: StoreRewrite;
  /** Waits until no other connection needs the store's file as it is. */
  unpinned(): Promise<void>;
  /** Puts the copy in place and opens it. */
  exchange(): void;
  /** The store is gone from under the console: nothing can go on until it is opened anew. */
  lost(error: unknown): void;
};

/** Nothing else may be written from its call until its end. */
export async function rotatePageKey(parts: PageRotationParts, task: RunningTask, signal: AbortSignal): Promise<void> {
  const { host, store, custody, rewrite } = parts;
  const { ring } = custody;
  const old = ring.current('page');
  // Before writes are paused: a backup under way may take long.
  task.progress({ phase: 'waiting for a backup' });
  await parts.unpinned();
  if (task.stopped) throw new Stopped('the console is stopping');
  using writes = store.pauseWrites();
  // Whoever stops the console writes a last entry: that must not wait for the copy.
  signal.addEventListener('abort', () => writes[Symbol.dispose](), { once: true });
  const drafted = custody.draftPageKey();
  try {
    const report = (phase: string | undefined, done: number, total: number): void =>
      task.progress({ ...(phase === undefined ? {} : { phase }), done, total });
    await rewrite.write({ from: ring.pageKey(), to: drafted.key }, evidence, report, signal);
    await host.timers.breathe();
    if (task.stopped) throw new Stopped('the console is stopping');
    task.progress({ phase: 'exchanging' });
    custody.admitPageKey(drafted, host.clock.now());
  } catch (error) {
    rewrite.discard();
    drafted.key.fill(0);
    throw error;
  }
  // Nothing awaits between here and the exchange: a stop in between would find two keys and a copy, which the next start puts right.
  try {
    parts.exchange();
  } catch (error) {
    parts.lost(error);
    throw error;
  }
  await host.timers.breathe();
  custody.destroyVersion('page', old);
}

/** Which page key a start must try first, when a kill left two. */
export function likelyPageVersions(custody: Custody, rewrite: StoreRewrite): number[] {
  const versions = custody.ring.versions('page').map((entry) => entry.version);
  // A copy that is still beside the store was not put in its place: the old key is right.
  return versions.sort((left, right) => (rewrite.pending() ? left - right : right - left));
}

/** The store is open under `version`: keys and copies of a rotation that was cut short go. */
export function settlePageKey(custody: Custody, rewrite: StoreRewrite, version: number): void {
  // The key file first: a copy without its key is waste, a key whose copy is gone would be tried for the store.
  for (const entry of custody.ring.versions('page')) {
    if (entry.version !== version) custody.destroyVersion('page', entry.version);
  }
  rewrite.discard();
}

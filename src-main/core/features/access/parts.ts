// What the use cases of access share: the world they are given, and the listeners for sessions that ended.
import type { Sealer } from '../../feature.ts';
import type { Host } from '../../ports.ts';
import type { ReadTx } from '../../store/store.ts';
import type { Presence } from './presence.ts';
import type { AccessSettings } from './settings.ts';

export type AccessDependencies = {
  readonly host: Host;
  readonly sealer: Sealer;
  readonly consoleName: () => string;
  readonly settings: AccessSettings;
  /**
   * A read over all workspaces for what comes before a call's transaction: a password is verified outside of it, and the existence
   * look-up of spec 01 crosses workspaces.
   */
  readonly read: <T>(run: (tx: ReadTx) => T) => T;
};

export type AccessParts = AccessDependencies & {
  readonly presence: Presence;
  /** Tells the listeners that a session is over; called after the commit. */
  readonly sessionEnded: (sessionId: string) => void;
};

// What the work on backups is made of, and what it needs of the console.
import type { Feature, SealedPlace } from '../../feature.ts';
import type { Host } from '../../ports.ts';
import type { Store } from '../../store/store.ts';
import type { Signer } from '../audit/index.ts';
import type { KeyRing, PassphraseKdf } from '../keys/index.ts';
import type { BackupMachine } from './ports.ts';

export type WorkParts = {
  readonly host: Host;
  readonly machine: BackupMachine;
  readonly ring: KeyRing;
  /** The master key itself: not kept. */
  master(): Uint8Array;
  readonly kdf: PassphraseKdf;
  readonly version: string;
  store(): Store;
  signer(): Signer;
  consoleName(): string;
  /** What an open console knows of its tables. */
  known(): { readonly features: readonly Feature[]; readonly places: readonly SealedPlace[] };
  folder(): string;
  /** A topic says that something changed; called while work goes on, outside of transactions. */
  announce(id: string): void;
};

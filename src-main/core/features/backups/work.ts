// The long work on backups: making one, restoring one as a trial or for good. Each step says what is true if we stop there.
import type { Feature, SealedColumn } from '../../feature.ts';
import type { Host } from '../../ports.ts';
import type { Store } from '../../store/store.ts';
import type { Signer } from '../audit/index.ts';
import type { KeyRing, PassphraseKdf } from '../keys/index.ts';
import { createMaker, type Maker } from './make.ts';
import type { BackupMachine } from './ports.ts';
import { createTrials, type Trials } from './trial.ts';
import { createTurn, type Turn } from './turn.ts';

/** A declared column of sealed values; the rows of a scoped table belong to workspaces. */
export type SealedPlace = { readonly declared: SealedColumn; readonly scoped: boolean };

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

export type BackupWork = Trials & Maker & Pick<Turn, 'current' | 'cancel' | 'stop'>;

export function createBackupWork(parts: WorkParts): BackupWork {
  const turn = createTurn(parts.host.clock, parts.announce);
  const { current, cancel, stop } = turn;
  return { ...createMaker(parts, turn), ...createTrials(parts, turn), current, cancel, stop };
}

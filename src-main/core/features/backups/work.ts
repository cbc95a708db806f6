// The long work on backups: making one, restoring one as a trial or for good. Each step says what is true if we stop there.
import { createMaker, type Maker } from './make.ts';
import { createTrials, type Trials } from './trial.ts';
import { createTurn, type Turn } from './turn.ts';
import type { WorkParts } from './work-parts.ts';

export type BackupWork = Trials & Maker & Pick<Turn, 'current' | 'cancel' | 'stop'>;

export function createBackupWork(parts: WorkParts): BackupWork {
  const turn = createTurn(parts.host.clock, parts.announce);
  const { current, cancel, stop } = turn;
  return { ...createMaker(parts, turn), ...createTrials(parts, turn), current, cancel, stop };
}

// The backup that is being made, with its way out.

import { useState } from 'react';
import type { Backup } from '../../../src-shared/contract/backups.ts';
import { failureWords } from '../../api/failures.ts';
import { ProgressBar } from '../../ui/states/ProgressBar.tsx';
import css from './backups.module.css';
import { backups } from './backups-state.ts';

interface RunningBackupProps {
  readonly running: Backup | undefined;
  readonly rate: number | undefined;
  readonly mayCancel: boolean;
}

export function RunningBackup({ running, rate, mayCancel }: RunningBackupProps) {
  const [problem, setProblem] = useState<string>();
  if (running === undefined) return null;
  const { backup_id: id, done_bytes: done, total_bytes: total } = running;
  const isCopied = total > 0 && done >= total;
  const cancel = () => {
    setProblem(undefined);
    backups.cancel(id).catch((error: unknown) => setProblem(failureWords(error)));
  };
  return (
    <section className={css.running} aria-label="Backup under way">
      <ProgressBar
        label={isCopied ? 'Backing up: signing and checking what was written' : 'Backing up'}
        done={done}
        total={total === 0 ? undefined : total}
        unit="bytes"
        rate={rate}
        onCancel={mayCancel ? cancel : undefined}
      />
      {problem !== undefined && (
        <p className={css.problem} role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}

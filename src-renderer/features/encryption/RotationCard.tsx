// The rotation under way, or the last one: how far, how fast, pause and resume, and what is true when it failed.

import { useState } from 'react';
import type { RotationTask } from '../../../src-shared/contract/encryption.ts';
import { failureWords } from '../../api/failures.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Outcome } from '../../ui/data/Outcome.tsx';
import { RelativeTime } from '../../ui/data/Time.tsx';
import { ProgressBar } from '../../ui/states/ProgressBar.tsx';
import css from './encryption.module.css';
import { encryption } from './encryption-state.ts';
import { taskTitle } from './key-words.ts';

interface RotationCardProps {
  readonly task: RotationTask;
  readonly rate: number | undefined;
  readonly maySteer: boolean;
}

export function RotationCard({ task, rate, maySteer }: RotationCardProps) {
  if (task.state === 'finished') {
    return (
      <p className="small muted">
        {taskTitle(task)} {task.finished_at !== null && <RelativeTime at={task.finished_at} />}.
      </p>
    );
  }
  return (
    <section className={css.task} aria-label="Rotation">
      {task.state === 'failed' ? <Failed task={task} /> : <Running task={task} rate={rate} maySteer={maySteer} />}
    </section>
  );
}

function Running({ task, rate, maySteer }: RotationCardProps) {
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const isPaused = task.state === 'paused';

  async function steer(): Promise<void> {
    setIsBusy(true);
    setProblem(undefined);
    try {
      await encryption.steer(isPaused ? 'resume' : 'pause');
    } catch (error) {
      setProblem(failureWords(error));
    } finally {
      setIsBusy(false);
    }
  }

  return (
    <>
      <ProgressBar
        label={taskTitle(task)}
        done={task.done}
        total={task.total}
        unit={task.unit}
        rate={isPaused ? undefined : rate}
        isPaused={isPaused}
        actions={
          // Copying the store is one piece: writes wait for it, so it is not made to wait itself.
          maySteer &&
          task.key === 'sealing' && (
            <Button size="small" isBusy={isBusy} onPress={steer}>
              {isPaused ? 'Resume' : 'Pause'}
            </Button>
          )
        }
      />
      {problem !== undefined && (
        <p className={css.problem} role="alert">
          {problem}
        </p>
      )}
    </>
  );
}

function Failed({ task }: { readonly task: RotationTask }) {
  return (
    <>
      <Outcome kind="bad">{taskTitle(task)}</Outcome>
      <p>{task.error}</p>
      <p className="small muted">
        The old version stays in use and everything it protects stays readable. Rotate again when the cause is gone.
      </p>
    </>
  );
}

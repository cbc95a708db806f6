// The rotation under way, as the status shows it: what it does, how far it is, paused or not. Told to whoever listens, but not at every step.
import type { RotatableKey, RotationTask } from '../../../../src-shared/contract/encryption.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { uuidV7 } from '../../../base/ids.ts';
import { instant } from '../../../base/instants.ts';
import type { Host } from '../../ports.ts';

const announceMs = 500;

/** The console is stopped or locked: whatever runs leaves its work to the next start. */
export class Stopped extends Error {}

export type Progress = Partial<Pick<RotationTask, 'phase' | 'done' | 'total' | 'unit'>>;

export type Tasks = Disposable & {
  shown(): RotationTask | null;
  busy(): boolean;
  /** @throws ProblemError encryption/busy */
  requireIdle(): void;
  /** Runs in the background; a failure is shown and logged. @param pausable waits in `turn` while paused */
  start(
    key: RotatableKey,
    unit: RotationTask['unit'],
    pausable: boolean,
    run: (task: RunningTask) => Promise<void>,
  ): void;
  pause(): void;
  resume(): void;
};

export type RunningTask = {
  progress(progress: Progress): void;
  /** Lets others run, and waits while paused. @throws Stopped */
  turn(): Promise<void>;
  readonly stopped: boolean;
};

export function createTasks(host: Host, announce: () => void): Tasks {
  let shown: RotationTask | null = null;
  let pausable = false;
  let stopped = false;
  let wake: (() => void) | undefined;
  let announcedAt = 0;

  function show(change: Partial<RotationTask>, always: boolean): void {
    if (shown === null) return;
    shown = { ...shown, ...change };
    const now = host.clock.now();
    if (!always && now - announcedAt < announceMs) return;
    announcedAt = now;
    announce();
  }

  const running: RunningTask = {
    progress: (progress) => show(progress, false),
    async turn() {
      await host.timers.breathe();
      while (shown?.state === 'paused' && !stopped) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (stopped) throw new Stopped('the console is stopping');
    },
    get stopped() {
      return stopped;
    },
  };

  const busy = (): boolean => shown?.state === 'running' || shown?.state === 'paused';

  return {
    shown: () => shown,
    busy,
    requireIdle() {
      if (busy())
        throw new ProblemError(
          'encryption/busy',
          `the rotation of the ${shown?.key} key is still under way; wait for it`,
        );
    },
    start(key, unit, mayPause, run) {
      const now = host.clock.now();
      pausable = mayPause;
      shown = {
        id: uuidV7(now, host.random.bytes(10)),
        key,
        state: 'running',
        phase: 'beginning',
        done: 0,
        total: 0,
        unit,
        started_at: instant(now),
        finished_at: null,
        error: null,
      };
      show({}, true);
      run(running).then(
        () => show({ state: 'finished', phase: 'done', finished_at: instant(host.clock.now()) }, true),
        (error: unknown) => {
          if (error instanceof Stopped || stopped) return;
          const why = error instanceof Error ? error.message : String(error);
          host.log.error('rotation failed', { key, error: why });
          show({ state: 'failed', error: why, finished_at: instant(host.clock.now()) }, true);
        },
      );
    },
    pause() {
      if (shown?.state !== 'running' || !pausable)
        throw new ProblemError(
          'encryption/task',
          shown?.state === 'running' ? 'this rotation can not be paused' : 'no rotation is running',
        );
      show({ state: 'paused' }, true);
    },
    resume() {
      if (shown?.state !== 'paused') throw new ProblemError('encryption/task', 'no rotation is paused');
      show({ state: 'running' }, true);
      wake?.();
    },
    [Symbol.dispose]() {
      stopped = true;
      wake?.();
    },
  };
}

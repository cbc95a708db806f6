// Events to the console, in batches, until they are acknowledged: what refuses for now is asked again, ever more patiently. One batch is
// under way at a time, so that nothing piles up in memory while the console is away.
import { setTimeout as wait } from 'node:timers/promises';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { type Client, Refused } from '../cli/client.ts';

export type WireEvent = Readonly<Record<string, unknown>>;
export type Results = Output<'events.ingest'>['results'];

/** Ended by the user while waiting. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

export type SenderParts = {
  readonly client: Client;
  readonly stop: AbortSignal;
  /** Once when it begins to wait, and once when it goes on. */
  say(line: string): void;
  readonly firstWaitMs?: number;
};

export type Sender = {
  /** Settles when the console has them. @throws Stopped, or what can't be helped by waiting. */
  send(events: readonly WireEvent[]): Promise<Results>;
};

const longestWaitMs = 60_000;
/** Answers that another try may change. */
const passing: ReadonlySet<string> = new Set([
  'limits/rate',
  'console/not-set-up',
  'console/stopping',
  'console/locked',
  'console/busy',
  'console/store-failed',
  'internal',
]);

export function createSender({ client, stop, say, firstWaitMs = 500 }: SenderParts): Sender {
  let waiting = false;

  async function send(events: readonly WireEvent[]): Promise<Results> {
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
      try {
        const { results } = await client.call('events.ingest', { events: [...events] });
        if (waiting) say('the console answers again');
        waiting = false;
        return results;
      } catch (error) {
        if (isTooLarge(error) && events.length > 1) return halves(events);
        if (!isPassing(error)) throw error;
        if (!waiting) say(`${error instanceof Error ? error.message : String(error)}; waiting, nothing is lost`);
        waiting = true;
      }
      if (stop.aborted) throw new Stopped();
      // Many of these may wait for one console; they must not all come back at once.
      const ms = waitMs * (0.5 + Math.random() / 2);
      await wait(ms, undefined, { signal: stop }).catch(() => {
        throw new Stopped();
      });
    }
  }

  async function halves(events: readonly WireEvent[]): Promise<Results> {
    const middle = Math.ceil(events.length / 2);
    const first = await send(events.slice(0, middle));
    return [...first, ...(await send(events.slice(middle)))];
  }

  return { send };
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Refused && error.problem.code === 'request/too-large';
}

function isPassing(error: unknown): boolean {
  if (error instanceof Refused) return passing.has(error.problem.code);
  // A wrong certificate stays wrong; everything else between here and there may pass: refused, reset, timed out, a proxy's own page.
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return error instanceof Error && error.name === 'CommandFailure' && !/CERT|SELF_SIGNED|UNABLE_TO/.test(code);
}

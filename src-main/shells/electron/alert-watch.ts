// Looks for new critical and high alerts while the console runs, window open or not, and counts the open ones for the tray. Asks the
// console as the system, since notices must come while the window is locked; what may be shown of it is decided in notifications.ts.

import type { OperationName } from '../../../src-shared/contract/contract.ts';
import type { Console } from '../../core/dispatch/arrival.ts';
import type { Clock, Log, Timers } from '../../core/ports.ts';
import type { AlertCounts } from './tray.ts';

export type NewAlert = {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly severity: 'critical' | 'high';
};

export type AlertWatchParts = {
  readonly console: Console;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly log: Log;
  readonly newTraceId: () => string;
  readonly raised: (alerts: readonly NewAlert[]) => void;
};

export type AlertWatch = Disposable & {
  /** Looks now, as an announcement says there may be something. */
  look(): Promise<void>;
  /** undefined while the console can't say. */
  counts(): Promise<AlertCounts | undefined>;
};

const lookMs = 10_000;
const mostAtOnce = 50;

type Row = NewAlert & { readonly raised_at: string };

export function startAlertWatch(parts: AlertWatchParts): AlertWatch {
  let since = new Date(parts.clock.now()).toISOString();
  let seen = new Set<string>();
  let looking: Promise<void> | undefined;

  async function ask(operation: OperationName, input: unknown): Promise<unknown> {
    const answer = await parts.console.dispatch({
      operation,
      via: 'system',
      origin: { ip: null, userAgent: null },
      credential: { kind: 'none' },
      input,
      traceId: parts.newTraceId(),
    });
    if (answer.kind === 'output') return answer.output;
    // Before set-up and while stopping there is nothing to watch.
    if (!answer.problem.code.startsWith('console/')) {
      parts.log.warn('alerts could not be read for notices', { code: answer.problem.code });
    }
    return undefined;
  }

  async function lookOnce(): Promise<void> {
    const output = await ask('alerts.list', {
      status: ['open'],
      severity: ['critical', 'high'],
      raised_since: since,
      sort: 'newest',
      limit: mostAtOnce,
    });
    const rows = (output as { items: readonly Row[] } | undefined)?.items ?? [];
    const fresh = rows.filter((row) => !seen.has(row.id));
    // The newest come first. Those of the same millisecond come again next time and are known then.
    since = rows[0]?.raised_at ?? since;
    if (rows.length > 0) seen = new Set(rows.map((row) => row.id));
    if (fresh.length > 0) parts.raised(fresh);
  }

  function look(): Promise<void> {
    looking ??= lookOnce()
      .catch((error: unknown) => parts.log.error('alerts could not be read for notices', { error: String(error) }))
      .finally(() => {
        looking = undefined;
      });
    return looking;
  }

  const timer = parts.timers.every(lookMs, () => void look());
  return {
    look,
    async counts() {
      const output = await ask('alerts.summary', {});
      if (output === undefined) return undefined;
      const { open, open_by_severity } = output as { open: number; open_by_severity: { critical?: number } };
      return { open, critical: open_by_severity.critical ?? 0 };
    },
    [Symbol.dispose]: () => timer[Symbol.dispose](),
  };
}

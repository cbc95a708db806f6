// Alerts made by number, always the same, and a console that holds them: enough of the alert operations to work the queue's store.

import type { call, subscribe } from '../../../src-renderer/api/client.ts';
import { ProblemFailure } from '../../../src-renderer/api/failures.ts';
import type { Announcement } from '../../../src-renderer/api/transport.ts';
import { severities } from '../../../src-renderer/ui/data/severity-levels.ts';
import type { AlertRow, AlertsChanged } from '../../../src-shared/contract/alerts.ts';

export const start = Date.UTC(2026, 10, 21, 12);

export function idOf(number: number): string {
  return `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
}

export function alertOf(number: number, changes: Partial<AlertRow> = {}): AlertRow {
  const at = new Date(start + number * 1000).toISOString();
  return {
    id: idOf(number),
    number,
    title: `${number} failed logins for alice from 203.0.113.7`,
    severity: severities[number % 5] ?? 'info',
    risk: (number * 37) % 101,
    status: 'open',
    verdict: null,
    assignee: null,
    count: 1 + (number % 7),
    suppressed: 0,
    entities: [{ kind: 'user', value: 'alice' }],
    techniques: ['T1110.001'],
    detector_id: 'failed_logins',
    origin: 'rule',
    first_seen_at: at,
    last_seen_at: at,
    raised_at: at,
    changed_at: at,
    due_at: new Date(start + number * 1000 + 3_600_000).toISOString(),
    revision: 1,
    ...changes,
  };
}

type Call = typeof call;
type Subscribe = typeof subscribe;

/** A console of alerts. `say` announces as the stream does; `calls` is what was asked, oldest first. */
export function createAlertConsole(rows: readonly AlertRow[]) {
  const held = new Map(rows.map((row) => [row.id, row]));
  const listeners = new Set<(announcement: Announcement) => void>();
  const calls: { readonly name: string; readonly input: Record<string, unknown> }[] = [];
  let failing: ProblemFailure | undefined;
  const refusals = new Map<string, string>();
  let changes = 0;

  const byRisk = (left: AlertRow, right: AlertRow) =>
    right.risk - left.risk || right.raised_at.localeCompare(left.raised_at) || right.number - left.number;

  function change(ids: readonly string[], to: Partial<AlertRow>): AlertsChanged {
    changes += 1;
    const refused = ids.flatMap((id) => {
      const reason = refusals.get(id);
      return reason === undefined ? [] : [{ id, reason }];
    });
    const changed = ids
      .filter((id) => !refusals.has(id))
      .map((id) => {
        const row = held.get(id);
        if (row === undefined) throw new Error(`no alert ${id}`);
        const next = { ...row, ...to, revision: row.revision + 1 };
        held.set(id, next);
        return next;
      });
    return { change_id: idOf(900_000 + changes), changed, refused };
  }

  function answer(name: string, input: Record<string, unknown>): unknown {
    const matching = [...held.values()].filter(
      (row) =>
        ((input.status as string[] | undefined) ?? ['open', 'acknowledged']).includes(row.status) &&
        row.raised_at >= ((input.raised_since as string | undefined) ?? ''),
    );
    switch (name) {
      case 'alerts.list': {
        const sorted = matching.sort(
          input.sort === 'newest' ? (left, right) => right.raised_at.localeCompare(left.raised_at) : byRisk,
        );
        const from = Number(input.cursor ?? 0);
        const to = from + Number(input.limit ?? 50);
        return { items: sorted.slice(from, to), next_cursor: to < sorted.length ? String(to) : null };
      }
      case 'alerts.summary':
        return { matching: matching.length, total_24h: held.size };
      case 'alerts.get':
        return { ...held.get(String(input.id)), sentence: '', activity: [] };
      case 'alerts.acknowledge':
        return change([String(input.id)], { status: 'acknowledged' });
      case 'alerts.close':
        return change([String(input.id)], { status: 'closed' });
      case 'alerts.acknowledge_many':
        return change(input.ids as string[], { status: 'acknowledged' });
      case 'alerts.close_many':
        return change(input.ids as string[], { status: 'closed' });
      case 'alerts.undo':
        return change(
          [...held.values()].filter((row) => row.revision > 1).map((row) => row.id),
          { status: 'open' },
        );
      default:
        throw new Error(`not asked for in these tests: ${name}`);
    }
  }

  return {
    calls,
    call: (async (name: string, input: Record<string, unknown>) => {
      calls.push({ name, input });
      if (failing !== undefined) throw failing;
      return answer(name, input);
    }) as unknown as Call,
    subscribe: ((_topics: unknown, listener: (announcement: Announcement) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    }) as unknown as Subscribe,
    put(row: AlertRow) {
      held.set(row.id, row);
    },
    refuse(id: string, reason: string) {
      refusals.set(id, reason);
    },
    fail(detail: string | undefined) {
      failing =
        detail === undefined
          ? undefined
          : new ProblemFailure({
              type: '',
              title: '',
              status: 503,
              code: 'console/store-failed',
              detail,
              error: detail,
            });
    },
    say(ref: string | null, revision: number) {
      for (const listener of listeners) listener({ topic: 'alerts.changed', ref, revision });
    },
  };
}

/** Timers that pass when told to. */
export function createTimers() {
  let waiting: (() => void)[] = [];
  return {
    later(run: () => void) {
      waiting.push(run);
      return () => {
        waiting = waiting.filter((each) => each !== run);
      };
    },
    async pass() {
      const due = waiting;
      waiting = [];
      for (const run of due) run();
      await settle();
    },
  };
}

/** Lets everything that only waits for promises happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

// Secrets for the stores under test, and a console that holds them: it lists, searches and answers as the contract says.

import { ProblemFailure } from '../../../src-renderer/api/failures.ts';
import type { Announcement } from '../../../src-renderer/api/transport.ts';
import { type ProblemCode, ProblemError, problemBody } from '../../../src-shared/contract/problems.ts';
import type { SecretDetail, SecretSummary } from '../../../src-shared/contract/secrets.ts';

export const start = Date.UTC(2026, 10, 21, 14, 0, 0);
const dayMs = 86_400_000;

export function at(days: number): string {
  return new Date(start + days * dayMs).toISOString();
}

export function secretOf(name: string, part: Partial<SecretSummary> = {}): SecretSummary {
  return {
    id: `id of ${name}`,
    name,
    type: 'password',
    description: '',
    owner: 'jonas.weber',
    tags: [],
    version: 1,
    created_at: at(-200),
    changed_at: at(-200),
    expires_at: null,
    rotation_days: null,
    rotation_due_at: null,
    state: 'current',
    limited: false,
    last_read_at: null,
    last_read_by: null,
    reads: 0,
    ...part,
  };
}

export function detailOf(summary: SecretSummary): SecretDetail {
  return {
    ...summary,
    parsed: null,
    field_names: ['value'],
    versions: [],
    recent_reads: [],
    consumers: [],
    grants: [],
  };
}

export function createVault(rows: readonly SecretSummary[]) {
  const held = new Map(rows.map((row) => [row.id, row]));
  const listeners = new Set<(announcement: Announcement) => void>();
  const asked: { readonly name: string; readonly input: Readonly<Record<string, unknown>> }[] = [];
  let failing: ProblemCode | undefined;

  function refuse(code: ProblemCode): never {
    throw new ProblemFailure(problemBody(new ProblemError(code, 'refused')));
  }

  function answer(name: string, input: Readonly<Record<string, unknown>>): unknown {
    switch (name) {
      case 'secrets.list': {
        const matching = [...held.values()]
          .filter((row) =>
            input.state === undefined ? row.state !== 'deleted' && row.state !== 'purged' : row.state === input.state,
          )
          .filter((row) => input.text === undefined || row.name.includes(String(input.text)))
          .sort((left, right) => (left.name < right.name ? -1 : 1));
        const from = Number(input.cursor ?? 0);
        const to = from + Number(input.limit ?? 50);
        return { items: matching.slice(from, to), next_cursor: to < matching.length ? String(to) : null };
      }
      case 'secrets.get': {
        const row = held.get(String(input.id));
        return row === undefined ? refuse('secrets/not-found') : detailOf(row);
      }
      default:
        throw new Error(`not asked for in these tests: ${name}`);
    }
  }

  return {
    asked,
    of: (name: string) => asked.filter((each) => each.name === name).map(({ input }) => input),
    call: (async (name: string, input: Readonly<Record<string, unknown>>, options: { signal?: AbortSignal } = {}) => {
      asked.push({ name, input });
      await Promise.resolve();
      options.signal?.throwIfAborted();
      if (failing !== undefined) refuse(failing);
      return answer(name, input);
    }) as never,
    subscribe: ((_topics: unknown, listener: (announcement: Announcement) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    }) as never,
    put: (row: SecretSummary) => void held.set(row.id, row),
    remove: (id: string) => void held.delete(id),
    fail(code: ProblemCode | undefined) {
      failing = code;
    },
    say(ref: string | null) {
      for (const tell of listeners) tell({ topic: 'secrets.changed', ref, revision: 1 });
    },
  };
}

/** Timers that run when told. */
export function createSteps() {
  let now = 0;
  let waiting: { readonly at: number; readonly run: () => void }[] = [];
  return {
    later(run: () => void, ms: number) {
      const entry = { at: now + ms, run };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((each) => each !== entry);
      };
    },
    now: () => start + now,
    async pass(ms: number) {
      now += ms;
      const due = waiting.filter((each) => each.at <= now);
      waiting = waiting.filter((each) => each.at > now);
      for (const { run } of due) run();
      await settled();
    },
    waiting: () => waiting.length,
  };
}

export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

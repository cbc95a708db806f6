// The queue's groups in the page: lines of the tree, paging, the cursor, what is renewed in place, and selection.

import { describe, expect, it } from 'vitest';
import { createGroupStore } from '../../../src-renderer/features/queue/group-store.ts';
import { linesOf, parentIndex } from '../../../src-renderer/features/queue/group-tree.ts';
import type { AlertGroup } from '../../../src-shared/contract/alert-groups.ts';
import { alertOf, settle } from './generated-alerts.ts';

const asOf = '2026-11-21T14:00:00.000Z';

function groupOf(key: string, count: number): AlertGroup {
  return {
    key: `user:${key}`,
    value: key,
    name: null,
    count,
    severities: { critical: 0, high: count, medium: 0, low: 0, info: 0 },
    statuses: { open: count, acknowledged: 0, closed: 0 },
    risk: 60,
    users: 1,
    ips: 1,
    first_seen_at: asOf,
    last_seen_at: asOf,
    due_at: asOf,
    clock_from_at: asOf,
  };
}

/** Answers as the service would: groups by name, each with its alerts, two a page. */
function serve(held: Map<string, number>) {
  const asked: { operation: string; input: Record<string, unknown> }[] = [];
  const call = async (operation: string, input: Record<string, unknown>) => {
    asked.push({ operation, input });
    await Promise.resolve();
    const from = Number(input.cursor ?? 0);
    if (operation === 'alerts.groups') {
      const items = [...held].map(([key, count]) => groupOf(key, count)).slice(from, from + 2);
      const matching = [...held.values()].reduce((sum, count) => sum + count, 0);
      const next_cursor = from + 2 < held.size ? String(from + 2) : null;
      return { items, next_cursor, groups: held.size, matching, memberships: matching, as_of: asOf };
    }
    const [within] = input.within as string[];
    const count = held.get(within?.slice('user:'.length) ?? '') ?? 0;
    const items = Array.from({ length: count }, (_, number) => alertOf(number)).slice(from, from + 2);
    return { items, next_cursor: from + 2 < count ? String(from + 2) : null };
  };
  return { asked, call: call as Parameters<typeof createGroupStore>[0]['call'] };
}

async function openGroups(
  held = new Map([
    ['ann', 3],
    ['bob', 1],
    ['cyd', 2],
  ]),
) {
  const service = serve(held);
  const groups = createGroupStore(service);
  await groups.read(['user'], { status: ['open'] }, true);
  const shown = () =>
    linesOf(groups.getState()).map((line) =>
      line.kind === 'group'
        ? `${line.group.value} ${line.group.count}`
        : line.kind === 'alert'
          ? `  ${line.row.number}`
          : `${'  '.repeat(line.depth)}+${line.left}`,
    );
  return { held, groups, shown, ...service };
}

describe('groups', () => {
  it('show what is loaded, and where more will be', async () => {
    const { groups, shown } = await openGroups();
    expect(shown()).toEqual(['ann 3', 'bob 1', '+1']);
    await groups.loadMore([]);
    expect(shown()).toEqual(['ann 3', 'bob 1', 'cyd 2']);
    await groups.toggle(['user:ann']);
    expect(shown()).toEqual(['ann 3', '  0', '  1', '  +1', 'bob 1', 'cyd 2']);
    await groups.loadMore(['user:ann']);
    expect(shown()).toEqual(['ann 3', '  0', '  1', '  2', 'bob 1', 'cyd 2']);
    expect(parentIndex(linesOf(groups.getState()), 2)).toBe(0);
    await groups.toggle(['user:ann']);
    expect(shown()).toEqual(['ann 3', 'bob 1', 'cyd 2']);
  });

  it('ask everything about the moment they were read', async () => {
    const { groups, asked } = await openGroups();
    await groups.toggle(['user:bob']);
    await groups.loadMore([]);
    expect(asked.map(({ input }) => input.raised_until)).toEqual([undefined, asOf, asOf]);
  });

  it('put whoever stood on the line of more on the first of what came', async () => {
    const { groups } = await openGroups();
    groups.moveCursor('[] more');
    await groups.loadMore([]);
    expect(groups.getState().cursorId).toBe('["user:cyd"]');
  });

  it('renew their figures in place, and an emptied one stays until they are read anew', async () => {
    const { groups, shown, held } = await openGroups(
      new Map([
        ['ann', 3],
        ['bob', 1],
      ]),
    );
    await groups.toggle(['user:ann']);
    held.set('ann', 5);
    held.delete('bob');
    await groups.refresh();
    expect(shown()).toEqual(['ann 5', '  0', '  1', '  +1', 'bob 0']);
    expect(groups.getState().matching).toBe(5);
    await groups.read(['user'], { status: ['open'] }, false);
    expect(shown()).toEqual(['ann 5', '  0', '  1', '  +3']);
  });

  it('select one group or some alerts, never both', async () => {
    const { groups } = await openGroups();
    await groups.toggle(['user:ann']);
    const row = alertOf(0);
    groups.select({ kind: 'alert', row });
    groups.select({ kind: 'group', id: '["user:bob"]' });
    expect(groups.getState()).toMatchObject({ selected: new Set(), selectedGroup: '["user:bob"]' });
    groups.select({ kind: 'alert', row });
    expect(groups.getState()).toMatchObject({ selected: new Set([row.id]), selectedGroup: undefined });
    groups.clearSelection();
    expect(groups.getState().selected.size).toBe(0);
    await settle();
  });
});

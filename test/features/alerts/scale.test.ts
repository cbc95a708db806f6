// What the queue's statements cost, told by their plans: which index each walks, whatever the machine is doing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Principal } from '../../../src-main/core/dispatch/principal.ts';
import { parseFilter } from '../../../src-main/core/features/alerts/filter.ts';
import { countStatement, pageStatement, type Statement } from '../../../src-main/core/features/alerts/queue-table.ts';
import { type AlertsConsole, createAlertsConsole } from './alerts-console.ts';
import { fill, filters, total } from './many-alerts.ts';

const admin = 'admin:ada';
const anybody: Principal = { kind: 'system', workspace: 'default', name: 'system' };

describe('with 100,000 alerts', () => {
  let console: AlertsConsole;

  beforeAll(() => {
    console = createAlertsConsole();
    fill(console);
  }, 60_000);

  afterAll(() => console[Symbol.dispose]());

  function planOf(statement: Statement): string[] {
    return console.store.read('default', (tx) =>
      tx.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${statement.sql}`, statement.parameters).map((row) => row.detail),
    );
  }

  it.each(filters)('every statement for %j walks its index, reads no table row by row and sorts nothing', (input) => {
    const filter = parseFilter(input, anybody);
    const after = { risk: 50, raisedAt: 1, number: 2 };
    const statements = [
      countStatement(filter),
      pageStatement(filter, 'risk', undefined, 51),
      pageStatement(filter, 'risk', after, 51),
      pageStatement(filter, 'newest', undefined, 51),
      pageStatement(filter, 'newest', after, 51),
    ];
    for (const statement of statements) {
      const plan = planOf(statement);
      expect(plan[0]).toMatch(/^SEARCH a USING (COVERING )?INDEX alert_(active_)?by_(risk|time) \(workspace=\?/);
      expect(plan.filter((line) => line.includes('TEMP B-TREE'))).toEqual([]);
      // Words are looked for by reading all of them: alert_words is narrow for that.
      expect(plan.filter((line) => /^SCAN (?!json_each|w$|x VIRTUAL)/.test(line))).toEqual([]);
    }
    expect(planOf(countStatement(filter))[0]).toContain('COVERING INDEX');
  });

  it('the summary counts all of them, and one alert is found among them', async () => {
    const answer = await console.call(admin, 'alerts.summary', {});
    expect(answer).toMatchObject({ total_24h: total, matching: 90_000, open: 80_001, acknowledged: 9_999 });
    const id = '0197b000-0000-7000-8000-000000050000';
    expect((await console.call(admin, 'alerts.get', { id })).number).toBe(50_000);
  });

  it('no statement of any operation reads more of the tables than it needs', async () => {
    console.statements.clear();
    const ids = [50_001, 50_002].map((number) => `0197b000-0000-7000-8000-0000000${number}`);
    const id = ids[0]!;
    await console.call(admin, 'alerts.close_many', { ids, verdict: 'duplicate', note: 'of another' });
    const { change_id } = await console.call(admin, 'alerts.reopen', { id, reason: 'no' });
    await console.call(admin, 'alerts.undo', { change_id });
    await console.call(admin, 'alerts.note', { id, note: 'x' });
    await console.call(admin, 'alerts.summary', {});
    await console.call(admin, 'alerts.get', { id });
    console.raise({ dedupKey: 'late' });
    console.raise({ dedupKey: 'late' });
    expect(console.statements.size).toBeGreaterThan(25);
    const wide: string[] = [];
    for (const [sql, parameters] of console.statements) {
      for (const line of planOf({ sql, parameters })) {
        const walksTable = /^SCAN (?!json_each|wanted|shared|\(subquery)/.test(line) && line !== 'SCAN CONSTANT ROW';
        const walksWorkspace = /^SEARCH \S+ USING .*\(workspace=\?\)$/.test(line);
        if (walksTable || walksWorkspace) wide.push(/alert_\w+/.exec(line)?.[0] ?? line);
      }
    }
    // The counts by status, and the highest number, which is the end of its index.
    expect(new Set(wide)).toEqual(new Set(['alert_active_by_status', 'alert_by_number']));
  });
});

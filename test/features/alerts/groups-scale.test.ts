// Groups of 100,000 alerts: what the slices add up to against one statement over all of them, and what each statement costs, told by its plan.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Principal } from '../../../src-main/core/dispatch/principal.ts';
import { parseFilter } from '../../../src-main/core/features/alerts/filter.ts';
import {
  namesStatement,
  partsStatement,
  sliceEndStatement,
} from '../../../src-main/core/features/alerts/groups-table.ts';
import { countStatement, pageStatement, type Statement } from '../../../src-main/core/features/alerts/queue-table.ts';
import { groupFields } from '../../../src-shared/alert-words.ts';
import { type AlertsConsole, createAlertsConsole } from './alerts-console.ts';
import { fill, filters } from './many-alerts.ts';

const admin = 'admin:ada';
const anybody: Principal = { kind: 'system', workspace: 'default', name: 'system' };
const slice = { after: { raisedAt: 2, number: 2 }, end: { raisedAt: 1, number: 1 } };

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

  type Row = { value: string; risk: number; status: string; severity: string; ip: string };

  it.each([
    ['detector', 'a.detector_id'],
    ['user', 'u.value'],
  ] as const)('groups by %s are what one statement over all of them finds', async (by, value) => {
    const rows = console.store.read('default', (tx) =>
      tx.all<Row>(
        `SELECT ${value} AS value, a.risk, a.status, a.severity, i.value AS ip FROM alert AS a
          JOIN alert_entity AS u ON u.alert = a.key AND u.kind = 'user' AND u.workspace = :workspace
          JOIN alert_entity AS i ON i.alert = a.key AND i.kind = 'ip' AND i.workspace = :workspace
          WHERE a.workspace = :workspace AND a.status <> 'closed'`,
      ),
    );
    const expected = new Map<
      string,
      { count: number; risk: number; open: number; critical: number; ips: Set<string> }
    >();
    for (const row of rows) {
      const group = expected.get(row.value) ?? { count: 0, risk: 0, open: 0, critical: 0, ips: new Set() };
      group.count += 1;
      group.risk = Math.max(group.risk, row.risk);
      if (row.status === 'open') group.open += 1;
      if (row.severity === 'critical') group.critical += 1;
      group.ips.add(row.ip);
      expected.set(row.value, group);
    }
    const seen = new Map<string | null, object>();
    let cursor: string | undefined;
    do {
      const page = await console.call(admin, 'alerts.groups', {
        by,
        limit: 500,
        ...(cursor === undefined ? {} : { cursor }),
      });
      expect([page.groups, page.matching]).toEqual([expected.size, rows.length]);
      for (const { value: name, count, risk, statuses, severities, ips } of page.items) {
        expect(seen.has(name)).toBe(false);
        seen.set(name, { count, risk, open: statuses.open, critical: severities.critical, ips });
      }
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(new Map([...expected].map(([name, group]) => [name, { ...group, ips: group.ips.size }])));
  });

  it.each(filters)(
    'every statement for the groups of %j walks its slice in two indexes that hold all it asks for',
    (input) => {
      for (const by of groupFields) {
        const filter = parseFilter({ ...input, within: ['host', 'user:alice'] }, anybody);
        const plans = [partsStatement(filter, by, slice), namesStatement(filter, by, slice, ['a', null])].map(planOf);
        for (const plan of plans) {
          expect(plan[0]).toMatch(
            /^SEARCH a USING COVERING INDEX alert_by_time \(workspace=\? AND \(raised_at,number\)>\(\?,\?\) AND/,
          );
          expect(plan.filter((line) => /^SCAN (?!json_each|wanted|x VIRTUAL)/.test(line))).toEqual([]);
        }
      }
      const [end] = planOf(sliceEndStatement(slice.after, 1, 2_000));
      expect(end).toMatch(/^SEARCH a USING COVERING INDEX alert_by_time \(workspace=\? AND \(raised_at,number\)>/);
    },
  );

  it('lists the alerts of a group without reading those of others', () => {
    for (const within of [['user:user-77'], ['host'], ['user:user-77', 'ip:10.0.0.77', 'host']]) {
      const filter = parseFilter({ within }, anybody);
      for (const statement of [countStatement(filter), pageStatement(filter, 'risk', undefined, 51)]) {
        const plan = planOf(statement);
        expect(plan[0]).toMatch(/^SEARCH a USING (COVERING )?INDEX alert_active_by_risk/);
        expect(plan.filter((line) => line.includes('TEMP B-TREE') || /^SCAN (?!json_each)/.test(line))).toEqual([]);
      }
    }
  });
});

// How the log is looked through: a window and a page cost what they hold, however long the log is.
import { expect, test } from 'vitest';
import type { Database } from '../../../src-main/core/ports.ts';
import { createTestConsole } from '../../support/console.ts';

test('pages of the log and windows of an export are found by sequence, without sorting', async () => {
  const asked = new Map<string, Record<string, unknown>>();
  let database: Database | undefined;
  await using console = await createTestConsole({
    wrapDatabase(opened) {
      database = opened;
      const note = (sql: string, parameters: object = {}): void => {
        if (/FROM audit_body WHERE/.test(sql)) asked.set(sql, { ...parameters });
      };
      return {
        ...opened,
        get inTransaction() {
          return opened.inTransaction;
        },
        get(sql, parameters) {
          note(sql, parameters);
          return opened.get(sql, parameters);
        },
        all(sql, parameters) {
          note(sql, parameters);
          return opened.all(sql, parameters);
        },
      };
    },
  });
  const { session } = await console.signIn();
  const since = '2026-01-01T00:00:00Z';
  const filters = [
    {},
    { since },
    { success: true },
    { session_id: 'x' },
    { actor: 'mira' },
    { event_type: 'login' },
    { framework: 'soc2', control: 'CC6.1' },
    { framework: 'soc2', control: 'CC6.1', actor: 'mira' },
  ];
  for (const filter of filters) {
    await console.call('audit.entries', filter, session);
    await console.call('audit.export', filter, session).catch(() => undefined);
  }
  expect(asked.size).toBeGreaterThan(2 * filters.length);
  for (const [sql, parameters] of asked) {
    const plan = database?.all(`EXPLAIN QUERY PLAN ${sql}`, parameters as Record<string, string>) ?? [];
    const words = plan.map(({ detail }) => String(detail)).join('; ');
    expect(words, sql).toMatch(/INTEGER PRIMARY KEY|^SCAN audit_body$|audit_body_by_(type|actor) /);
    expect(words, sql).not.toContain('TEMP B-TREE');
    expect(words, sql).not.toContain('sqlite_autoindex');
  }
});

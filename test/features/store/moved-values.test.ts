// Sealed values that somebody who has the page key moved between rows: they don't open there, and the answer and the log say so.
import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createTestConsole } from '../../support/console.ts';
import { temporaryFolder } from '../../support/stores.ts';
import { openStoreOf } from '../audit/open-store.ts';
import { consoleKey } from './populated.ts';

const columns = [
  ['values of two secrets', 'secret_version', 'secret_id', 'sealed'],
  ['keys of two secrets', 'subject_key', 'subject', 'sealed_key'],
] as const;

test.each(columns)('%s', async (_what, table, key, column) => {
  const folder = temporaryFolder();
  const first = await createTestConsole({ folder });
  const { session } = await first.signIn();
  for (const name of ['one', 'two']) {
    await first.call('secrets.create', { name, type: 'password', value: `value of ${name}` }, session);
    expect(await first.call('secrets.reveal', { name }, session)).toMatchObject({ value: `value of ${name}` });
  }
  await first[Symbol.asyncDispose]();
  {
    using store = openStoreOf(folder, consoleKey);
    const rows = store.all(`SELECT ${key} AS row, ${column} AS value FROM ${table} ORDER BY ${key}`);
    const next = rows.map(({ row }, index) => ({
      row: row ?? null,
      value: rows[(index + 1) % rows.length]?.value ?? null,
    }));
    for (const moved of next) store.run(`UPDATE ${table} SET ${column} = :value WHERE ${key} = :row`, moved);
  }
  const second = await createTestConsole({ folder, host: first.host });
  for (const name of ['one', 'two']) {
    expect(await second.send('secrets.reveal', { name }, session)).toMatchObject({
      problem: {
        code: 'console/store-failed',
        detail: 'the store is damaged: stop the console and put back your last good backup',
      },
    });
  }
  const reasons = second.host.logged
    .filter(({ event }) => event === 'internal error')
    .map(({ fields }) => fields?.error);
  expect(reasons).toHaveLength(2);
  for (const reason of reasons)
    expect(reason).toMatch(/^DamagedStore: the sealed value of \S+ was changed, or moved there from another row$/);
  await second[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

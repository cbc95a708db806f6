// A store that can't be written: the caller is told so, the process goes on, and nothing was half done.
import { expect, test } from 'vitest';
import { createTestConsole } from '../../support/console.ts';
import { openStoreOf } from '../audit/open-store.ts';

test('while the store is locked, calls are refused and timers only report; afterwards all goes on', {
  timeout: 60_000,
}, async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const before = await console.call('keys.list', {}, session);
  {
    using other = openStoreOf(console.folder, new Uint8Array(32).fill(5));
    other.run('BEGIN IMMEDIATE');
    const refused = await console.send('keys.create', { name: 'x', scopes: ['events.read'] }, session);
    expect(refused).toMatchObject({
      problem: {
        code: 'console/store-failed',
        status: 503,
        detail: 'the store could not be written; check disk space and permissions',
      },
    });
    console.host.advance(5_000);
    expect(console.host.logged).toContainEqual({
      level: 'error',
      event: 'last uses could not be written',
      fields: { error: expect.stringContaining('locked') as string },
    });
    other.run('ROLLBACK');
  }
  expect(await console.call('keys.list', {}, session)).toEqual(before);
  await console.createKey(['events.read'], session);
  console.host.advance(5_000);
});

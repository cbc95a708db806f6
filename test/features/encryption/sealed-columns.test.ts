// No column of sealed values may be missing from the declarations that re-sealing goes by: its values would be lost with the old key.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSqlite } from '../../../src-main/adapters/sqlite/database.ts';
import { openKeyRing } from '../../../src-main/core/features/keys/key-ring.ts';
import { sourceFiles } from '../../architecture/source.ts';
import { createTestConsole } from '../../support/console.ts';
import { environmentKey, finished, keyFileOf } from './encryption-console.ts';

/** Columns of all tables in which every value begins with one of these bytes: where values are sealed, that is the key's version. */
function columnsBeginningWith(folder: string, pageKey: Uint8Array, version: number): string[] {
  const database = openSqlite(join(folder, 'store.db'), pageKey);
  try {
    const tables = database.all(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite_%'",
    );
    return tables.flatMap(({ name: table }) =>
      database
        .all(`SELECT name FROM pragma_table_info('${String(table)}') WHERE type = 'BLOB'`)
        .flatMap(({ name: column }) => {
          const where = `${String(column)} IS NOT NULL`;
          const { total } = database.get(`SELECT count(*) AS total FROM ${String(table)} WHERE ${where}`) ?? {};
          const { alike } =
            database.get(
              `SELECT count(*) AS alike FROM ${String(table)} WHERE ${where} AND hex(substr(${String(column)}, 1, 1)) = printf('%02X', ${version})`,
            ) ?? {};
          return Number(total) > 0 && total === alike ? [`${String(table)}.${String(column)}`] : [];
        }),
    );
  } finally {
    database.close();
  }
}

test('after a rotation no column holds values of the old key, and there were some in every table that is known to seal', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const rotate = async (): Promise<void> => {
    await console.call('encryption.rotate', { key: 'sealing' }, session);
    expect(await finished(console, session)).toMatchObject({ state: 'finished' });
  };
  await rotate();
  await rotate();
  console.core.saveCertificates({ caCertificate: 'a', caKey: 'b', serverCertificate: 'c', serverKey: 'd' });
  for (const name of ['first', 'second']) {
    await console.core.dispatch({
      operation: 'keys.create',
      via: 'https',
      origin: { ip: '192.0.2.10', userAgent: null },
      credential: session,
      input: { name, scopes: ['*.read'], event_signing: 'optional' },
      idempotencyKey: name,
      traceId: '0'.repeat(32),
    });
    await console.call('secrets.create', { name, type: 'note', value: 'kept' }, session);
  }
  const { folder, core } = console;
  const pageKey = openKeyRing(keyFileOf(console), environmentKey, {
    bytes: (length) => new Uint8Array(length),
  }).pageKey();
  const sealed = [
    'access_key.sealed_event_secret',
    'access_recovery.sealed_key',
    'access_totp.sealed_secret',
    'certificate.sealed_key',
    'idempotency.answer',
    'idempotency.request',
    'subject_key.sealed_key',
  ];
  expect(columnsBeginningWith(folder, pageKey, 3).sort()).toEqual(expect.arrayContaining(sealed));
  await rotate();
  await core.stop();
  expect(columnsBeginningWith(folder, pageKey, 3)).toEqual([]);
  expect(columnsBeginningWith(folder, pageKey, 4).sort()).toEqual(expect.arrayContaining(sealed));
});

test('a feature that seals declares its columns', () => {
  const files = sourceFiles('src-main/core/features').filter((file) => !file.path.includes('/features/encryption/'));
  const featureOf = (path: string): string => path.split('/')[3] ?? '';
  const sealing = new Set(
    files.filter((file) => /\bsealer\.seal\(/.test(file.text)).map((file) => featureOf(file.path)),
  );
  const declaring = new Set(
    files.filter((file) => /\bsealed(:|,|Factors)/.test(file.text)).map((file) => featureOf(file.path)),
  );
  expect(sealing.size).toBeGreaterThan(2);
  expect([...sealing].filter((feature) => !declaring.has(feature))).toEqual([]);
});

// A new machine: set-up from a backup, with nothing but the recovery key or the backup's passphrase.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { adminPassword, createTestConsole, Refusal, type TestConsole } from '../../support/console.ts';
import { createTestHost } from '../../support/host.ts';

const passphrase = 'correct horse battery';
const chunk = 100_000;

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'no refusal';
  } catch (error) {
    if (error instanceof Refusal) return error.problem.code;
    throw error;
  }
}

/** A console with a backup of it, as bytes, and what opens it. */
async function backedUp() {
  await using console = await createTestConsole();
  const { session, secret } = await console.signIn();
  const { recovery_key: recoveryKey } = await console.call('encryption.recovery_key', {}, session);
  await console.call('backups.create', { passphrase }, session);
  const path = (await console.call('backups.list', {}, session)).items[0]?.path ?? '';
  const { verifier_key: verifierKey } = await console.call('audit.public_key', {}, session);
  return { bytes: new Uint8Array(readFileSync(path)), recoveryKey, secret, verifierKey, at: console.host.clock.now() };
}

async function claim(console: TestConsole): Promise<Credential> {
  const { token } = await console.call('setup.claim', { token: console.core.issueSetupToken() });
  return { kind: 'token', token: token ?? '', from: 'bearer' };
}

async function upload(console: TestConsole, as: Credential, bytes: Uint8Array): Promise<string> {
  const { id } = await console.call('setup.restore_begin', { name: 'a.ghbackup', size_bytes: bytes.byteLength }, as);
  for (let offset = 0; offset < bytes.byteLength; offset += chunk) {
    const data = new Uint8Array(bytes.subarray(offset, offset + chunk));
    const { received_bytes: received } = await console.call('setup.restore_chunk', { id, offset, data }, as);
    expect(received).toBe(offset + data.byteLength);
  }
  return id;
}

test('the recovery key alone brings the console back: it is set up, asks to sign in, and all sealed values open', async () => {
  const made = await backedUp();
  await using console = await createTestConsole({
    bare: true,
    host: createTestHost(made.at + 60_000, 'another machine'),
  });
  const holder = await claim(console);
  const id = await upload(console, holder, made.bytes);
  expect(await console.call('setup.restore_inspect', { upload_id: id }, holder)).toMatchObject({
    console_name: 'Gatehouse',
    size_bytes: made.bytes.byteLength,
    encrypted: true,
    signer: { verifier_key: made.verifierKey },
    opens_with: ['recovery_key', 'passphrase'],
  });
  const restored = await console.call(
    'setup.restore',
    { upload_id: id, recovery_key: made.recoveryKey, protection: 'passphrase', new_passphrase: 'another passphrase' },
    holder,
  );
  expect(restored).toMatchObject({
    state: { phase: 'done' },
    verification: { passed: true },
    recovery_key_works: true,
  });
  // The claim is over.
  expect(await codeOf(console.call('setup.options', {}, holder))).toBe('access/unauthenticated');
  const first = await console.call('auth.login', { username: 'mira', password: adminPassword });
  if (!('mfa_required' in first)) throw new Error('expected to be asked for the second factor');
  const done = await console.call('auth.mfa_verify', { token: first.token, code: console.code(made.secret) });
  if (!('user' in done) || done.token === undefined) throw new Error('expected a session');
  const session: Credential = { kind: 'token', token: done.token, from: 'bearer' };
  const { items } = await console.call('audit.entries', { event_type: 'backup_restore' }, session);
  expect(items).toMatchObject([{ success: true, details: { protection: 'passphrase' } }]);
  expect(await console.call('encryption.status', {}, session)).toMatchObject({ protection: 'passphrase' });
  // Nothing of the way stays behind.
  expect(readdirSync(console.folder).filter((name) => /^(incoming|replaced|restore)/.test(name))).toEqual([]);
});

test('the passphrase of the backup does so too, and the key may then come from the environment', async () => {
  const made = await backedUp();
  await using console = await createTestConsole({
    bare: true,
    host: createTestHost(made.at + 60_000, 'another machine'),
  });
  const holder = await claim(console);
  const upload_id = await upload(console, holder, made.bytes);
  const restored = await console.call('setup.restore', { upload_id, passphrase, protection: 'environment' }, holder);
  expect(restored.verification.passed).toBe(true);
  const host = createTestHost(made.at + 120_000, 'the next start');
  await console.core.stop();
  await using again = await createTestConsole({ folder: console.folder, host });
  expect(again.core.setupFinished()).toBe(true);
});

test('what does not open it or is no backup is refused, each with its own reason, and nothing is made', async () => {
  const made = await backedUp();
  await using console = await createTestConsole({ bare: true, host: createTestHost(made.at, 'another machine') });
  const holder = await claim(console);
  const upload_id = await upload(console, holder, made.bytes);
  const protection = 'environment';
  const mistyped = made.recoveryKey.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  expect(
    await codeOf(console.call('setup.restore', { upload_id, passphrase: 'wrong passphrase', protection }, holder)),
  ).toBe('backups/key');
  expect(await codeOf(console.call('setup.restore', { upload_id, recovery_key: mistyped, protection }, holder))).toBe(
    'request/invalid',
  );
  expect(await codeOf(console.call('setup.restore', { upload_id, protection }, holder))).toBe('request/invalid');
  expect(await codeOf(console.call('setup.restore', { protection, passphrase }, holder))).toBe('request/invalid');
  expect(await codeOf(console.call('setup.restore', { upload_id, passphrase, protection: 'keychain' }, holder))).toBe(
    'encryption/protection',
  );
  expect(
    await codeOf(
      console.call(
        'setup.restore',
        { upload_id, passphrase, protection: 'passphrase', new_passphrase: 'x'.repeat(11) },
        holder,
      ),
    ),
  ).toBe('request/invalid');
  expect(await codeOf(console.call('setup.restore_inspect', { path: '/nowhere/at-all.ghbackup' }, holder))).toBe(
    'backups/not-found',
  );
  expect(await codeOf(console.call('setup.restore_inspect', { path: '/etc/hostname' }, holder))).toBe(
    'backups/damaged',
  );
  const damaged = made.bytes.slice();
  damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 1;
  const bad = await upload(console, holder, damaged);
  expect(await codeOf(console.call('setup.restore', { upload_id: bad, passphrase, protection }, holder))).toBe(
    'backups/damaged',
  );
  expect(console.core.exists()).toBe(false);
  expect(await codeOf(console.call('setup.restore_inspect', { upload_id }))).toBe('access/unauthenticated');
});

test('chunks must follow one another; one that is sent twice is in once', async () => {
  await using console = await createTestConsole({ bare: true });
  const holder = await claim(console);
  const { id } = await console.call('setup.restore_begin', { name: 'a.ghbackup', size_bytes: 1_000 }, holder);
  const send = (offset: number, length: number) =>
    console.call('setup.restore_chunk', { id, offset, data: new Uint8Array(length).fill(1) }, holder);
  expect(await codeOf(send(10, 10))).toBe('backups/upload');
  expect(await send(0, 400)).toEqual({ received_bytes: 400 });
  expect(await send(0, 400)).toEqual({ received_bytes: 400 });
  expect(await codeOf(send(400, 601))).toBe('backups/upload');
  expect(await codeOf(send(300, 400))).toBe('backups/upload');
  expect(await codeOf(console.call('setup.restore_inspect', { upload_id: id }, holder))).toBe('backups/upload');
  expect(await send(400, 600)).toEqual({ received_bytes: 1_000 });
  expect(await codeOf(console.call('setup.restore_inspect', { upload_id: id }, holder))).toBe('backups/damaged');
});

test('a console that is there already is not restored over by whoever holds the claim', async () => {
  await using console = await createTestConsole({ bare: true });
  const holder = await claim(console);
  await console.call('setup.keys', { protection: 'environment' }, holder);
  expect(await codeOf(console.call('setup.restore_begin', { name: 'a', size_bytes: 10 }, holder))).toBe('setup/order');
  expect(
    await codeOf(console.call('setup.restore', { path: '/x', passphrase, protection: 'environment' }, holder)),
  ).toBe('setup/order');
});

// What is recorded: every operation that declares an entry leaves exactly one, in the transaction of its change, and none when it was
// refused before anything could happen.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { sha256Hex } from '../../../src-main/base/hashes.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { declarationOf, type OperationName, operationNames } from '../../../src-shared/contract/contract.ts';
import { checkedFile } from '../../../src-shared/evidence/receipt.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { adminPassword, createTestConsole, type TestConsole } from '../../support/console.ts';
import { SampleLog } from '../../unit/evidence/sample-log.ts';

const declared = operationNames.filter((name) => typeof declarationOf(name).audit === 'string');

type Entry = { event_type: string; action: string; success: boolean; seq: number };

/** Sends with a trace of its own. @returns the answer's output and the entries that carry the trace. */
async function traced(
  console: TestConsole,
  reader: Credential,
  operation: OperationName,
  input: unknown,
  credential: Credential = { kind: 'none' },
): Promise<{ output: Record<string, unknown>; code: string | undefined; entries: Entry[] }> {
  const traceId = randomUUID().replaceAll('-', '');
  const answer = await console.core.dispatch({
    operation,
    via: 'https',
    origin: { ip: '192.0.2.10', userAgent: 'test' },
    credential,
    input,
    traceId,
  });
  const { items } = await console.call('audit.entries', { limit: 500 }, reader);
  return {
    output: (answer.kind === 'output' ? answer.output : {}) as Record<string, unknown>,
    code: answer.kind === 'problem' ? answer.problem.code : undefined,
    entries: items
      .filter((entry) => entry.trace_id === traceId)
      .map(({ event_type, action, success, seq }) => ({ event_type, action, success, seq })),
  };
}

async function raiseAlert(console: TestConsole, session: Credential, address: string): Promise<string> {
  const events = Array.from({ length: 12 }, (_, index) => ({
    id: randomUUID(),
    time: new Date(console.host.clock.now() - index * 1_000).toISOString(),
    source: 'sso',
    event_type: 'login',
    actor: `user-of-${address}`,
    success: false,
    ip_address: address,
  }));
  await console.call('events.ingest', { events }, session);
  const { items } = await console.call('alerts.list', { ip: address }, session);
  if (items[0] === undefined) throw new Error('expected an alert');
  return items[0].id;
}

test('every operation that declares an entry leaves exactly one', { timeout: 60_000 }, async () => {
  await using console = await createTestConsole();
  const { session, secret } = await console.signIn();
  const reader = await console.createKey(['audit.read'], session);
  const seen = new Set<string>();

  async function once(operation: OperationName, input: unknown, credential?: Credential) {
    const { output, code, entries } = await traced(console, reader, operation, input, credential);
    expect(code, operation).toBeUndefined();
    const type = declarationOf(operation).audit;
    expect(entries, operation).toEqual([
      { event_type: type, action: operation, success: true, seq: expect.any(Number) as number },
    ]);
    seen.add(operation);
    return output;
  }
  const later = (): void => console.host.advance(31_000);

  async function useVault(): Promise<void> {
    const { id } = await once('secrets.create', { name: 'db/password', value: 'first value' }, session);
    await once('secrets.reveal', { name: 'db/password' }, session);
    await once('secrets.update', { id, owner: 'mira' }, session);
    await once('secrets.rotate', { id, value: 'second value' }, session);
    await once('secrets.set_grants', { id, grants: [] }, session);
    await once('secrets.delete', { id }, session);
    await once('secrets.restore', { id }, session);
    await console.call('secrets.delete', { id: String(id) }, session);
    await once('secrets.purge', { id, name: 'db/password' }, session);
    const { id: hold } = await once('retention.hold', { label: 'case 7' }, session);
    await once('retention.release', { id: hold }, session);
    await once('subjects.access', { subject_id: 'customer 1', reason: 'asked for by letter' }, session);
    await once('subjects.erase', { subject_id: 'customer 1', reason: 'article 17' }, session);
    await once('secrets.import', { format: 'env', content: 'TOKEN=abc\n' }, session);
  }

  async function useRules(): Promise<void> {
    const source = [
      'title: Large orders',
      'id: 5b1f2a52-6f5e-4c37-a1c4-0e2f5d8c9a01',
      'logsource: {product: gatehouse}',
      'detection: {selection: {event_type: order}, condition: selection}',
      'level: low',
      '',
    ].join('\n');
    const { id } = await once('rules.create', { source, state: 'simulated' }, session);
    await once('rules.update', { id, severity: 'high' }, session);
    const exception = await once(
      'exceptions.create',
      {
        rule: id,
        conditions: [{ field: 'actor', value: 'shop' }],
        reason: 'known',
        expires_at: new Date(console.host.clock.now() + 3_600_000).toISOString(),
      },
      session,
    );
    const expires_at = new Date(console.host.clock.now() + 7_200_000).toISOString();
    await once('exceptions.extend', { id: exception.id, expires_at, reason: 'still known' }, session);
    await once('exceptions.transfer', { id: exception.id, owner: 'the shop' }, session);
    await once('exceptions.delete', { id: exception.id }, session);
    await once('rules.delete', { id }, session);
    const begun = await console.call('packs.begin', { pack: 'shop', name: 'Shop' }, session);
    await console.call('packs.append', { id: begun.id, files: [{ path: 'orders.yml', text: source }] }, session);
    await once('packs.finish', { id: begun.id, write: true }, session);
    await once('packs.export', { id: 'shop' }, session);
    await once('packs.update', { id: 'shop', state: 'off' }, session);
    await once('packs.delete', { id: 'shop' }, session);
    const text = 'logsources: {orders: {product: shop, conditions: {source: shop}}}';
    await once('mappings.set', { text }, session);
    await once('mappings.remove', {}, session);
  }

  async function useVerifier(): Promise<void> {
    const { verifier_key } = await console.call('audit.public_key', {}, session);
    const { id } = await once('bundles.pin', { verifier_key, note: 'compared by phone' }, session);
    await once('bundles.unpin', { id }, session);
    const bundle = new SampleLog(5).bundle(2, 4);
    const file = { name: 'a.ghbundle', sha256: sha256Hex(bundle), size: bundle.length };
    const trusted = { authorities: [], checkpoints: [], keys: [], witnesses: [] };
    const checked = checkedFile(file, verifyBundle(nodePrimitives, bundle, { trustedKeys: [] }), trusted);
    await once('bundles.receipt', { ...checked, program: 'test' }, session);
  }

  async function useAlertFiles(): Promise<void> {
    const found = { rule_id: 'r1', title: 'Found', level: 'high', tags: [], file: 'a.log', record: 0, time: null };
    const findings = [{ ...found, event: { EventID: 1 } }];
    // The alert that it raises has an entry of its own.
    await traced(console, reader, 'alerts.load', { findings }, session);
    await once('alerts.load', { findings }, session);
    await once('alerts.export', { format: 'jsonl' }, session);
  }

  async function useSearches(): Promise<void> {
    const { id } = await once('searches.save', { name: 'failures', query: 'success:false', shared: false }, session);
    await once('searches.delete', { id }, session);
    await once('events.export', { format: 'jsonl' }, session);
  }

  async function useBackups(): Promise<void> {
    const { backup_id: id } = await once('backups.create', {}, session);
    await once('backups.verify', { id }, session);
    await once('backups.delete', { id }, session);
    const { next_at: _, encryption_required: __, ...schedule } = await console.call('backups.schedule', {}, session);
    await once('backups.set_schedule', { ...schedule, keep_daily: 3 }, session);
  }

  const key = await once('keys.create', { name: 'a', scopes: ['events.read'] }, session);
  await once('keys.revoke', { id: key.id }, session);
  later();
  await once('auth.step_up', { code: console.code(secret) }, session);
  await once('audit.export', { reason: 'test' }, session);
  await useVault();
  await useRules();
  await useSearches();
  await useBackups();
  await useVerifier();
  await useAlertFiles();
  await once('auth.lock', {}, session);
  later();
  await once('auth.unlock', { password: adminPassword, code: console.code(secret) }, session);

  later();
  const first = await once('auth.login', { username: 'mira', password: adminPassword });
  const second = await once('auth.mfa_verify', { token: first.token, code: console.code(secret) });
  const other: Credential = { kind: 'token', token: String(second.token), from: 'bearer' };
  const { items } = await console.call('sessions.list', {}, session);
  const others = items.find(({ current }) => !current);
  await once('sessions.end', { id: others?.id }, session);
  expect((await traced(console, reader, 'auth.session', {}, other)).code).toBe('access/unauthenticated');

  const started = await console.call('imports.start', { name: 'a.log' }, session);
  await once('imports.finish', { id: started.id }, session);
  const cancelled = await console.call('imports.start', { name: 'a.log' }, session);
  await once('imports.cancel', { id: cancelled.id }, session);

  const id = await raiseAlert(console, session, '203.0.113.7');
  const ids = [await raiseAlert(console, session, '203.0.113.8')];
  await once('alerts.acknowledge', { id, note: 'looking' }, session);
  await once('alerts.assign', { id, assignee: null }, session);
  await once('alerts.note', { id, note: 'text' }, session);
  await once('alerts.close', { id, verdict: 'true_positive', note: 'seen' }, session);
  const reopened = await once('alerts.reopen', { id, reason: 'again' }, session);
  await once('alerts.undo', { change_id: reopened.change_id }, session);
  await once('alerts.acknowledge_many', { ids }, session);
  await once('alerts.close_many', { ids, verdict: 'duplicate', note: 'seen' }, session);
  await raiseAlert(console, session, '203.0.113.9');
  const ip = '203.0.113.9';
  const found = { ip, expected: (await console.call('alerts.list', { ip }, session)).items.length };
  await once('alerts.acknowledge_matching', found, session);
  await once('alerts.close_matching', { ...found, verdict: 'duplicate', note: 'seen' }, session);
  await once('auth.logout', {}, session);

  // The enrolment was in signIn; the entries of the wizard, of the console's own keys and of a restored store are in their own tests.
  const { items: enrolled } = await console.call('audit.entries', { event_type: 'mfa_enable' }, reader);
  expect(enrolled.map(({ action }) => action)).toEqual(['auth.mfa_enable']);
  seen.add('auth.mfa_enable');
  expect([...seen].sort()).toEqual(
    declared.filter((name) => !/^(setup|encryption|vault)\.|^backups\.restore$|^retention\.run$/.test(name)).sort(),
  );
});

test('what was refused before it could change anything leaves no entry', { timeout: 60_000 }, async () => {
  await using console = await createTestConsole({
    settings: new Map([
      ['rate_limit.login_requests_per_minute', 1_000],
      ['breach_detection.refused_calls_threshold', 10_000],
    ]),
  });
  const { session } = await console.signIn();
  const reader = await console.createKey(['audit.read'], session);
  for (const operation of declared) {
    const { access } = declarationOf(operation);
    if (access.kind !== 'open') {
      const unknown = await traced(console, reader, operation, {});
      expect(unknown, operation).toMatchObject({ code: 'access/unauthenticated', entries: [] });
    }
    if (access.kind === 'permission') {
      const foreign = await traced(console, reader, operation, {}, reader);
      expect(foreign, operation).toMatchObject({ code: 'access/forbidden', entries: [] });
      const misfit = await traced(console, reader, operation, { nonsense: 1 }, session);
      expect(misfit, operation).toMatchObject({ code: 'request/invalid', entries: [] });
    }
  }
  const missing = await traced(console, reader, 'alerts.acknowledge', { id: randomUUID() }, session);
  expect(missing).toMatchObject({ code: 'alerts/not-found', entries: [] });
});

test('a refusal that is recorded says so, and holds nothing that was typed', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const reader = await console.createKey(['audit.read'], session);
  const login = await traced(console, reader, 'auth.login', { username: 'mira', password: 'a wrong passphrase' });
  expect(login).toMatchObject({
    code: 'access/credentials',
    entries: [{ event_type: 'login', action: 'auth.login', success: false }],
  });
  const narrow = await console.createKey(['keys.manage'], session);
  const beyond = await traced(console, reader, 'keys.create', { name: 'x', scopes: ['events.read'] }, narrow);
  expect(beyond).toMatchObject({ code: 'access/key-scope', entries: [{ event_type: 'key_create', success: false }] });
  const { items } = await console.call('audit.entries', { limit: 500 }, reader);
  expect(JSON.stringify(items)).not.toContain('a wrong passphrase');
});

test('a change whose entry can not be written does not happen', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const before = await console.call('keys.list', {}, session);
  // A lone surrogate is refused by the canonical form of the entry; no adapter lets one in.
  const answer = await console.core.dispatch({
    operation: 'keys.create',
    via: 'https',
    origin: { ip: '192.0.2.10', userAgent: 'test' },
    credential: session,
    input: { name: 'whole', scopes: ['events.read'] },
    traceId: 'half \ud800',
  });
  expect(answer).toMatchObject({ kind: 'problem', problem: { status: 500 } });
  expect(await console.call('keys.list', {}, session)).toEqual(before);
});

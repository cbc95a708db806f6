// Evidence by framework and control: what is listed, what is exported, what the signed filter says of it, and what is refused.
import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { askedOf } from '../../../src-main/core/features/bundles/selection.ts';
import type { CallInput } from '../../../src-shared/contract/contract.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';

async function exported(console: TestConsole, as: Credential, input: CallInput<'audit.export'>) {
  const text = await console.call('audit.export', input, as);
  const { verifier_key } = await console.call('audit.public_key', {}, as);
  const verdict = verifyBundle(nodePrimitives, Buffer.from(text), { trustedKeys: [verifier_key] });
  const { entries } = JSON.parse(text) as { entries: { leaf: { event_type: string; seq: number } }[] };
  return {
    verdict,
    types: new Set(entries.map(({ leaf }) => leaf.event_type)),
    seqs: entries.map(({ leaf }) => leaf.seq),
  };
}

test('lists the catalogue, all of it or one framework', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const all = await console.call('frameworks.list', {}, session);
  expect(all.frameworks.map(({ id }) => id)).toEqual(['ccpa', 'gdpr', 'hipaa', 'iso27001', 'pci-dss', 'soc2']);
  const soc2 = all.frameworks.find(({ id }) => id === 'soc2');
  expect(await console.call('frameworks.list', { framework: 'SOC2' }, session)).toEqual({ ...all, frameworks: [soc2] });
  const access = soc2?.sections.find(({ ref }) => ref === 'CC6');
  expect(access?.controls.find(({ ref }) => ref === 'CC6.2')).toEqual({
    ref: 'CC6.2',
    title: 'Users are registered and authorised before they get credentials, and lose them when access ends',
    evidence: ['accounts', 'second_factor', 'sign_in'],
    event_types: [
      'console_lock',
      'console_unlock',
      'key_create',
      'key_revoke',
      'login',
      'logout',
      'mfa_enable',
      'mfa_verify',
      'recovery_code_used',
      'session_end',
      'user_create',
    ],
    no_evidence: null,
  });
  expect(access?.event_types).toEqual(expect.arrayContaining(['alert_raised', 'login', 'audit_export']));
  expect(all.evidence.find(({ id }) => id === 'vault')).toEqual({
    id: 'vault',
    title: 'The vault locked and unlocked',
    event_types: ['vault_lock', 'vault_unlock'],
  });
  await expect(console.call('frameworks.list', { framework: 'soc' }, session)).rejects.toMatchObject({
    problem: { code: 'request/invalid', detail: expect.stringContaining('did you mean soc2?') },
  });
});

test('a bundle for a control holds what is evidence for it, and its filter says so to whoever knows no catalogue', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  await console.createKey(['events.read'], session);
  const { frameworks } = await console.call('frameworks.list', { framework: 'soc2' }, session);
  const control = frameworks[0]?.sections.flatMap(({ controls }) => controls).find(({ ref }) => ref === 'CC6.2');
  const input = { framework: 'soc2', control: 'cc6.2' };
  const counted = await console.call('bundles.count', input, session);
  const listed = await console.call('audit.entries', { ...input, limit: 500 }, session);
  const { verdict, types, seqs } = await exported(console, session, { ...input, reason: 'audit' });
  expect(verdict.verdict).toBe('VERIFIED WITH LIMITS');
  expect(verdict.manifest?.filter).toEqual({
    framework: 'soc2',
    control: 'CC6.2',
    catalogue_version: 1,
    event_types: control?.event_types,
    workspace: 'default',
  });
  expect([...types].every((type) => control?.event_types.includes(type))).toBe(true);
  expect([...types]).toEqual(expect.arrayContaining(['login', 'mfa_verify', 'key_create']));
  expect(types.has('setup')).toBe(false);
  expect(counted).toEqual({ entries: seqs.length, from_seq: seqs[0], to_seq: seqs.at(-1) });
  expect(listed.items.map(({ seq }) => seq)).toEqual(seqs.toReversed());
  const { items } = await console.call('audit.entries', { event_type: 'audit_export' }, session);
  expect(items[0]?.details).toMatchObject({ filter: { framework: 'soc2', control: 'CC6.2', catalogue_version: 1 } });
});

test('a section, a framework, and other conditions beside them', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  await console.createKey(['events.read'], session);
  const section = await exported(console, session, { framework: 'soc2', control: 'CC6' });
  expect(section.verdict.manifest?.filter).toMatchObject({ control: 'CC6' });
  const framework = await exported(console, session, { framework: 'iso27001' });
  expect(Object.keys(framework.verdict.manifest?.filter ?? {}).sort()).toEqual([
    'catalogue_version',
    'event_types',
    'framework',
    'workspace',
  ]);
  expect(framework.seqs.length).toBeGreaterThan(0);
  const one = await exported(console, session, { framework: 'soc2', control: 'CC6.2', event_type: 'key_create' });
  expect([...one.types]).toEqual(['key_create']);
  expect(one.verdict.manifest?.filter).toMatchObject({ event_type: 'key_create', framework: 'soc2' });
  const redacted = await exported(console, session, { framework: 'soc2', control: 'CC6.2', redact: 'people' });
  expect(redacted.verdict.verdict).toBe('VERIFIED WITH LIMITS');
  expect(await console.call('bundles.count', { framework: 'gdpr', control: 'Article 17' }, session)).toEqual({
    entries: 0,
    from_seq: null,
    to_seq: null,
  });
  const all = await console.call('bundles.count', {}, session);
  expect(all).toEqual({ entries: all.to_seq, from_seq: 1, to_seq: expect.any(Number) });
  expect(await console.call('bundles.count', { from_seq: 3, to_seq: 5 }, session)).toEqual({
    entries: 3,
    from_seq: 3,
    to_seq: 5,
  });
});

test('pages of the list by framework follow on each other without a gap', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  for (let n = 0; n < 9; n++) await console.createKey(['events.read'], session);
  const input = { framework: 'soc2', control: 'CC6.2' };
  const whole = await console.call('audit.entries', { ...input, limit: 500 }, session);
  const seqs: number[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await console.call('audit.entries', { ...input, limit: 4, ...(cursor && { cursor }) }, session);
    seqs.push(...page.items.map(({ seq }) => seq));
    if (page.next_cursor === null) break;
    cursor = page.next_cursor;
  }
  expect(seqs.length).toBeGreaterThan(9);
  expect(seqs).toEqual(whole.items.map(({ seq }) => seq));
  const made = await console.call('audit.entries', { ...input, event_type: 'key_create', actor: 'mira' }, session);
  expect(made.items).toHaveLength(9);
});

test('an incident is what entries are about', async () => {
  const none = (): never => {
    throw new Error('no framework was asked for');
  };
  const incident = '0199a3f2-0000-7000-8000-000000000001';
  expect(askedOf({ incident, reason: 'handover' }, none)).toEqual(
    askedOf({ resource_type: 'incident', resource_id: incident, reason: 'handover' }, none),
  );
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  expect(await console.call('bundles.count', { incident }, session)).toMatchObject({ entries: 0 });
  await expect(console.call('audit.export', { incident }, session)).rejects.toMatchObject({
    problem: { code: 'audit/range' },
  });
  await expect(console.call('audit.export', { incident, redact: 'people' }, session)).rejects.toMatchObject({
    problem: { code: 'audit/range' },
  });
});

test.each([
  [{ framework: 'soc2', control: 'CC1.1' }, 'frameworks/no-evidence', 'attach the policy, minutes or decision'],
  [{ framework: 'soc3' }, 'request/invalid', 'did you mean soc2?'],
  [{ framework: 'gdpr', control: '32(1)(e)' }, 'request/invalid', 'did you mean 32(1)('],
  [{ control: 'CC6.1' }, 'request/invalid', 'control: say with framework'],
  [{ framework: 'soc2', control: 'CC6.1', event_type: 'backup_create' }, 'request/invalid', 'leave out one of them'],
  [{ incident: 'a', resource_type: 'alert' }, 'request/invalid', 'incident: it says already'],
  [{ incident: 'INC-12', redact: 'people' as const }, 'request/invalid', 'redact'],
])('refuses %j', async (input, code, said) => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  for (const operation of ['audit.export', 'bundles.start'] as const) {
    const refusal = console.call(operation, input, session);
    if (said === 'redact') await expect(refusal).rejects.toMatchObject({ problem: { code } });
    else await expect(refusal).rejects.toMatchObject({ problem: { code, detail: expect.stringContaining(said) } });
  }
});

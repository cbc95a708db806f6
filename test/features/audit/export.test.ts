// Bundles and checkpoints through dispatch: whole and filtered exports that verify offline, and the times at which the log is signed.
import { expect, test } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import type { CallInput } from '../../../src-shared/contract/contract.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';
import { openStoreOf } from './open-store.ts';

async function exported(console: TestConsole, as: Credential, input: CallInput<'audit.export'>) {
  const { verifier_key } = await console.call('audit.public_key', {}, as);
  const text = await console.call('audit.export', input, as);
  const bytes = Buffer.from(text, 'utf8');
  const bundle = JSON.parse(text) as {
    dsse: { payload: string };
    entries: { leaf: { seq: number; event_type: string }; open: Record<string, unknown> }[];
  };
  return {
    text,
    manifest: JSON.parse(Buffer.from(bundle.dsse.payload, 'base64').toString('utf8')) as Record<string, unknown>,
    entries: bundle.entries.map(({ leaf }) => leaf),
    entriesOpen: bundle.entries.map(({ open }) => Object.keys(open)),
    verify: (trustedKeys = [verifier_key], altered: Uint8Array = bytes) =>
      verifyBundle(nodePrimitives, altered, { trustedKeys, checkpoints: [] }),
  };
}

test('the whole log, a range and a filter verify offline, and a changed byte does not', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  for (let n = 0; n < 6; n++) {
    await console.createKey(['events.read'], session);
    await console.send('auth.login', { username: 'nobody', password: 'wrong' });
  }
  const { size } = await console.call('audit.status', {}, session);

  const whole = await exported(console, session, {});
  expect(whole.entries.map(({ seq }) => seq)).toEqual(Array.from({ length: size }, (_, index) => index + 1));
  expect(whole.verify().verdict).toBe('VERIFIED');
  expect(whole.verify([]).verdict).toBe('VERIFIED WITH LIMITS');

  const range = await exported(console, session, { from_seq: 3, to_seq: 5, reason: 'audit 2026' });
  expect(range.entries.map(({ seq }) => seq)).toEqual([3, 4, 5]);
  expect(range.verify().verdict).toBe('VERIFIED');
  expect(range.manifest).toMatchObject({ reason: 'audit 2026', range: { from: 3, to: 5 }, filter: null });

  const filtered = await exported(console, session, { event_type: 'key_create' });
  expect(new Set(filtered.entries.map(({ event_type }) => event_type))).toEqual(new Set(['key_create']));
  expect(filtered.entries).toHaveLength(6);
  expect(filtered.manifest).toMatchObject({ filter: { event_type: 'key_create' }, counts: { entries: 6 } });
  expect(filtered.verify().verdict).toBe('VERIFIED WITH LIMITS');

  const altered = Buffer.from(whole.text.replace('"key_create"', '"key_revoke"'));
  expect(whole.verify(undefined, altered).verdict).toBe('NOT VERIFIED');

  const { items } = await console.call('audit.entries', { event_type: 'audit_export' }, session);
  expect(items.map(({ details }) => details)).toEqual([
    expect.objectContaining({ entries: 6, whole_range: false }),
    {
      from_seq: 3,
      to_seq: 5,
      entries: 3,
      whole_range: true,
      filter: null,
      checkpoint_size: expect.any(Number),
      root_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      content_digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      size_bytes: Buffer.byteLength(range.text),
      attachments: [],
      redacted: 'nothing',
      reason: 'audit 2026',
    },
    expect.objectContaining({ from_seq: 1, to_seq: size, entries: size, whole_range: true, reason: '' }),
  ]);
});

test('a range without entries is refused and leaves no entry', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const { size } = await console.call('audit.status', {}, session);
  await expect(console.call('audit.export', { from_seq: 100_000 }, session)).rejects.toMatchObject({
    problem: { code: 'audit/range', status: 422, detail: 'no entries match; widen the range or the filter' },
  });
  await expect(console.call('audit.export', { actor: 'nobody' }, session)).rejects.toMatchObject({
    problem: { code: 'audit/range' },
  });
  expect((await console.call('audit.status', {}, session)).size).toBe(size);
});

test('the log is signed a minute after new entries, on demand, not twice, and once more at the stop', async () => {
  const console = await createTestConsole();
  const { session } = await console.signIn();
  const before = await console.call('audit.status', {}, session);
  expect(before.checkpoint).toBeNull();
  console.host.advance(60_000);
  const signed = await console.call('audit.status', {}, session);
  expect(signed.checkpoint).toMatchObject({ size: before.size, signed_at: '2026-11-21T14:01:00.000Z' });
  console.host.advance(60_000);
  expect((await console.call('audit.status', {}, session)).checkpoint).toEqual(signed.checkpoint);

  await console.createKey(['events.read'], session);
  const asked = await console.call('audit.checkpoint', {}, session);
  const after = await console.call('audit.status', {}, session);
  expect(asked.size).toBe(after.size);
  expect(asked.note).toContain(`${after.origin}\n${after.size}\n`);
  expect(await console.call('audit.checkpoint', {}, session)).toEqual(asked);

  const { folder } = console;
  await console.core.stop();
  using database = openStoreOf(folder, new Uint8Array(32).fill(5));
  const last = database.get('SELECT max(size) AS size FROM audit_checkpoint');
  const entry = database.get('SELECT seq, event_type FROM audit_body ORDER BY seq DESC LIMIT 1');
  expect(entry).toMatchObject({ event_type: 'service_stop' });
  expect(last?.size).toBe(entry?.seq);
});

test('entries come in pages, newest first, by filter, with the leaf that the tree holds', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  for (let n = 0; n < 20; n++) await console.createKey(['events.read'], session);
  const seen: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await console.call(
      'audit.entries',
      { limit: 7, ...(cursor === undefined ? {} : { cursor }) },
      session,
    );
    seen.push(...page.items.map(({ seq }) => seq));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  const { size } = await console.call('audit.status', {}, session);
  expect(seen).toEqual(Array.from({ length: size }, (_, index) => size - index));
  const keys = await console.call('audit.entries', { event_type: 'key_create', limit: 500 }, session);
  expect(keys.items).toHaveLength(20);
  const first = keys.items[0];
  expect(first?.leaf_hash).toBe(
    Buffer.from(nodePrimitives.sha256(Buffer.concat([Buffer.from([0]), Buffer.from(first?.canonical ?? '')]))).toString(
      'hex',
    ),
  );
  for (const bad of ['0', '-1', 'x', '1.5']) {
    await expect(console.call('audit.entries', { cursor: bad }, session)).rejects.toMatchObject({
      problem: { code: 'request/invalid' },
    });
  }
});

test('fields can be kept back: the bundle verifies, says how many, and holds none of them', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  await console.createKey(['events.read'], session);
  const open = await exported(console, session, {});
  const people = await exported(console, session, { redact: 'people', reason: 'for the auditor' });
  const all = await exported(console, session, { redact: 'all' });

  expect(open.manifest).toMatchObject({ counts: { redacted_fields: 0 } });
  expect(open.entriesOpen.some((paths) => paths.includes('actor'))).toBe(true);
  expect(people.verify().verdict).toBe('VERIFIED');
  for (const path of ['actor', 'ip_address', 'user_agent', 'session_id', 'details.username']) {
    expect(people.entriesOpen.flat()).not.toContain(path);
  }
  expect(people.entriesOpen.flat()).toContain('resource');
  expect(all.verify().verdict).toBe('VERIFIED');
  expect(all.entriesOpen.flat()).toEqual([]);
  const counts = all.manifest.counts as { entries: number; redacted_fields: number };
  expect(counts.redacted_fields).toBeGreaterThan(counts.entries);
  // The redaction itself is on record.
  const { items } = await console.call('audit.entries', { event_type: 'audit_export' }, session);
  expect(items.map(({ details }) => details.redacted)).toEqual(['all', 'people', 'nothing']);
});

test('a filter that names whom the redaction keeps back is refused', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  for (const filter of [{ actor: 'mira' }, { session_id: 's-1' }]) {
    await expect(console.call('audit.export', { ...filter, redact: 'people' }, session)).rejects.toMatchObject({
      problem: { code: 'request/invalid' },
    });
  }
});
